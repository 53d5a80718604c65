import { JsonError, parseJson } from '../json.js'
import type { Clock } from './clock.js'
import type { FaultRule, Faults } from './faults.js'
import type { EmulatorReply, EmulatorRequest } from './server.js'

export interface ControlTarget {
  readonly calls: Readonly<Record<string, number>>
  readonly faults: Faults
  readonly clock: Clock
  reset(): void
}

const prefix = '/_emulator/'

/**
 * Control for tests in other languages; `undefined` when the request is none.
 *
 * | request | JSON body | answer |
 * |---|---|---|
 * | `GET /_emulator/calls` | – | `{"GetSecretValue":2}` |
 * | `POST /_emulator/reset` | – | `{}` |
 * | `POST /_emulator/faults` | a {@link FaultRule}, a list of them, or `{"clear":true}` | `{}` |
 * | `POST /_emulator/clock` | `{"advanceMs":1000}`, `{"setMs":1700000000000}`, or none | `{"now":1700000000000}` |
 *
 * A bad body is 400 with `{"error":"…"}`. A request with an `Origin` header comes from a web page and is 403.
 */
export function answerControl(request: EmulatorRequest, target: ControlTarget): EmulatorReply | undefined {
  if (!request.path.startsWith(prefix)) return undefined
  if (request.headers.origin !== undefined)
    return json(403, { error: 'the control endpoints answer no web page' })
  const route = `${request.method} ${request.path.slice(prefix.length)}`
  try {
    switch (route) {
      case 'GET calls':
        return json(200, target.calls)
      case 'POST reset':
        target.reset()
        return json(200, {})
      case 'POST faults':
        changeFaults(bodyOf(request), target.faults)
        return json(200, {})
      case 'POST clock':
        changeClock(bodyOf(request), target.clock)
        return json(200, { now: target.clock.now() })
      default:
        return json(404, { error: 'known: GET calls, POST reset, POST faults, POST clock' })
    }
  } catch (error) {
    if (error instanceof JsonError || error instanceof TypeError || error instanceof RangeError) {
      return json(400, { error: error.message })
    }
    throw error
  }
}

function changeFaults(body: unknown, faults: Faults): void {
  const rules = Array.isArray(body) ? body : [body]
  for (const rule of rules) {
    if (typeof rule !== 'object' || rule === null)
      throw new TypeError('faults takes a rule or a list of rules')
    if ('clear' in rule && rule.clear === true) faults.clear()
    else faults.add(rule as FaultRule)
  }
}

function changeClock(body: unknown, clock: Clock): void {
  if (body === undefined) return
  const { advanceMs, setMs, ...rest } = Object(body) as Record<string, unknown>
  if (Object.keys(rest).length > 0 || (advanceMs === undefined) === (setMs === undefined)) {
    throw new TypeError('clock takes either {"advanceMs":…} or {"setMs":…}')
  }
  if (advanceMs !== undefined) clock.advance(advanceMs as number)
  else clock.set(setMs as number)
}

function bodyOf(request: EmulatorRequest): unknown {
  const text = request.body.toString('utf8')
  return text === '' ? undefined : parseJson(text)
}

function json(status: number, body: object): EmulatorReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
