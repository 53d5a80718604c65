import { Duplex } from 'node:stream'

/**
 * Verbs that Node's parser of HTTP refuses go in under another of the same length that it knows. Nothing marks such a
 * request: a client that sends a stand-in itself is taken to send `LOCK`, so that none can be forged.
 */
const standIns: ReadonlyMap<string, string> = new Map([
  ['LIST', 'LINK'],
  ['SCAN', 'BIND'],
])
const rewritten: ReadonlyMap<string, string> = new Map([
  ...standIns,
  ...[...standIns.values()].map((standIn) => [standIn, 'LOCK'] as const),
])
const verbLength = 4
const maxLineLength = 64 * 1024

/** The verb that a client sent, given the one that was parsed. */
export function sentVerb(parsed: string): string {
  for (const [verb, standIn] of standIns) if (standIn === parsed) return verb
  return parsed
}

/** A socket for an HTTP server, on which the verbs that the server cannot parse have their stand-ins. */
export function verbFront(socket: Duplex): Duplex {
  const rewrite = createVerbRewriter()
  const front = new Duplex({
    read: () => {
      socket.resume()
    },
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(chunk, done)
    },
    final: (done) => {
      socket.end(done)
    },
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk: Buffer) => {
    const bytes = rewrite(chunk)
    if (bytes.length > 0 && !front.push(bytes)) socket.pause()
  })
  socket.on('end', () => front.push(null))
  socket.on('error', () => front.destroy())
  socket.on('close', () => front.destroy())
  return front
}

/** Where the next byte of a connection belongs. `opaque`: not to be followed any more. */
type Place = 'verb' | 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'opaque'

/**
 * Follows one connection as far as it takes to know where a request begins: through heads, bodies of a length, and
 * bodies in chunks. What it cannot follow it passes on unchanged from there; the parser behind it refuses that.
 */
export function createVerbRewriter(): (chunk: Buffer) => Buffer {
  let place: Place = 'verb'
  let text = ''
  let left = 0
  let isChunked = false

  const go = (to: Place): void => {
    place = to
    text = ''
    if (to === 'verb') {
      left = 0
      isChunked = false
    }
  }
  const endLine = (line: string): void => {
    if (place === 'head') {
      if (line === '') go(isChunked ? 'chunk-size' : left > 0 ? 'body' : 'verb')
      else readHeader(line)
    } else if (place === 'chunk-size') {
      left = /^[0-9a-f]{1,8}\s*(;.*)?$/i.test(line) ? Number.parseInt(line, 16) : Number.NaN
      go(Number.isNaN(left) ? 'opaque' : left === 0 ? 'trailer' : 'chunk')
    } else if (place === 'chunk-end') go(line === '' ? 'chunk-size' : 'opaque')
    else if (line === '') go('verb')
    text = ''
  }
  const readHeader = (line: string): void => {
    const [, name = '', value = ''] = /^([^:\s]+):\s*(.*?)\s*$/.exec(line) ?? []
    if (name.toLowerCase() === 'content-length') left = Number(value)
    if (name.toLowerCase() === 'transfer-encoding') isChunked = /\bchunked$/i.test(value)
    if (name.toLowerCase() === 'upgrade' || !Number.isSafeInteger(left)) go('opaque')
  }
  /** The verb goes on once it is whole, or cannot be one that is rewritten. */
  const readVerb = (character: string): string => {
    if (text === '' && (character === '\r' || character === '\n')) return character
    text += character
    if (character !== ' ' && text.length <= verbLength) return ''
    const verb = text.slice(0, -1)
    const sent = `${(character === ' ' ? rewritten.get(verb) : undefined) ?? verb}${character}`
    go('head')
    return sent
  }
  return (chunk) => {
    const out: Buffer[] = []
    let i = 0
    while (i < chunk.length) {
      if (place === 'opaque') {
        out.push(chunk.subarray(i))
        break
      }
      if (place === 'body' || place === 'chunk') {
        const bytes = chunk.subarray(i, i + left)
        out.push(bytes)
        i += bytes.length
        left -= bytes.length
        if (left === 0) go(place === 'body' ? 'verb' : 'chunk-end')
        continue
      }
      if (place === 'verb') {
        out.push(Buffer.from(readVerb(chunk.toString('latin1', i, i + 1)), 'latin1'))
        i += 1
        continue
      }
      const newline = chunk.indexOf('\n', i)
      const end = newline < 0 ? chunk.length : newline + 1
      out.push(chunk.subarray(i, end))
      text += chunk.toString('latin1', i, newline < 0 ? end : newline)
      i = end
      if (newline >= 0) endLine(text.replace(/\r$/, ''))
      if (text.length > maxLineLength) go('opaque')
    }
    return Buffer.concat(out)
  }
}
