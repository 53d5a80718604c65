import {
  type EmulatorReply,
  type EmulatorRequest,
  Refusal,
  type SeedSecrets,
  type Service,
  type ServiceContext,
} from 'strongroom/testing'
import { failureError, GcpError, type Subject, unauthenticated } from './errors.js'
import type { GcpEvent } from './events.js'
import type { Exchange } from './exchange.js'
import { grpcExchange } from './grpc.js'
import type { Settings, World } from './model.js'
import { consumerOf, parentName } from './names.js'
import { restExchange } from './rest.js'
import { rpcs } from './rpcs.js'
import { createSecret } from './secrets.js'
import { settle } from './timers.js'
import { tokenOf } from './tokens.js'
import { addVersion, maxPayloadBytes } from './versions.js'
import { getSecret } from './world.js'

/** The service over both of its transports, on one state. */
export interface GcpService extends Service {
  /** Brings about what the clock has reached. */
  onClock(context: ServiceContext): void
}

export function gcpService(settings: Settings): GcpService {
  /** When a call arrived, on a clock that no test moves: the time of a deadline is the client's. */
  const arrivals = new WeakMap<EmulatorRequest, number>()

  const inWorld = <R>(context: ServiceContext, run: (world: World) => R): R => {
    const events: GcpEvent[] = []
    const result = run({
      now: context.now,
      emptyPage: context.emptyPage,
      settings,
      secrets: context.collection('secrets'),
      versions: context.collection('versions'),
      payloads: context.collection('payloads'),
      policies: context.collection('policies'),
      timers: context.collection('timers'),
      counters: context.collection('counters'),
      notify: (event) => events.push(event),
    })
    // After the step, which is stored when this turn ends.
    if (events.length > 0) {
      queueMicrotask(() => {
        for (const event of events) settings.onEvent(event)
      })
    }
    return result
  }
  const answer = (request: EmulatorRequest, exchange: Exchange, world: World): EmulatorReply => {
    const { rpc, timeoutMs } = exchange
    checkToken(request, exchange, settings)
    const arrivedAt = arrivals.get(request) ?? settings.uptime()
    if (timeoutMs !== undefined && settings.uptime() - arrivedAt >= timeoutMs) {
      throw new GcpError('DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.')
    }
    // A read may be of the past, in which nothing can be brought about.
    if (!rpc.isRead) settle(world)
    return exchange.answer(rpc.run(world, exchange.read()))
  }
  return {
    name: 'gcp',
    operation(request, context) {
      arrivals.set(request, settings.uptime())
      inWorld(context, settle)
      const exchange = exchangeOf(request)
      return 'rpc' in exchange ? exchange.rpc.name : undefined
    },
    isRead: (operation, request) => isLagging(operation, request),
    handle(request, context) {
      const exchange = exchangeOf(request)
      if (!('rpc' in exchange)) return exchange
      try {
        return inWorld(context, (world) => answer(request, exchange, world))
      } catch (error) {
        if (error instanceof GcpError) throw new Refusal(exchange.refuse(error))
        throw error
      }
    },
    failure(request, failure) {
      const exchange = exchangeOf(request)
      return 'rpc' in exchange
        ? exchange.refuse(failureError(failure, subjectOf(exchange, settings)))
        : { status: 500 }
    },
    onClock: (context) => inWorld(context, settle),
    seed: (secrets, context) => inWorld(context, (world) => seed(secrets, world)),
    connect: ({ url }) => ({
      env: { SECRET_MANAGER_EMULATOR_HOST: url, GOOGLE_CLOUD_PROJECT: settings.projectId },
      storeUrl: `gcp://${settings.projectId}?endpoint=${encodeURIComponent(url)}`,
    }),
  }
}

function exchangeOf(request: EmulatorRequest): Exchange | EmulatorReply {
  return request.httpVersion === '2' ? grpcExchange(request) : restExchange(request)
}

/** Reading a version by its number is strong; `latest`, aliases and everything else may lag. */
function isLagging(operation: string, request: EmulatorRequest): boolean {
  if (operation !== 'AccessSecretVersion') {
    return rpcs.find(({ name }) => name === operation)?.isRead ?? false
  }
  const exchange = exchangeOf(request)
  return !('rpc' in exchange) || !/\/versions\/\d+$/.test(resourceOf(exchange))
}

function checkToken(request: EmulatorRequest, exchange: Exchange, settings: Settings): void {
  const { tokens } = settings
  if (tokens === undefined) return
  const { required = true, accept = () => true } = tokens
  const token = tokenOf(request)
  if (token === undefined ? required : !accept(token)) {
    throw unauthenticated(subjectOf(exchange, settings), token !== undefined)
  }
}

function subjectOf(exchange: Exchange, settings: Settings): Subject {
  const resource = resourceOf(exchange)
  return {
    method: exchange.rpc.name,
    permission: exchange.rpc.permission,
    resource,
    consumer: consumerIn(resource, settings),
  }
}

/** The project of a name, or the emulator's own where the name has none. */
function consumerIn(resource: string, settings: Settings): string {
  try {
    return parentName(settings, consumerOf(resource))
  } catch (error) {
    if (error instanceof GcpError) return parentName(settings, `projects/${settings.projectId}`)
    throw error
  }
}

/** The name that a request is about; empty for a request that cannot be read. */
function resourceOf({ rpc, read }: Exchange): string {
  try {
    let value: unknown = read()
    for (const part of rpc.http.nameField.split('.')) value = Object(value)[part]
    return typeof value === 'string' ? value : ''
  } catch (error) {
    if (error instanceof GcpError) return ''
    throw error
  }
}

function seed(secrets: SeedSecrets, world: World): void {
  settle(world)
  const parent = parentName(world.settings, `projects/${world.settings.projectId}`)
  for (const [secretId, value] of Object.entries(secrets)) {
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(secretId)) {
      throw new TypeError(
        `seed: ${secretId} is no name of a Google secret; use 1 to 255 letters, digits, underscores and hyphens`,
      )
    }
    const name = `${parent}/secrets/${secretId}`
    if (world.secrets.get(name) === undefined) {
      createSecret(world, { parent, secretId, secret: { replication: { automatic: {} } } })
    }
    const data = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
    if (data.length === 0 || data.length > maxPayloadBytes) {
      throw new TypeError(`seed: ${secretId} must have from 1 to ${maxPayloadBytes} bytes`)
    }
    addVersion(world, getSecret(world, name), data, false)
  }
}
