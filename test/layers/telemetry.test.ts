import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { CallEnded, CallStarted } from '../../src/layers/telemetry.js'
import { telemetry } from '../../src/layers/telemetry.js'
import { failed, held, record, rejection, rig } from './support.js'

type Event = 'start' | 'end' | 'error'
const undo: (() => void)[] = []
afterEach(() => {
  for (const run of undo.splice(0)) run()
})

function listen(...events: Event[]): [Event, CallStarted | CallEnded][] {
  const seen: [Event, CallStarted | CallEnded][] = []
  for (const event of events) {
    const onMessage = (message: unknown): void => {
      seen.push([event, message as CallEnded])
    }
    subscribe(`strongroom:call:${event}`, onMessage)
    undo.push(() => unsubscribe(`strongroom:call:${event}`, onMessage))
  }
  return seen
}

describe('telemetry', () => {
  it('publishes the start and the end of a call', async () => {
    const seen = listen('start', 'end', 'error')
    const answer = held<unknown>()
    const { send, timing } = rig([telemetry()], { reply: () => answer.promise })
    const { output, trail } = send('get', { stage: 'previous' })
    const about = { provider: 'scripted', operation: 'get', secret: 'prod/db', stage: 'previous' }
    expect(seen).toEqual([['start', about]])
    await timing.advance(7)
    trail.source = 'stale'
    answer.resolve(record('v1'))
    expect((await output).version).toBe('v1')
    const start = seen[0]?.[1]
    const ended = { ...about, start, code: 'ok', durationMs: 7, source: 'stale', attempts: 1 }
    expect(seen.slice(1)).toEqual([['end', ended]])
    expect((seen[1]?.[1] as CallEnded | undefined)?.start).toBe(start)
    for (const [, message] of seen) expect(Object.isFrozen(message)).toBe(true)
  })

  it('publishes the code of a rejection, and lets the error pass as it is', async () => {
    const seen = listen('end', 'error')
    const errors = [failed('CONFLICT'), new TypeError('name must be a string'), new Error('a bug')]
    const { send } = rig([telemetry()], { reply: (_, request) => errors[request - 1] })
    expect(await rejection(send('delete', { name: { id: 'id:1' } }).output)).toBe(errors[0])
    await expect(send('get', { version: 'v9' }).output).rejects.toBe(errors[1])
    await expect(send('listPage').output).rejects.toBe(errors[2])
    expect(seen.map(([event]) => event)).toEqual(['error', 'error', 'error'])
    expect(seen.map(([, message]) => message)).toMatchObject([
      { operation: 'delete', secret: 'id:1', code: 'CONFLICT' },
      { operation: 'get', secret: 'prod/db', version: 'v9', code: 'TYPE_ERROR' },
      { operation: 'listPage', code: 'UNKNOWN' },
    ])
    expect(seen[2]?.[1]).not.toHaveProperty('secret')
  })

  it.each<Event>(['start', 'end', 'error'])('works for a subscriber of %s alone', async (event) => {
    const seen = listen(event)
    const { send } = rig([telemetry()], { reply: (_, n) => (n === 1 ? record('v1') : failed('DISABLED')) })
    await send('get').output
    await rejection(send('get').output)
    expect(seen).toHaveLength(event === 'start' ? 2 : 1)
  })

  it('does nothing when nobody listens: the promise is the one from below', () => {
    const promise = Promise.resolve(undefined)
    const inner = { name: 'inner', wrap: () => () => promise as Promise<never> }
    const { send } = rig([telemetry(), inner])
    expect(send('get').output).toBe(promise)
    listen('end')
    expect(send('get').output).not.toBe(promise)
  })

  it('runs the call inside the stores that are bound to its start', async () => {
    const spans = new AsyncLocalStorage<string>()
    const start = channel('strongroom:call:start')
    start.bindStore(spans, (message) => `span of ${(message as CallStarted).operation}`)
    undo.push(() => start.unbindStore(spans))
    const { send } = rig([telemetry()], { reply: () => spans.getStore() })
    expect(await send('tag').output).toBe('span of tag')
  })

  it('carries no value', async () => {
    const seen = listen('start', 'end', 'error')
    const { send } = rig([telemetry()], { reply: () => record('v1', 'marked-value-1') })
    await send('get').output
    await send('put').output
    expect(seen).toHaveLength(4)
    const printed = inspect(seen, { depth: Number.POSITIVE_INFINITY, showHidden: true })
    expect(printed).not.toMatch(/marked-value-1|new-value|secret value/)
  })
})
