// The least that a client does, so that its own cost is small beside a server's: the same bytes over kept connections, one
// request at a time on each, on bare sockets.
import { once } from 'node:events'
import { connect } from 'node:net'

/** @typedef {{ url: string, headers: Record<string, string>, body: string }} Load */

/**
 * @param {Load} load
 * @param {number} count
 * @param {{ connections: number, perSecond?: number }} options `perSecond` holds the rate down, so that two servers of
 *   unlike speed are woken as often: a wake-up costs more than a small request. Default: as fast as it goes.
 * @returns {Promise<number>} requests a second
 */
export async function send(load, count, { connections, perSecond = Number.POSITIVE_INFINITY }) {
  const { hostname, port, host } = new URL(load.url)
  const bytes = bytesOf(load, host)
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      await once(socket, 'connect')
      return socket
    }),
  )
  let left = count
  const since = performance.now()
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve, reject) => {
          let received = Buffer.alloc(0)
          const next = () => {
            if (left <= 0) return resolve(undefined)
            const dueMs = since + ((count - left) * 1_000) / perSecond
            left -= 1
            const earlyMs = dueMs - performance.now()
            if (earlyMs < 1) socket.write(bytes)
            else setTimeout(() => socket.write(bytes), earlyMs)
          }
          socket.on('error', reject)
          socket.on('close', () => reject(new Error('bench: the server ended the connection')))
          socket.on('data', (chunk) => {
            received = received.byteLength === 0 ? chunk : Buffer.concat([received, chunk])
            const length = lengthOf(received)
            if (length === undefined || received.byteLength < length) return
            if (received.toString('latin1', 9, 12) !== '200') {
              reject(new Error(`bench: ${received.toString('latin1', 0, 300)}`))
              return
            }
            received = received.subarray(length)
            next()
          })
          next()
        }),
    ),
  )
  const seconds = (performance.now() - since) / 1_000
  for (const socket of sockets) socket.removeAllListeners('close').destroy()
  return count / seconds
}

/**
 * @param {Load} load
 * @param {string} host
 */
function bytesOf({ headers, body }, host) {
  const own = {
    ...headers,
    host,
    connection: 'keep-alive',
    'content-length': String(Buffer.byteLength(body)),
  }
  const lines = Object.entries(own).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

/**
 * Of a whole answer; `undefined` until its head has arrived.
 *
 * @param {Buffer} received
 */
function lengthOf(received) {
  const head = received.indexOf('\r\n\r\n')
  if (head === -1) return undefined
  const length = received.toString('latin1', 0, head).match(/\r\ncontent-length: *(\d+)/i)?.[1]
  if (length === undefined) throw new Error('bench: the answer does not say its length')
  return head + 4 + Number(length)
}
