import dns from 'node:dns'
import net from 'node:net'

type Connect = (this: net.Socket, ...args: unknown[]) => net.Socket
type Lookup = (
  host: string,
  options: unknown,
  done: (error: Error | null, ...rest: unknown[]) => void,
) => void

export interface Connections {
  /** Attempts to connect to a port of loopback, or to look up a host that has no address, since the last `clear`. */
  count(): number
  clear(): void
  stop(): void
}

/** Counts what an SDK tries below HTTP, and keeps it from asking any name server. */
export function watchConnections(): Connections {
  let attempts = 0
  const prototype = net.Socket.prototype as unknown as { connect: Connect }
  const names = dns as unknown as { lookup: Lookup }
  const { connect } = prototype
  const { lookup } = names
  prototype.connect = function counting(...args) {
    attempts += 1
    return connect.apply(this, args)
  }
  names.lookup = (host, options, done) => {
    if (net.isIP(host) !== 0) {
      lookup(host, options, done)
      return
    }
    const answer = (typeof options === 'function' ? options : done) as typeof done
    const error = new Error(`getaddrinfo ENOTFOUND ${host}`)
    process.nextTick(
      answer,
      Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host }),
    )
  }
  return {
    count: () => attempts,
    clear: () => {
      attempts = 0
    },
    stop: () => {
      prototype.connect = connect
      names.lookup = lookup
    },
  }
}
