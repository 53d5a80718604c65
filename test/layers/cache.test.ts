import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/errors.js'
import { type CacheOptions, cache } from '../../src/layers/cache.js'
import { deadline } from '../../src/layers/deadline.js'
import type { CallContext, Input, SecretRecord } from '../../src/operations.js'
import { effects, operationNames } from '../../src/operations.js'
import { settle } from '../support/fake-timing.js'
import {
  failed,
  type Held,
  held,
  listeners,
  type Rig,
  type RigOptions,
  record,
  rejection,
  rig,
} from './support.js'

const ttl = 300_000
/** No jitter: `random` at its upper end. */
const full: RigOptions = { random: () => 1, limits: { cacheTtlMs: ttl, propagationMs: 0 } }

/** A cache over a backend whose answers follow a script; the last one stays. */
function scripted(replies: readonly unknown[], options: CacheOptions = {}, more: RigOptions = {}): Rig {
  const reply = (_: unknown, request: number): unknown => replies[Math.min(request, replies.length) - 1]
  return rig([cache(options)], { ...full, reply, ...more })
}

/** A cache over a backend that answers each request when told. */
function manual(options: CacheOptions = {}, more: RigOptions = {}): Rig & { answers: Held<unknown>[] } {
  const answers: Held<unknown>[] = []
  const reply = (): Promise<unknown> => {
    const answer = held<unknown>()
    answers.push(answer)
    return answer.promise
  }
  return { ...rig([cache(options)], { ...full, reply, ...more }), answers }
}

async function version(
  { send }: Rig,
  input: Partial<Input<'get'>> = {},
  context: Partial<CallContext> = {},
): Promise<string> {
  return (await send('get', input, context).output).version
}

const counting = (): RigOptions => ({ reply: (_, request) => record(`v${request}`) })

describe('cache: keeping', () => {
  it('answers from memory, with the same object, and says so', async () => {
    const answer = record('v1')
    const backend = scripted([answer])
    const first = backend.send('get')
    const again = backend.send('get')
    expect(await first.output).toBe(answer)
    const held = backend.send('get')
    expect(await held.output).toBe(await first.output)
    expect(await again.output).toBe(await first.output)
    expect(Object.isFrozen(await held.output)).toBe(true)
    expect(backend.requests).toHaveLength(1)
    expect(first.trail).toEqual({ source: 'provider', attempts: 1 })
    expect(again.trail).toEqual({ source: 'cache', attempts: 0 })
    expect(held.trail).toEqual({ source: 'cache', attempts: 0 })
  })

  it.each([
    [1, ttl],
    [0.5, ttl * 0.9],
    [0, ttl * 0.8],
  ])('keeps an answer fresh for 80 to 100 %% of its time: random %d', async (random, lifeMs) => {
    const backend = scripted([], {}, { ...counting(), random: () => random })
    expect(await version(backend)).toBe('v1')
    await backend.timing.advance(lifeMs - 1)
    expect(await version(backend)).toBe('v1')
    await backend.timing.advance(1)
    expect(await version(backend)).toBe('v1')
    await settle()
    expect(await version(backend)).toBe('v2')
  })

  it('counts age from when the request was sent, not from when it was answered', async () => {
    const backend = manual()
    backend.send('get')
    await backend.timing.advance(1_000)
    backend.answers[0]?.resolve(record('v1'))
    await backend.timing.advance(ttl - 1_001)
    expect(await version(backend)).toBe('v1')
    await backend.timing.advance(1)
    backend.send('get')
    await settle()
    expect(backend.requests).toHaveLength(2)
  })

  it('takes its time from the options, and may keep nothing', async () => {
    const brief = scripted([], { ttlMs: 10 }, counting())
    await version(brief)
    await brief.timing.advance(20)
    expect(await version(brief)).toBe('v2')
    const none = scripted([], { ttlMs: 0 }, counting())
    await version(none)
    expect(await version(none)).toBe('v2')
  })

  it.each([
    [0, 'v2'],
    [100, 'v2'],
    [101, 'v1'],
    [ttl * 2, 'v1'],
  ])('honours maxAgeMs %i for an answer that is 100 ms old', async (maxAgeMs, expected) => {
    const backend = scripted([], {}, counting())
    await version(backend)
    await backend.timing.advance(100)
    expect(await version(backend, {}, { maxAgeMs })).toBe(expected)
  })

  it('asks with maxAgeMs 0 also in the millisecond of the last answer, and keeps what it got', async () => {
    const backend = scripted([], {}, counting())
    await version(backend)
    expect(await version(backend, {}, { maxAgeMs: 0 })).toBe('v2')
    expect(await version(backend)).toBe('v2')
  })

  it('cannot be made to keep an answer for longer by maxAgeMs', async () => {
    const backend = scripted([], {}, counting())
    await version(backend)
    await backend.timing.advance(ttl * 2)
    expect(await version(backend, {}, { maxAgeMs: ttl * 3 })).toBe('v2')
  })

  it('refuses a signal that is aborted already, also for what it holds', async () => {
    const backend = scripted([record('v1')])
    await version(backend)
    const { output } = backend.send('get', {}, { signal: AbortSignal.abort() })
    expect(await rejection(output)).toMatchObject({ code: 'ABORTED', attempts: 0 })
  })

  it.each(operationNames.filter((operation) => operation !== 'get'))(
    'does not remember %s',
    async (operation) => {
      const backend = scripted(['answer'])
      expect(await backend.send(operation).output).toBe('answer')
      expect(await backend.send(operation).output).toBe('answer')
      expect(backend.requests).toHaveLength(2)
    },
  )

  it('hands calls on as they came, but a shared read under a signal of its own', async () => {
    const { signal } = new AbortController()
    const backend = scripted([record('v1')])
    const listing = backend.send('describe', {}, { signal, deadlineAt: 5 })
    await listing.output
    expect(backend.requests[0]?.context).toEqual({ signal, deadlineAt: 5, trail: listing.trail })
    await backend.send('get', { version: 'v1' }, { signal, deadlineAt: 5, maxAgeMs: 7 }).output
    expect(backend.requests[1]?.input).toEqual({ name: 'prod/db', version: 'v1' })
    expect(Object.keys(backend.requests[1]?.context ?? {})).toEqual(['signal', 'trail'])
    expect(backend.requests[1]?.context.signal).not.toBe(signal)
  })
})

describe('cache: identity', () => {
  const folded: RigOptions = {
    canonical: (name) => (typeof name === 'string' ? name : (name.id.split(':').at(-1) ?? '')).toLowerCase(),
  }

  it.each<[string, Partial<Input<'get'>>, Partial<Input<'get'>>]>([
    ['names', { name: 'a' }, { name: 'b' }],
    ['namespaces', { namespace: 'user' }, { namespace: 'system' }],
    ['versions', { version: 'v1' }, { version: 'v2' }],
    ['a version and a stage', { version: 'current' }, { stage: 'current' }],
    ['what the boundary refuses', { version: 'v1' }, { version: 'v1', stage: 'current' }],
    ['stages', { stage: 'current' }, { stage: 'previous' }],
    ['a name and an id', { name: 'a' }, { name: { id: 'a' } }],
    ['ids that share a canonical name', { name: { id: 'one:a' } }, { name: { id: 'two:a' } }],
    ['names that look like keys', { name: 'a","b' }, { name: 'a' }],
  ])('keeps %s apart', async (_, one, other) => {
    const backend = scripted([], {}, { ...counting(), ...folded })
    expect(await version(backend, one)).toBe('v1')
    expect(await version(backend, other)).toBe('v2')
    expect(await version(backend, one)).toBe('v1')
    expect(await version(backend, other)).toBe('v2')
  })

  it.each<[string, Partial<Input<'get'>>, Partial<Input<'get'>>]>([
    ['the default stage', {}, { stage: 'current' }],
    ['the default namespace', {}, { namespace: 'user' }],
    ['spellings that the backend folds', { name: 'Prod' }, { name: 'pROD' }],
    ['the same id', { name: { id: 'x:a' } }, { name: { id: 'x:a' } }],
  ])('knows %s', async (_, one, other) => {
    const backend = scripted([], {}, { ...counting(), ...folded })
    expect(await version(backend, one)).toBe('v1')
    expect(await version(backend, other)).toBe('v1')
  })

  it('gives each spelling its own name on the record, the same object every time', async () => {
    const backend = scripted([{ ...record('v1'), name: 'Prod' }], {}, folded)
    const capital = await backend.send('get', { name: 'Prod' }).output
    const small = await backend.send('get', { name: 'prod' }).output
    expect([capital.name, small.name]).toEqual(['Prod', 'prod'])
    expect(await backend.send('get', { name: 'prod' }).output).toBe(small)
    expect(await backend.send('get', { name: 'Prod' }).output).toBe(capital)
    expect(small.value).toBe(capital.value)
    expect(Object.isFrozen(small)).toBe(true)
    const other = await backend.send('get', { name: 'PROD' }).output
    expect(other.name).toBe('PROD')
    expect(await backend.send('get', { name: 'prod' }).output).toBe(small)
    expect(backend.requests).toHaveLength(1)
  })

  it('names the record of an id by the id', async () => {
    const backend = scripted([{ ...record('v1'), name: 'x:a' }], {}, folded)
    const first = await backend.send('get', { name: { id: 'x:a' } }).output
    expect(first.name).toBe('x:a')
    expect(await backend.send('get', { name: { id: 'x:a' } }).output).toBe(first)
  })

  it('leaves it to the boundary to refuse a name that cannot be', async () => {
    const invalid = failed('INVALID_NAME', { message: 'from the boundary' })
    const canonical = (): never => {
      throw failed('INVALID_NAME', { message: 'from the codec' })
    }
    const backend = scripted([invalid], {}, { canonical })
    const { signal } = new AbortController()
    const { output, trail } = backend.send('get', {}, { signal })
    expect(await rejection(output)).toBe(invalid)
    expect(backend.requests[0]?.context).toEqual({ signal, trail })
    expect(await rejection(backend.send('put').output)).toBe(invalid)
    expect(backend.peek('prod/db')).toBeUndefined()
    const mistake = new TypeError('name must be a string')
    const broken = scripted(
      [],
      {},
      {
        canonical: () => {
          throw mistake
        },
      },
    )
    await expect(broken.send('get').output).rejects.toBe(mistake)
    await expect(broken.send('put').output).rejects.toBe(mistake)
  })

  it('asks for each canonical name once, and remembers a bounded number', async () => {
    const asked: unknown[] = []
    const canonical = (...name: unknown[]): string => {
      asked.push(name)
      return String(name)
    }
    const backend = scripted([record('v1')], { maxEntries: 1 }, { canonical })
    await version(backend, { name: 'a' })
    await version(backend, { name: 'a' })
    expect(asked).toEqual([['a', 'user']])
    for (let n = 0; n < 9_999; n += 1) backend.peek(`filler-${n}`)
    backend.peek('a')
    expect(asked).toHaveLength(10_000)
    backend.peek('one more')
    backend.peek('a')
    expect(asked).toHaveLength(10_002)
  })
})

describe('cache: sharing a flight', () => {
  it('makes one request for a thousand readers, also when it fails', async () => {
    const backend = manual()
    const sent = Array.from({ length: 1_000 }, () => backend.send('get'))
    await settle()
    expect(backend.requests).toHaveLength(1)
    sent.push(backend.send('get'))
    backend.answers[0]?.reject(failed('UNKNOWN'))
    for (const { output } of sent) expect((await rejection(output)).code).toBe('UNKNOWN')
    expect(backend.requests).toHaveLength(1)
    expect(sent.filter(({ trail }) => trail.attempts === 1)).toHaveLength(1)
    expect(sent.filter(({ trail }) => trail.source === 'cache')).toHaveLength(1_000)
  })

  it('does not share between keys', async () => {
    const backend = manual()
    for (const name of ['a', 'b']) backend.send('get', { name })
    await settle()
    expect(backend.requests).toHaveLength(2)
  })

  it('asks again after a failure that gives its reason', async () => {
    const backend = scripted([failed('CONFIG_INVALID'), record('v1')])
    await rejection(backend.send('get').output)
    expect(await version(backend)).toBe('v1')
  })

  it('lets those go on who wait when one leaves', async () => {
    const controller = new AbortController()
    const backend = manual()
    const leaver = backend.send('get', {}, { signal: controller.signal })
    const stayer = backend.send('get')
    await settle()
    controller.abort()
    expect(await rejection(leaver.output)).toMatchObject({ code: 'ABORTED', attempts: 0 })
    expect(listeners(controller.signal)).toBe(0)
    expect(backend.requests[0]?.context.signal?.aborted).toBe(false)
    backend.answers[0]?.resolve(record('v1'))
    expect((await stayer.output).version).toBe('v1')
    expect(stayer.trail).toEqual({ source: 'provider', attempts: 1 })
    expect(await version(backend)).toBe('v1')
  })

  it('ends the request when the last one leaves, and does not remember its answer', async () => {
    const controllers = [new AbortController(), new AbortController()]
    const backend = manual()
    const sent = controllers.map(({ signal }) => backend.send('get', {}, { signal }))
    await settle()
    controllers[0]?.abort()
    expect(backend.requests[0]?.context.signal?.aborted).toBe(false)
    controllers[1]?.abort()
    expect(backend.requests[0]?.context.signal?.aborted).toBe(true)
    for (const { output } of sent) expect((await rejection(output)).code).toBe('ABORTED')
    expect(sent.map(({ trail }) => trail.attempts)).toEqual([0, 1])
    backend.answers[0]?.resolve(record('old'))
    await settle()
    const next = backend.send('get')
    await settle()
    expect(backend.requests).toHaveLength(2)
    backend.answers[1]?.resolve(record('new'))
    expect((await next.output).version).toBe('new')
  })

  it('starts a new flight at once for who comes after the last one has left', async () => {
    const controller = new AbortController()
    const backend = manual()
    backend.send('get', {}, { signal: controller.signal })
    await settle()
    controller.abort()
    backend.send('get')
    await settle()
    expect(backend.requests).toHaveLength(2)
  })

  it('sends nothing for who left before it was sent, and is ready for the next', async () => {
    const controller = new AbortController()
    const backend = manual()
    const { output } = backend.send('get', {}, { signal: controller.signal })
    controller.abort()
    expect(await rejection(output)).toMatchObject({ code: 'ABORTED', attempts: 0 })
    await settle()
    expect(backend.requests).toHaveLength(0)
    backend.send('get')
    await settle()
    expect(backend.requests).toHaveLength(1)
  })

  it('carries on for who joins in the turn in which the first one left', async () => {
    const controller = new AbortController()
    const backend = manual()
    backend.send('get', {}, { signal: controller.signal })
    controller.abort()
    const { output } = backend.send('get')
    await settle()
    backend.answers[0]?.resolve(record('v1'))
    expect((await output).version).toBe('v1')
    expect(backend.requests[0]?.context.signal?.aborted).toBe(false)
  })

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController()
    const backend = scripted([record('v1'), failed('UNKNOWN')])
    await version(backend, {}, { signal })
    await rejection(backend.send('get', { name: 'b' }, { signal }).output)
    expect(listeners(signal)).toBe(0)
  })

  it('rejects with the error that an outer layer aborted with', async () => {
    const controller = new AbortController()
    const backend = manual()
    const { output } = backend.send('get', {}, { signal: controller.signal })
    controller.abort(failed('TIMEOUT', { message: 'the deadline' }))
    expect(await rejection(output)).toMatchObject({ code: 'TIMEOUT', message: 'the deadline' })
  })

  it('survives a layer below that rejects with nothing', async () => {
    const nothing = { name: 'nothing', wrap: () => () => Promise.reject(undefined) }
    const backend = rig([cache(), nothing], full)
    await expect(backend.send('get').output).rejects.toBeUndefined()
  })

  it('survives a layer below that throws before it gives a promise', async () => {
    const broken = {
      name: 'broken',
      wrap: () => (): never => {
        throw failed('UNKNOWN')
      },
    }
    const backend = rig([cache(), broken], full)
    expect((await rejection(backend.send('get').output)).code).toBe('UNKNOWN')
  })
})

describe('cache: maxAgeMs and flights', () => {
  it('shares a flight that has not departed yet', async () => {
    const backend = manual()
    for (let n = 0; n < 3; n += 1) backend.send('get', {}, { maxAgeMs: 0 })
    await settle()
    expect(backend.requests).toHaveLength(1)
  })

  it('does not join a flight that departed before the call: the next one carries all of them', async () => {
    const backend = manual()
    const first = backend.send('get')
    await settle()
    const late = [backend.send('get', {}, { maxAgeMs: 0 }), backend.send('get', {}, { maxAgeMs: 0 })]
    await settle()
    expect(backend.requests).toHaveLength(1)
    backend.answers[0]?.resolve(record('v1'))
    expect((await first.output).version).toBe('v1')
    await settle()
    expect(backend.requests).toHaveLength(2)
    late.push(backend.send('get', {}, { maxAgeMs: 60_000 }))
    backend.answers[1]?.resolve(record('v2'))
    const versions = await Promise.all(late.map(async ({ output }) => (await output).version))
    expect(versions).toEqual(['v2', 'v2', 'v1'])
    expect(await version(backend)).toBe('v2')
  })

  it('joins a flight that departed less than maxAgeMs ago', async () => {
    const backend = manual()
    backend.send('get')
    await backend.timing.advance(100)
    const young = backend.send('get', {}, { maxAgeMs: 101 })
    const late = backend.send('get', {}, { maxAgeMs: 100 })
    const usual = backend.send('get')
    backend.answers[0]?.resolve(record('v1'))
    expect((await usual.output).version).toBe('v1')
    expect((await young.output).version).toBe('v1')
    await settle()
    backend.answers[1]?.resolve(record('v2'))
    expect((await late.output).version).toBe('v2')
    expect(backend.requests).toHaveLength(2)
  })

  it('is not fooled by a clock that stepped back', async () => {
    const backend = manual()
    backend.send('get')
    await settle()
    backend.timing.jump(-1_000)
    backend.send('get', {}, { maxAgeMs: 0 })
    backend.answers[0]?.resolve(record('v1'))
    await settle()
    expect(backend.requests).toHaveLength(2)
  })

  it('sends the next one also after a failure, and when all have left the first', async () => {
    const controller = new AbortController()
    const backend = manual()
    backend.send('get', {}, { signal: controller.signal })
    await settle()
    backend.send('get', {}, { maxAgeMs: 0 })
    controller.abort()
    await settle()
    expect(backend.requests).toHaveLength(2)
    const late = backend.send('get', {}, { maxAgeMs: 0 })
    backend.answers[1]?.reject(failed('UNKNOWN'))
    await settle()
    backend.answers[2]?.resolve(record('v3'))
    expect((await late.output).version).toBe('v3')
  })

  it('sends no next one when all who wanted it have left', async () => {
    const controller = new AbortController()
    const backend = manual()
    backend.send('get')
    await settle()
    const late = backend.send('get', {}, { maxAgeMs: 0, signal: controller.signal })
    controller.abort()
    expect(await rejection(late.output)).toMatchObject({ code: 'ABORTED', attempts: 0 })
    backend.answers[0]?.resolve(record('v1'))
    await settle()
    expect(backend.requests).toHaveLength(1)
  })
})

describe('cache: own writes', () => {
  const writes = operationNames.filter((operation) => effects[operation] === 'write')

  it.each(writes)('%s drops what is known before it is sent, and when it is over', async (operation) => {
    for (const failure of [undefined, failed('CONFLICT')]) {
      const backend = manual()
      backend.send('get')
      await settle()
      backend.answers[0]?.resolve(record('v1'))
      await settle()
      const write = backend.send(operation)
      await settle()
      backend.send('get')
      await settle()
      expect(backend.requests).toHaveLength(3)
      backend.answers[2]?.resolve(record('v1 again'))
      await settle()
      if (failure === undefined) backend.answers[1]?.resolve('done')
      else backend.answers[1]?.reject(failure)
      const [result] = await Promise.allSettled([write.output])
      expect(result).toEqual(
        failure === undefined
          ? { status: 'fulfilled', value: 'done' }
          : { status: 'rejected', reason: failure },
      )
      backend.send('get')
      await settle()
      expect(backend.requests).toHaveLength(4)
    }
  })

  it('drops every version and stage, by whatever name it was read, and nothing else', async () => {
    const canonical: RigOptions['canonical'] = (name) =>
      typeof name === 'string' ? name.toLowerCase() : (name.id.split(':')[1] ?? '')
    const backend = scripted([], {}, { ...counting(), canonical })
    const same: Partial<Input<'get'>>[] = [
      { name: 'db' },
      { name: 'DB', stage: 'previous' },
      { name: 'db', version: 'x' },
      { name: { id: 'arn:db' } },
    ]
    const other = { name: 'other' }
    for (const input of [...same, other]) await version(backend, input)
    await backend.send('put', { name: 'Db' }).output
    const before = backend.requests.length
    await version(backend, other)
    expect(backend.requests).toHaveLength(before)
    for (const input of same) await version(backend, input)
    expect(backend.requests).toHaveLength(before + same.length)
    await backend.send('put', { name: { id: 'arn:db' } }).output
    await version(backend, { name: 'db' })
    expect(backend.requests).toHaveLength(before + same.length + 2)
  })

  it('sends a read that was under way anew, when a write begins and when it is over', async () => {
    const backend = manual()
    const slow = backend.send('get')
    await settle()
    const write = backend.send('put')
    await settle()
    expect(backend.requests.map(({ operation }) => operation)).toEqual(['get', 'put', 'get'])
    backend.answers[1]?.resolve({ version: 'v2' })
    await write.output
    await settle()
    expect(backend.requests).toHaveLength(4)
    expect(backend.requests.map(({ context }) => context.signal?.aborted)).toEqual([
      true,
      undefined,
      true,
      false,
    ])
    backend.answers[0]?.resolve(record('v1'))
    backend.answers[2]?.resolve(record('v1'))
    await settle()
    backend.answers[3]?.resolve(record('v2'))
    expect((await slow.output).version).toBe('v2')
    expect(slow.trail).toEqual({ source: 'provider', attempts: 3 })
    expect(await version(backend)).toBe('v2')
    expect(backend.requests).toHaveLength(4)
  })

  it('sends nothing twice of a read that had not been sent when the write began', async () => {
    const backend = manual()
    const read = backend.send('get')
    backend.send('put')
    await settle()
    expect(backend.requests.map(({ operation }) => operation)).toEqual(['put', 'get'])
    backend.answers[1]?.resolve(record('v1'))
    expect((await read.output).version).toBe('v1')
  })

  it('answers a read of its own accord while a write hangs', async () => {
    const backend = manual()
    backend.send('put')
    const during = backend.send('get')
    await settle()
    backend.answers[1]?.resolve(record('v1'))
    expect((await during.output).version).toBe('v1')
  })

  it('counts all requests of a read that was sent anew for the last one to leave it', async () => {
    const controller = new AbortController()
    const backend = manual()
    const read = backend.send('get', {}, { signal: controller.signal })
    await settle()
    backend.send('put')
    controller.abort()
    expect(await rejection(read.output)).toMatchObject({ code: 'ABORTED', attempts: 1 })
    await settle()
    expect(backend.requests).toHaveLength(2)
    expect(read.trail.attempts).toBe(1)
  })

  it('lets those who wait for the next flight wait on', async () => {
    const backend = manual()
    backend.send('get')
    await settle()
    const late = backend.send('get', {}, { maxAgeMs: 0 })
    backend.send('put')
    await settle()
    backend.answers[2]?.resolve(record('v1'))
    await settle()
    expect(backend.requests.map(({ operation }) => operation)).toEqual(['get', 'put', 'get', 'get'])
    backend.answers[3]?.resolve(record('v2'))
    expect((await late.output).version).toBe('v2')
  })

  it('leaves reads of other secrets alone', async () => {
    const backend = manual()
    const other = backend.send('get', { name: 'other' })
    await settle()
    const write = backend.send('put')
    await settle()
    backend.answers[1]?.resolve({ version: 'v2' })
    await write.output
    backend.answers[0]?.resolve(record('v1'))
    await other.output
    expect(await version(backend, { name: 'other' })).toBe('v1')
  })

  it('forgets that a name was missing', async () => {
    const backend = scripted([failed('NOT_FOUND'), { version: 'v1' }, record('v1')])
    await rejection(backend.send('get').output)
    await backend.send('put').output
    expect(await version(backend)).toBe('v1')
  })

  describe('that reads may miss for a while', () => {
    async function life(write: unknown, more: RigOptions, waitMs = 0): Promise<number> {
      const backend = rig([cache()], {
        ...full,
        reply: ({ operation }) => (operation === 'put' ? write : record('v')),
        ...more,
      })
      await Promise.allSettled([backend.send('put').output])
      await backend.timing.advance(waitMs)
      await version(backend)
      const before = backend.requests.length
      let lived = 0
      while (backend.requests.length === before) {
        const step = lived < 1_000 ? 100 : 1_000
        await backend.timing.advance(step)
        lived += step
        await version(backend)
      }
      return lived
    }
    const lagging = (freshRead: 'no' | 'by-version', propagationMs = 500): RigOptions => ({
      capabilities: { freshRead },
      limits: { cacheTtlMs: ttl, propagationMs },
    })
    const lost = failed('UNAVAILABLE', { outcomeUnknown: true })

    it('keeps what is read meanwhile no longer than that', async () => {
      expect(await life({ version: 'v' }, lagging('no'))).toBe(500)
      expect(await life({ version: 'v' }, lagging('by-version'))).toBe(500)
      expect(await life({ version: 'v' }, lagging('no'), 200)).toBe(300)
      expect(await life({ version: 'v' }, lagging('no'), 500)).toBe(ttl)
      expect(await life({ version: 'v' }, lagging('no', ttl * 2))).toBe(ttl)
    })

    it('does not care where reads are fresh, or nothing was written', async () => {
      const fresh = {
        capabilities: { freshRead: 'always' },
        limits: { cacheTtlMs: ttl, propagationMs: 500 },
      } as const
      expect(await life({ version: 'v' }, fresh)).toBe(ttl)
      expect(await life(failed('CONFLICT'), lagging('no'))).toBe(ttl)
      expect(await life(new TypeError('a mistake'), lagging('no'))).toBe(ttl)
    })

    it('waits a minute, or longer, for a write whose outcome is unknown', async () => {
      const fresh = { capabilities: { freshRead: 'always' } } as const
      expect(await life(lost, fresh)).toBe(60_000)
      expect(await life(lost, lagging('no', 90_000))).toBe(90_000)
    })

    it('lasts for the longest of several writes, and is forgotten in time', async () => {
      const replies = [lost, { version: 'v' }, { version: 'v' }]
      const backend = rig([cache()], {
        ...full,
        ...lagging('no'),
        reply: ({ operation }, n) => (operation === 'put' ? replies[n - 1] : record('v')),
      })
      await rejection(backend.send('put').output)
      await backend.send('put').output
      await backend.send('put', { name: 'other' }).output
      await version(backend)
      await backend.timing.advance(500)
      await version(backend)
      expect(backend.requests).toHaveLength(5)
      await backend.timing.advance(59_499)
      await version(backend)
      expect(backend.requests).toHaveLength(5)
      await backend.timing.advance(1)
      await version(backend)
      expect(backend.requests).toHaveLength(6)
    })
  })
})

describe('cache: errors', () => {
  const transient = ['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED'] as const
  const hour = 3_600_000

  it.each(transient)('serves the last confirmed value on %s, marked stale', async (code) => {
    const backend = scripted([record('v1'), failed(code)])
    await version(backend)
    await backend.timing.advance(ttl * 2)
    const { output, trail } = backend.send('get')
    expect((await output).version).toBe('v1')
    expect(trail).toEqual({ source: 'stale', attempts: 1 })
    expect(backend.requests).toHaveLength(2)
  })

  it('serves it under the spelling that was asked for', async () => {
    const canonical: RigOptions['canonical'] = (name) => String(name).toLowerCase()
    const backend = scripted([record('v1'), failed('UNAVAILABLE')], {}, { canonical })
    await version(backend)
    await backend.timing.advance(ttl * 2)
    expect((await backend.send('get', { name: 'PROD/db' }).output).name).toBe('PROD/db')
  })

  it('serves it for an hour since it was confirmed: serving does not make it younger', async () => {
    const backend = scripted([record('v1'), failed('UNAVAILABLE')])
    await version(backend)
    await backend.timing.advance(hour / 2)
    expect(await version(backend)).toBe('v1')
    await backend.timing.advance(hour / 2 - 1)
    expect(await version(backend)).toBe('v1')
    await backend.timing.advance(1)
    expect((await rejection(backend.send('get').output)).code).toBe('UNAVAILABLE')
  })

  it('serves it to everyone who shared the flight', async () => {
    const backend = manual()
    backend.send('get')
    await settle()
    backend.answers[0]?.resolve(record('v1'))
    await backend.timing.advance(ttl * 2)
    const sent = [backend.send('get'), backend.send('get')]
    await settle()
    backend.answers[1]?.reject(failed('TIMEOUT'))
    for (const { output } of sent) expect((await output).version).toBe('v1')
    expect(sent.map(({ trail }) => trail.source)).toEqual(['stale', 'stale'])
  })

  it('does not serve it when turned off, or to a call that wants a younger one', async () => {
    const off = scripted([record('v1'), failed('UNAVAILABLE')], { staleIfErrorMs: 0, ttlMs: 0 })
    await version(off)
    expect((await rejection(off.send('get').output)).code).toBe('UNAVAILABLE')
    const young = scripted([record('v1'), failed('UNAVAILABLE')])
    await version(young)
    await young.timing.advance(ttl * 2)
    expect((await rejection(young.send('get', {}, { maxAgeMs: ttl * 2 }).output)).code).toBe('UNAVAILABLE')
    expect((await rejection(young.send('get', {}, { maxAgeMs: 0 }).output)).code).toBe('UNAVAILABLE')
    expect(await version(young, {}, { maxAgeMs: ttl * 2 + 1 })).toBe('v1')
  })

  it('has nothing to serve where nothing was confirmed', async () => {
    const never = scripted([failed('UNAVAILABLE')])
    expect((await rejection(never.send('get').output)).code).toBe('UNAVAILABLE')
    const missing = scripted([failed('NOT_FOUND'), failed('UNAVAILABLE')])
    await rejection(missing.send('get').output)
    await missing.timing.advance(5_000)
    expect((await rejection(missing.send('get').output)).code).toBe('UNAVAILABLE')
  })

  it('serves it when the deadline passes, although the backend hangs', async () => {
    let hangs = false
    const backend = rig([deadline({ defaultMs: 1_000 }), cache()], {
      ...full,
      reply: () => (hangs ? new Promise(() => {}) : record('v1')),
    })
    await version(backend)
    await backend.timing.advance(ttl * 2)
    hangs = true
    const { output, trail } = backend.send('get')
    await backend.timing.advance(1_000)
    expect((await output).version).toBe('v1')
    expect(trail).toEqual({ source: 'stale', attempts: 1 })
    expect(backend.requests[1]?.context.signal?.aborted).toBe(true)
  })

  const other = ['ABORTED', 'UNKNOWN', 'CLOSED', 'CONFIG_INVALID'] as const
  it.each(other)('neither serves nor drops on %s', async (code) => {
    const backend = scripted([record('v1'), failed(code), failed('UNAVAILABLE')])
    await version(backend)
    await backend.timing.advance(ttl * 2)
    expect((await rejection(backend.send('get').output)).code).toBe(code)
    await backend.timing.advance(1_000)
    expect(await version(backend)).toBe('v1')
  })

  it('neither serves nor drops on what is no SecretError', async () => {
    const mistake = new TypeError('a mistake')
    const backend = scripted([record('v1'), mistake, failed('UNAVAILABLE')])
    await version(backend)
    await backend.timing.advance(ttl * 2)
    await expect(backend.send('get').output).rejects.toBe(mistake)
    expect(await version(backend)).toBe('v1')
  })

  /** What an outage finds after the backend has spoken about the current version. */
  async function left(code: ErrorCode): Promise<Record<string, string>> {
    const reads: Partial<Input<'get'>>[] = [
      {},
      { stage: 'newest-enabled' },
      { stage: 'previous' },
      { name: 'other' },
    ]
    const replies = ['v2', 'v2', 'v1', 'v1'].map((each) => record(each))
    const backend = scripted([...replies, failed(code), failed('UNAVAILABLE')])
    for (const input of reads) await version(backend, input)
    await backend.timing.advance(ttl * 2)
    expect((await rejection(backend.send('get').output)).code).toBe(code)
    await backend.timing.advance(5_000)
    const results = await Promise.allSettled(reads.map((input) => version(backend, input)))
    const [current, same, previous, other] = results.map(({ status }) => status)
    return Object.fromEntries(
      Object.entries({ current, same, previous, other }).map(([key, status]) => [
        key,
        status === 'fulfilled' ? 'held' : 'dropped',
      ]),
    )
  }

  it.each(['PERMISSION_DENIED', 'UNAUTHENTICATED', 'PENDING_DELETION'] as const)(
    'drops all that is known of the secret on %s',
    async (code) => {
      expect(await left(code)).toEqual({
        current: 'dropped',
        same: 'dropped',
        previous: 'dropped',
        other: 'held',
      })
    },
  )

  it.each(['NOT_FOUND', 'DISABLED', 'INVALID_VALUE'] as const)(
    'drops the version, by whatever stage it was read, on %s',
    async (code) => {
      expect(await left(code)).toEqual({
        current: 'dropped',
        same: 'dropped',
        previous: 'held',
        other: 'held',
      })
    },
  )

  it('remembers NOT_FOUND for 5 seconds', async () => {
    const backend = scripted([failed('NOT_FOUND', { attempts: 3 }), record('v1')])
    expect((await rejection(backend.send('get').output)).attempts).toBe(3)
    await backend.timing.advance(4_999)
    const { output, trail } = backend.send('get')
    expect(await rejection(output)).toMatchObject({ code: 'NOT_FOUND', attempts: 0 })
    expect(trail).toEqual({ source: 'cache', attempts: 0 })
    await backend.timing.advance(1)
    expect(await version(backend)).toBe('v1')
  })

  it('remembers NOT_FOUND as long as it is told, and not for a call that wants to know', async () => {
    const backend = scripted([failed('NOT_FOUND'), record('v1')], { negativeTtlMs: 100 })
    await rejection(backend.send('get').output)
    await backend.timing.advance(99)
    await rejection(backend.send('get').output)
    expect(await version(backend, {}, { maxAgeMs: 0 })).toBe('v1')
    const off = scripted([failed('NOT_FOUND'), record('v1')], { negativeTtlMs: 0 })
    await rejection(off.send('get').output)
    expect(await version(off)).toBe('v1')
  })

  it.each(['PERMISSION_DENIED', 'DISABLED', 'PENDING_DELETION'] as const)(
    'does not remember %s',
    async (code) => {
      const backend = scripted([failed(code), record('v1')])
      await rejection(backend.send('get').output)
      expect(await version(backend)).toBe('v1')
    },
  )
})

describe('cache: bounds', () => {
  const names = (backend: Rig): string[] =>
    backend.requests.map(({ input }) => (input as { name: string }).name)

  it('holds so many entries, and lets go first of what was not read for longest', async () => {
    const backend = scripted([record('v')], { maxEntries: 2 })
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await version(backend, { name })
    expect(names(backend)).toEqual(['a', 'b', 'c', 'b'])
  })

  it('holds a thousand by default', async () => {
    const backend = scripted([record('v')])
    for (let n = 0; n < 1_000; n += 1) await version(backend, { name: `n${n}` })
    await version(backend, { name: 'n0' })
    expect(backend.requests).toHaveLength(1_000)
    await version(backend, { name: 'one more' })
    await version(backend, { name: 'n0' })
    expect(backend.requests).toHaveLength(1_001)
    await version(backend, { name: 'n1' })
    expect(backend.requests).toHaveLength(1_002)
  })

  it('holds so many bytes of values, counting what it let go', async () => {
    const reply: RigOptions['reply'] = ({ input }) =>
      record('v', 'x'.repeat(Number((input as { name: string }).name)))
    const backend = scripted([], { maxBytes: 10 }, { reply })
    for (const name of ['4', '6', '4', '1', '6', '10', '11', '10', '5']) await version(backend, { name })
    expect(names(backend)).toEqual(['4', '6', '1', '6', '10', '11', '10', '5'])
  })

  it('counts the bytes of an entry that is replaced or dropped no more', async () => {
    const reply: RigOptions['reply'] = ({ operation }) =>
      operation === 'get' ? record('v', '12345') : undefined
    const backend = scripted([], { maxBytes: 10 }, { reply })
    for (let n = 0; n < 5; n += 1) await version(backend, { name: 'a' }, { maxAgeMs: 0 })
    for (let n = 0; n < 5; n += 1) {
      await backend.send('tag', { name: 'b' }).output
      await version(backend, { name: 'b' })
    }
    const before = backend.requests.length
    await version(backend, { name: 'a' })
    await version(backend, { name: 'b' })
    expect(backend.requests).toHaveLength(before)
  })

  it('lets missing names go as well', async () => {
    const backend = scripted([failed('NOT_FOUND')], { maxEntries: 1, maxBytes: 1 })
    for (const name of ['a', 'b', 'a']) await rejection(backend.send('get', { name }).output)
    expect(backend.requests).toHaveLength(3)
  })

  it('holds 16 MiB by default', async () => {
    const half = 'x'.repeat(8 * 1_048_576)
    const backend = scripted([record('v', half), record('v', half), record('v', 'x')])
    for (const name of ['a', 'b', 'a', 'b']) await version(backend, { name })
    expect(backend.requests).toHaveLength(2)
    await version(backend, { name: 'c' })
    await version(backend, { name: 'b' })
    expect(backend.requests).toHaveLength(3)
    await version(backend, { name: 'a' })
    expect(backend.requests).toHaveLength(4)
  })
})

describe('cache: peek and close', () => {
  it('gives the current version while it is fresh, the object that get gave', async () => {
    const backend = scripted([record('v1')])
    expect(backend.peek('prod/db')).toBeUndefined()
    const read: SecretRecord = await backend.send('get').output
    expect(backend.peek('prod/db')).toBe(read)
    await backend.timing.advance(ttl - 1)
    expect(backend.peek('prod/db')).toBe(read)
    await backend.timing.advance(1)
    expect(backend.peek('prod/db')).toBeUndefined()
    expect(backend.requests).toHaveLength(1)
  })

  it('gives no other version, stage or namespace, and nothing for a missing name', async () => {
    const backend = scripted([record('v1'), record('v1'), record('v1'), failed('NOT_FOUND')])
    await version(backend, { version: 'v1' })
    await version(backend, { stage: 'previous' })
    await version(backend, { namespace: 'system' })
    expect(backend.peek('prod/db')).toBeUndefined()
    await rejection(backend.send('get').output)
    expect(backend.peek('prod/db')).toBeUndefined()
  })

  it('gives each spelling the record that its get gave', async () => {
    const canonical: RigOptions['canonical'] = (name) => String(name).toLowerCase()
    const backend = scripted([{ ...record('v1'), name: 'DB' }], {}, { canonical })
    await version(backend, { name: 'DB' })
    const small = await backend.send('get', { name: 'db' }).output
    expect(backend.peek('db')).toBe(small)
    expect(backend.peek('DB')?.name).toBe('DB')
  })

  it('forgets everything when the store is closed, and learns no more', async () => {
    const backend = manual()
    backend.send('get')
    await settle()
    const late = backend.send('get', { name: 'late' })
    await settle()
    backend.answers[0]?.resolve(record('v1'))
    await settle()
    expect(backend.peek('prod/db')).toBeDefined()
    await backend.close()
    expect(backend.peek('prod/db')).toBeUndefined()
    backend.answers[1]?.resolve({ ...record('v1'), name: 'late' })
    expect((await late.output).version).toBe('v1')
    expect(backend.peek('late')).toBeUndefined()
  })
})

describe('cache: options', () => {
  it.each<[CacheOptions, string]>([
    [{ ttlMs: -1 }, 'cache: ttlMs must be a number, 0 or more'],
    [{ staleIfErrorMs: -1 }, 'cache: staleIfErrorMs must be a number, 0 or more'],
    [{ negativeTtlMs: Number.NaN }, 'cache: negativeTtlMs must be a number, 0 or more'],
    [{ maxEntries: 0 }, 'cache: maxEntries must be a whole number above 0'],
    [{ maxBytes: 0.5 }, 'cache: maxBytes must be a whole number above 0'],
  ])('refuses %j', (options, message) => {
    expect(() => cache(options)).toThrow(new TypeError(message))
  })
})
