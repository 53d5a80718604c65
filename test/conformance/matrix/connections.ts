import dns from 'node:dns'
import net from 'node:net'

type Connect = (this: net.Socket, ...args: unknown[]) => net.Socket
type Lookup = (
  host: string,
  options: unknown,
  done: (error: Error | null, ...rest: unknown[]) => void,
) => void

export interface Connections {
  /** Attempts to connect to the host and port of a URL, or to look its host up beforehand, since the last `clear`. */
  count(url: string): number
  clear(): void
  stop(): void
}

/** Counts what an SDK tries below HTTP, and keeps it from asking any name server. */
export function watchConnections(): Connections {
  let attempts: Address[] = []
  const prototype = net.Socket.prototype as unknown as { connect: Connect }
  const names = dns as unknown as { lookup: Lookup }
  const { connect } = prototype
  const { lookup } = names
  prototype.connect = function counting(...args) {
    attempts.push(addressIn(args))
    return connect.apply(this, args)
  }
  const { lookup: lookUp, resolveTxt } = dns.promises
  Object.assign(dns.promises, {
    lookup: async (host: string, options: dns.LookupAllOptions) => {
      if (net.isIP(host) !== 0) return lookUp(host, options)
      attempts.push({ host })
      throw notFound(host)
    },
    resolveTxt: async (host: string) => {
      throw notFound(host)
    },
  })
  names.lookup = (host, options, done) => {
    if (net.isIP(host) !== 0) {
      lookup(host, options, done)
      return
    }
    const answer = (typeof options === 'function' ? options : done) as typeof done
    process.nextTick(answer, notFound(host))
  }
  return {
    count: (url) => {
      const { hostname, port } = new URL(url)
      const wanted = port === '' ? 443 : Number(port)
      return attempts.filter((each) => each.host === hostname && (each.port ?? wanted) === wanted).length
    },
    clear: () => {
      attempts = []
    },
    stop: () => {
      prototype.connect = connect
      names.lookup = lookup
      Object.assign(dns.promises, { lookup: lookUp, resolveTxt })
    },
  }
}

interface Address {
  readonly host: string
  readonly port?: number
}

/** Of the arguments of `connect`, which may come in a list. */
function addressIn(args: readonly unknown[]): Address {
  const [first, second] = args.flat()
  const { host = 'localhost', port = 0 } =
    typeof first === 'object' && first !== null
      ? (first as { readonly host?: string; readonly port?: number | string })
      : { host: String(second), port: Number(first) }
  return { host, port: Number(port) }
}

function notFound(host: string): Error {
  const error = new Error(`getaddrinfo ENOTFOUND ${host}`)
  return Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host })
}
