import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { type Emulator, type Service, startEmulator } from 'strongroom/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

/** Answers with what arrived: the method and the body. */
const echo: Service = {
  name: 'echo',
  operation: (request) => request.method,
  isRead: () => false,
  handle: ({ method, path, body }) => ({ status: 200, body: `<${method} ${path} ${body.toString('utf8')}>` }),
  failure: () => ({ status: 500 }),
  seed: () => {},
  connect: () => ({ env: {}, storeUrl: 'echo:' }),
}

let emulator: Emulator
let socket: Socket
let said: string
beforeEach(async () => {
  emulator = await startEmulator(echo, { listVerbs: true })
  socket = connect(Number(new URL(emulator.url).port), '127.0.0.1')
  await once(socket, 'connect')
  said = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
})
afterEach(() => emulator.close())

const head = (verb: string, more = ''): string => `${verb} /a HTTP/1.1\r\nhost: x\r\n${more}\r\n`
const withBody = (verb: string, body: string): string =>
  head(verb, `content-length: ${Buffer.byteLength(body)}\r\n`) + body
const inChunks = (verb: string, ...parts: string[]): string =>
  head(verb, 'transfer-encoding: chunked\r\n') +
  parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join('') +
  '0\r\n\r\n'
const echoes = (): string[] => said.match(/<[\s\S]*?>/g) ?? []
const until = async (count: number): Promise<string[]> => {
  while (echoes().length < count) await once(socket, 'data')
  return echoes()
}

describe('LIST and SCAN', () => {
  test.each(['LIST', 'SCAN', 'GET', 'PATCH', 'LOCK'])('%s arrives as it was sent', async (verb) => {
    socket.write(head(verb))
    expect(await until(1)).toEqual([`<${verb} /a >`])
    expect(emulator.calls).toEqual({ [verb]: 1 })
  })

  test('on one kept connection, after each other', async () => {
    for (const [i, verb] of ['LIST', 'GET', 'LIST', 'SCAN'].entries()) {
      socket.write(head(verb))
      expect((await until(i + 1)).at(-1)).toBe(`<${verb} /a >`)
    }
  })

  test('pipelined, in one write', async () => {
    socket.write(head('LIST') + withBody('POST', 'b') + head('LIST') + inChunks('PUT', 'c') + head('SCAN'))
    expect(await until(5)).toEqual(['<LIST /a >', '<POST /a b>', '<LIST /a >', '<PUT /a c>', '<SCAN /a >'])
  })

  test.each(['LIST ', 'LIST /b HTTP/1.1\r\nhost: x\r\n\r\n', '\r\nLIST /b HTTP/1.1\r\n\r\n', 'LINK /b'])(
    'a body that says %j stays a body',
    async (body) => {
      socket.write(withBody('POST', body) + inChunks('PUT', body, body) + head('LIST'))
      expect(await until(3)).toEqual([`<POST /a ${body}>`, `<PUT /a ${body}${body}>`, '<LIST /a >'])
    },
  )

  test('chunks with extensions and trailers end where they end', async () => {
    socket.write(
      `${head('PUT', 'Transfer-Encoding: Chunked\r\n')}5;LIST=1\r\nLIST \r\n0\r\nx-trailer: LIST \r\n\r\n${head('LIST')}`,
    )
    expect(await until(2)).toEqual(['<PUT /a LIST >', '<LIST /a >'])
  })

  test.each(['LINK', 'BIND'])(
    '%s, under which they travel, cannot be sent to pass for them',
    async (verb) => {
      socket.write(head(verb) + head('GET'))
      expect(await until(2)).toEqual(['<LOCK /a >', '<GET /a >'])
    },
  )

  test.each(['list', 'LISTS', 'LIS', 'XLIST'])('%s is no verb, and ends the connection', async (verb) => {
    socket.write(head(verb))
    await once(socket, 'close')
    expect(said).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('wherever the bytes are cut', async () => {
    const requests = [
      head('LIST'),
      withBody('POST', 'LIST /x\r\n\r\n'),
      inChunks('PUT', 'LIST ', 'SCAN '),
      `\r\n${head('SCAN')}`,
      withBody('LIST', 'LIST '),
    ]
    const whole = requests.join('')
    const expected = ['LIST /a ', 'POST /a LIST /x\r\n\r\n', 'PUT /a LIST SCAN ', 'SCAN /a ', 'LIST /a LIST ']
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(whole.length), { maxLength: 40 }), async (cuts) => {
        const own = connect(Number(new URL(emulator.url).port), '127.0.0.1').setNoDelay()
        let text = ''
        own.setEncoding('utf8').on('data', (more: string) => {
          text += more
        })
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length]
        for (const [i, place] of places.entries()) {
          own.write(whole.slice(place, places[i + 1]))
          await new Promise(setImmediate)
        }
        while ((text.match(/<[\s\S]*?>/g) ?? []).length < requests.length) await once(own, 'data')
        own.destroy()
        expect(text.match(/(?<=<)[\s\S]*?(?=>)/g)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('a large body passes, and a client that hangs up in the middle leaves the rest at work', async () => {
    const body = 'LIST '.repeat(200_000)
    socket.write(withBody('POST', body) + head('LIST'))
    const [first, second] = await until(2)
    expect([first?.length, second]).toEqual([body.length + '<POST /a >'.length, '<LIST /a >'])
    socket.write(head('POST', 'content-length: 100\r\n'))
    socket.destroy()
    const answer = await fetch(`${emulator.url}/b`, { method: 'POST', body: 'x' })
    expect(await answer.text()).toBe('<POST /b x>')
  })

  test('over TLS too', async () => {
    await emulator.close()
    emulator = await startEmulator(echo, { listVerbs: true, secure: true })
    const { readFileSync } = await import('node:fs')
    const { request: secureRequest } = await import('node:https')
    const ca = readFileSync(emulator.caFile ?? '', 'utf8')
    const outgoing = secureRequest(`${emulator.url}/b`, { method: 'LIST', ca }).end()
    const [answer] = await once(outgoing, 'response')
    answer.setEncoding('utf8')
    expect((await once(answer, 'data'))[0]).toBe('<LIST /b >')
  })

  test('a service that did not ask for them does not get them', async () => {
    const plain = await startEmulator(echo)
    const outgoing = request(plain.url, { method: 'LIST' }).end()
    const [answer] = await once(outgoing, 'response')
    expect(answer.statusCode).toBe(400)
    await plain.close()
  })
})
