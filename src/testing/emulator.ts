import { join } from 'node:path'
import { createCallCounter } from './calls.js'
import { type Clock, createClock } from './clock.js'
import { answerControl } from './control.js'
import { createFaults, type FaultRule, type Faults } from './faults.js'
import { type EmulatorReply, type EmulatorRequest, type Listener, listen } from './server.js'
import { openState, type StateDump, type Transaction } from './state.js'

/** What a service works with during one request. Everything it changes is one step: all of it, or none. */
export interface ServiceContext extends Transaction {
  /** Milliseconds since the epoch on the emulator's clock, the same throughout the request. */
  readonly now: number
  /** A fault asks a listing for an empty page with a token; where nothing is listed it changes nothing. */
  readonly emptyPage: boolean
}

/** An error that a fault rule, or a fault of the emulator itself, asks the service to put into its own words. */
export interface Failure {
  readonly operation: string
  readonly error?: string
  readonly status?: number
  readonly message?: string
  readonly retryAfterMs?: number
}

export interface EmulatorUrls {
  readonly url: string
  readonly httpUrl?: string
  readonly restUrl?: string
  readonly caFile?: string
}

/** Thrown by a service: the reply is answered, and nothing that the request changed stays. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reply: EmulatorReply

  constructor(reply: EmulatorReply) {
    super(`refused with status ${reply.status}`)
    this.reply = reply
  }
}

/** What the author of an emulator writes. Without sockets, time or files: those are the kit's. */
export interface Service {
  readonly name: string
  /** What a request is called in `calls` and `faults`; `undefined` for what is no operation, such as a challenge. */
  operation(request: EmulatorRequest, context: ServiceContext): string | undefined
  /** Whether an operation only reads, so that a lag may show it the past. */
  isRead(operation: string, request: EmulatorRequest): boolean
  /**
   * Answers a request, errors of the service included. Synchronous: no other request comes between.
   *
   * @throws {Refusal} to answer with an error and take back what was changed. Anything else thrown is a fault of the
   * emulator: it is reported, and answered as `failure` without a code.
   */
  handle(request: EmulatorRequest, context: ServiceContext): EmulatorReply
  /** A failure as the service would send it; a status of 500 where the failure names neither error nor status. */
  failure(request: EmulatorRequest, failure: Failure): EmulatorReply
  /** Stores secrets by name, as a client that puts text, or an object as JSON. Existing ones get a new version. */
  seed(secrets: SeedSecrets, context: ServiceContext): void
  /** The variables that official SDKs read, and the store's URL. */
  connect(urls: EmulatorUrls): { readonly env: Readonly<Record<string, string>>; readonly storeUrl: string }
}

export type SeedSecrets = Readonly<Record<string, string | object>>

export interface EmulatorOptions {
  /** Address to bind. Default `127.0.0.1`; any other lets the network in. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** Folder that keeps the state across runs. Default: memory only. */
  readonly dataDir?: string
  /** Default: a clock of its own on real time. */
  readonly clock?: Clock
  /** Secrets to start with. */
  readonly seed?: SeedSecrets
  /** Told of a fault of the emulator itself, which a client sees as 500. Default: a process warning, without its text. */
  readonly onError?: (error: unknown, operation: string) => void
}

export interface ServiceOptions extends EmulatorOptions {
  /** `url` is HTTPS under a certificate authority in `caFile`, and `httpUrl` is plain HTTP. Default false. */
  readonly secure?: boolean
  /** `url` is the `host:port` of HTTP/2 in plain text, and `restUrl` is plain HTTP/1.1. Default false. */
  readonly http2?: boolean
  /** Runs as a step of its own after each change of the clock. Default: nothing happens until a request. */
  readonly onClock?: (context: ServiceContext) => void
  /** Port of `httpUrl` or `restUrl`. Default: the next after `port`, or a free one. */
  readonly httpPort?: number
  /** `LIST` and `SCAN` arrive as any other method. Default false: Node's parser refuses them. */
  readonly listVerbs?: boolean
}

/** A running emulator. */
export interface Emulator extends EmulatorUrls {
  readonly name: string
  /** What the official SDKs of any language read to find it. */
  readonly env: Readonly<Record<string, string>>
  /** For `openStore`. */
  readonly storeUrl: string
  readonly clock: Clock
  readonly faults: Pick<Faults, 'add' | 'clear'>
  /** Requests that arrived, by operation: a copy. An operation that was never called is absent. */
  readonly calls: Readonly<Record<string, number>>
  readonly state: {
    dump(): StateDump
    /** @throws {TypeError} when the dump is of another service or format. */
    load(dump: StateDump): void
  }
  /** Forgets all state, faults and calls. The clock, which others may share, stays. */
  reset(): void
  seed(secrets: SeedSecrets): void
  /** Ends every connection at once. May be called twice. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Puts a service on a socket.
 *
 * @throws {Error} when the port is taken (`EADDRINUSE`), or the data folder is in use or damaged.
 */
export async function startEmulator(service: Service, options: ServiceOptions = {}): Promise<Emulator> {
  const { dataDir, clock = createClock(), onError = warn(service.name), onClock } = options
  const faults = createFaults()
  const calls = createCallCounter()
  const state = openState({
    service: service.name,
    now: () => clock.now(),
    ...(dataDir === undefined ? {} : { dataDir }),
  })
  let closed = false

  const run = <R>(use: (context: ServiceContext) => R, fault?: FaultRule, isRead = false): R =>
    state.transact(
      (transaction) => use({ ...transaction, now: clock.now(), emptyPage: fault?.emptyPage ?? false }),
      isRead && fault?.lagMs !== undefined ? { lagMs: fault.lagMs } : {},
    )
  const guarded = (request: EmulatorRequest, operation: string, fault?: FaultRule): EmulatorReply => {
    try {
      return run((context) => service.handle(request, context), fault, service.isRead(operation, request))
    } catch (error) {
      if (error instanceof Refusal) return error.reply
      onError(error, operation)
      return service.failure(request, { operation })
    }
  }
  const answer = async (request: EmulatorRequest): Promise<EmulatorReply | 'drop'> => {
    const control = answerControl(request, emulator)
    if (control !== undefined) return control
    const operation = run((context) => service.operation(request, context))
    if (operation === undefined) return guarded(request, '')
    calls.record(operation)
    const fault = faults.take(operation)
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs)
    if (closed || fault?.drop === 'before') return 'drop'
    if (fault?.error !== undefined || fault?.status !== undefined) {
      return service.failure(request, { ...fault, operation })
    }
    const reply = guarded(request, operation, fault)
    return fault?.drop === 'after' ? 'drop' : reply
  }

  const stop = [async () => state.close()]
  if (onClock !== undefined) {
    const stopListening = clock.onChange(() => run(onClock))
    stop.push(async () => stopListening())
  }
  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    for (const step of stop.toReversed()) await step()
  }
  const emulator = {
    name: service.name,
    clock,
    faults,
    get calls() {
      return calls.snapshot()
    },
    state: { dump: () => state.dump(), load: (dump: StateDump) => state.load(dump) },
    reset() {
      state.reset()
      faults.clear()
      calls.clear()
    },
    seed: (secrets: SeedSecrets) => run((context) => service.seed(secrets, context)),
    close,
    [Symbol.asyncDispose]: close,
  }
  try {
    if (options.seed !== undefined) emulator.seed(options.seed)
    const urls = await open(service.name, options, answer, stop)
    return Object.freeze(Object.assign(emulator, urls, service.connect(urls)))
  } catch (error) {
    await close()
    throw error
  }
}

const loopback = /^(127(\.\d+){3}|::1|localhost)$/

type Step = () => Promise<void>

async function open(
  name: string,
  options: ServiceOptions,
  answer: (request: EmulatorRequest) => Promise<EmulatorReply | 'drop'>,
  stop: Step[],
): Promise<EmulatorUrls> {
  const { host = '127.0.0.1', port = 0, secure = false, http2 = false, listVerbs = false } = options
  const nextPort = options.httpPort ?? (port === 0 ? 0 : port + 1)
  if (!loopback.test(host)) {
    process.emitWarning(`the ${name} emulator listens on ${host}: everyone who reaches it reads its secrets`)
  }
  const keep = (listener: Listener): string => {
    stop.push(() => listener.close())
    return listener.url
  }
  if (http2) {
    const { listenHttp2 } = await import('./http2.js')
    return {
      url: keep(await listenHttp2(answer, { host, port })),
      restUrl: keep(await listen(answer, { host, port: nextPort })),
    }
  }
  if (!secure) return { url: keep(await listen(answer, { host, port, listVerbs })) }
  const { openIdentity } = await import('./identity.js')
  const identity = openIdentity(options.dataDir === undefined ? undefined : join(options.dataDir, name))
  stop.push(async () => identity.close())
  return {
    url: keep(await listen(answer, { host, port, listVerbs, tls: identity })),
    httpUrl: keep(await listen(answer, { host, port: nextPort, listVerbs })),
    caFile: identity.caFile,
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())

/** The text of the error is left out: it may quote a document. */
function warn(name: string): (error: unknown, operation: string) => void {
  return (error, operation) => {
    const { name: kind, stack = '', message } = error instanceof Error ? error : new Error()
    const detail = stack.replace(message, '').slice(0, 2_000)
    process.emitWarning(`the ${name} emulator failed by itself in ${operation}: ${kind}`, { detail })
  }
}
