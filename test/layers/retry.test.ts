import { describe, expect, it } from 'vitest'
import { type RetryOptions, retry } from '../../src/layers/retry.js'
import type { Call, Input, Operation } from '../../src/operations.js'
import { effects, operationNames } from '../../src/operations.js'
import { SecretValue } from '../../src/secret.js'
import { settle } from '../support/fake-timing.js'
import { failed, held, listeners, type Rig, type RigOptions, record, rejection, rig } from './support.js'

const lost = failed('UNAVAILABLE', { outcomeUnknown: true })

/** A backend whose answers follow a script; the last one stays. */
function scripted(replies: readonly unknown[], options: RetryOptions = {}, more: RigOptions = {}): Rig {
  return rig([retry(options)], {
    reply: (_, request) => replies[Math.min(request, replies.length) - 1],
    capabilities: { putIdempotent: false },
    ...more,
  })
}

/** Lets every wait pass. */
async function patiently<T>({ timing }: Rig, output: Promise<T>): Promise<T> {
  await timing.advance(3_600_000)
  return output
}

/** How many requests a call makes whose every attempt ends so. */
async function requestsOf<K extends Operation>(
  operation: K,
  input: Partial<Input<K>>,
  options: RigOptions & { readonly error?: Error } = {},
): Promise<number> {
  const { error = lost, ...more } = options
  const backend = scripted([error], {}, more)
  await patiently(backend, rejection(backend.send(operation, input).output))
  return backend.requests.length
}

describe('retry: which errors', () => {
  it.each(['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED'] as const)('repeats a read after %s', async (code) => {
    const backend = scripted([failed(code), failed(code), record('v1')])
    const { output, trail } = backend.send('get')
    expect((await patiently(backend, output)).version).toBe('v1')
    expect(trail.attempts).toBe(3)
    expect(backend.timing.pending()).toBe(0)
  })

  it.each(['NOT_FOUND', 'PERMISSION_DENIED', 'UNAUTHENTICATED', 'CONFLICT', 'UNKNOWN'] as const)(
    'does not repeat after %s',
    async (code) => {
      const backend = scripted([failed(code)])
      const error = await rejection(backend.send('get').output)
      expect(error).toMatchObject({ code, retryable: false, attempts: 1 })
      expect(backend.requests).toHaveLength(1)
    },
  )

  it('goes by what the error says of itself', async () => {
    const backend = scripted([
      failed('UNKNOWN', { retryable: true }),
      failed('UNAVAILABLE', { retryable: false }),
    ])
    expect((await patiently(backend, rejection(backend.send('get').output))).code).toBe('UNAVAILABLE')
    expect(backend.requests).toHaveLength(2)
  })

  it('gives up after three attempts, finally, with all of them counted', async () => {
    const backend = scripted([failed('UNAVAILABLE'), failed('TIMEOUT'), failed('RATE_LIMITED'), record('v1')])
    const error = await patiently(backend, rejection(backend.send('get').output))
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      retryable: false,
      attempts: 3,
      outcomeUnknown: false,
    })
    expect(backend.requests).toHaveLength(3)
  })

  it('counts requests, not turns: an attempt that sent nothing is none', async () => {
    const full = { name: 'full', wrap: () => () => Promise.reject(failed('RATE_LIMITED')) }
    const backend = rig([retry(), full])
    const error = await patiently(backend, rejection(backend.send('get').output))
    expect(error).toMatchObject({ attempts: 0, retryable: false })
  })

  it('lets what is no SecretError pass as it is', async () => {
    const mistake = new TypeError('name must be a string')
    const backend = scripted([mistake])
    await expect(backend.send('get').output).rejects.toBe(mistake)
    expect(backend.requests).toHaveLength(1)
  })

  it('takes the number of attempts from its options', async () => {
    for (const attempts of [1, 2, 5]) {
      const backend = scripted([failed('TIMEOUT')], { attempts })
      await patiently(backend, rejection(backend.send('get').output))
      expect(backend.requests).toHaveLength(attempts)
    }
  })
})

describe('retry: waits', () => {
  /** The time from each failure to the next attempt. */
  async function waits(
    options: RetryOptions,
    random: number,
    errors = [failed('UNAVAILABLE')],
  ): Promise<number[]> {
    const times: number[] = []
    const backend: Rig = rig([retry(options)], {
      random: () => random,
      reply: (_, request) => {
        times.push(backend.timing.now())
        return errors[Math.min(request, errors.length) - 1]
      },
    })
    await patiently(backend, rejection(backend.send('get').output))
    return times.slice(1).map((time, index) => time - (times[index] ?? 0))
  }

  it('draws each wait from 0 to a bound that doubles, up to a cap', async () => {
    expect(await waits({ attempts: 9 }, 1)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
    expect(await waits({ attempts: 4 }, 0.5)).toEqual([50, 100, 200])
    expect(await waits({ attempts: 4 }, 0)).toEqual([0, 0, 0])
    expect(await waits({ attempts: 4, baseDelayMs: 10, maxDelayMs: 15 }, 1)).toEqual([10, 15, 15])
  })

  it('adds the wait to what the service asks for', async () => {
    const asks = failed('RATE_LIMITED', { retryAfterMs: 2_000 })
    expect(await waits({}, 1, [asks, failed('UNAVAILABLE')])).toEqual([2_100, 200])
  })

  it('waits for a minute at most, and else gives the error with the pause in it', async () => {
    const minute = failed('RATE_LIMITED', { retryAfterMs: 60_000 })
    expect(await waits({ attempts: 2 }, 0, [minute])).toEqual([60_000])
    const longer = scripted([failed('RATE_LIMITED', { retryAfterMs: 60_001 })])
    const error = await rejection(longer.send('get').output)
    expect(error).toMatchObject({ retryAfterMs: 60_001, retryable: false, attempts: 1 })
  })

  it('begins no wait that would reach the deadline', async () => {
    for (const [deadlineMs, requests] of [
      [100, 1],
      [101, 2],
    ] as const) {
      const backend = scripted([failed('UNAVAILABLE')], { attempts: 2 }, { random: () => 1 })
      const { output } = backend.send('get', {}, { deadlineAt: backend.timing.now() + deadlineMs })
      const error = await patiently(backend, rejection(output))
      expect(error).toMatchObject({ code: 'UNAVAILABLE', attempts: requests })
      expect(backend.requests).toHaveLength(requests)
    }
  })

  it("ends a wait with the caller's signal", async () => {
    const controller = new AbortController()
    const backend = scripted([failed('UNAVAILABLE')], {}, { random: () => 1 })
    const { output } = backend.send('get', {}, { signal: controller.signal })
    await settle()
    expect(listeners(controller.signal)).toBe(1)
    controller.abort()
    expect(await rejection(output)).toMatchObject({ code: 'ABORTED', attempts: 1, outcomeUnknown: false })
    expect(listeners(controller.signal)).toBe(0)
    expect(backend.timing.pending()).toBe(0)
    expect(backend.requests).toHaveLength(1)
  })

  it('says of a write in doubt that it was aborted with its outcome unknown', async () => {
    const controller = new AbortController()
    const backend = scripted([lost], {}, { random: () => 1 })
    const { output } = backend.send('put', { ifVersion: 'v1' }, { signal: controller.signal })
    await settle()
    controller.abort()
    expect(await rejection(output)).toMatchObject({ code: 'ABORTED', outcomeUnknown: true })
  })

  it('leaves no listener after a wait that ran its time', async () => {
    const { signal } = new AbortController()
    const backend = scripted([failed('UNAVAILABLE'), record('v1')])
    await patiently(backend, backend.send('get', {}, { signal }).output)
    expect(listeners(signal)).toBe(0)
  })

  it('does not repeat for a caller who has gone', async () => {
    const controller = new AbortController()
    const answer = held<unknown>()
    const backend = scripted([answer.promise])
    const { output } = backend.send('get', {}, { signal: controller.signal })
    controller.abort()
    answer.reject(failed('TIMEOUT'))
    expect((await rejection(output)).code).toBe('TIMEOUT')
    await backend.timing.advance(10_000)
    expect(backend.requests).toHaveLength(1)
  })

  it('ends its waits with the store, and begins none after it', async () => {
    const backend = scripted([failed('UNAVAILABLE')], {}, { random: () => 1 })
    const { output } = backend.send('get')
    await settle()
    expect(backend.timing.pending()).toBe(1)
    await backend.close()
    expect(backend.timing.pending()).toBe(0)
    expect(await rejection(output)).toMatchObject({ code: 'UNAVAILABLE', retryable: false, attempts: 1 })
    expect((await rejection(backend.send('get').output)).attempts).toBe(1)
    expect(backend.requests).toHaveLength(2)
    expect(backend.timing.pending()).toBe(0)
  })
})

describe('retry: budget', () => {
  it('holds 100 retries, and gets one back for five successes', async () => {
    let down = true
    const backend = rig([retry({ attempts: 2 })], {
      reply: () => (down ? failed('UNAVAILABLE') : record('v1')),
    })
    const send = async (): Promise<number> => {
      const { output, trail } = backend.send('get')
      await backend.timing.advance(1_000)
      await output.catch((error: unknown) => expect(error).toMatchObject({ code: 'UNAVAILABLE' }))
      return trail.attempts
    }
    for (let call = 0; call < 100; call += 1) expect(await send()).toBe(2)
    expect(await send()).toBe(1)
    down = false
    for (let call = 0; call < 4; call += 1) await send()
    down = true
    expect(await send()).toBe(1)
    down = false
    await send()
    down = true
    expect(await send()).toBe(2)
    expect(await send()).toBe(1)
  })

  it('never grows beyond its size', async () => {
    let down = false
    const backend = rig([retry({ attempts: 2, budget: 1 })], {
      reply: () => (down ? failed('UNAVAILABLE') : record('v1')),
    })
    for (let call = 0; call < 50; call += 1) await backend.send('get').output
    down = true
    await patiently(backend, rejection(backend.send('get').output))
    await patiently(backend, rejection(backend.send('get').output))
    expect(backend.requests).toHaveLength(50 + 2 + 1)
  })

  it('of 0 repeats nothing', async () => {
    const backend = scripted([failed('UNAVAILABLE')], { budget: 0 })
    await rejection(backend.send('get').output)
    expect(backend.requests).toHaveLength(1)
  })
})

describe('retry: which writes', () => {
  it.each(operationNames.filter((operation) => effects[operation] === 'write'))(
    'repeats %s when it certainly was not carried out',
    async (operation) => {
      expect(await requestsOf(operation, {}, { error: failed('RATE_LIMITED') })).toBe(3)
    },
  )

  const atomic = {
    putIfVersion: 'atomic',
    putIfAbsent: 'atomic',
    recordSwap: 'atomic',
    putIdempotent: false,
  } as const
  const checked = { putIfVersion: 'checked', putIfAbsent: 'checked', recordSwap: 'checked' } as const

  it.each<[string, Operation, object, object, boolean]>([
    ['a read', 'describe', {}, {}, true],
    ['a listing', 'listPage', {}, {}, true],
    ['a history', 'versionsPage', {}, {}, true],
    ['a record', 'readRecord', {}, {}, true],
    ['a plain put', 'put', {}, {}, false],
    ['a put if version', 'put', { ifVersion: 'v1' }, {}, true],
    ['a put if version that is only checked', 'put', { ifVersion: 'v1' }, checked, false],
    ['a pending put if version', 'put', { ifVersion: 'v1', stage: 'pending' }, {}, false],
    ['a put if absent', 'put', { ifAbsent: true }, {}, true],
    ['a put with ifAbsent: false', 'put', { ifAbsent: false }, {}, false],
    ['a put if absent that is only checked', 'put', { ifAbsent: true }, checked, false],
    ['a pending put if absent', 'put', { ifAbsent: true, stage: 'pending' }, {}, true],
    ['a put with a key', 'put', { idempotencyKey: 'k' }, { putIdempotent: true }, true],
    ['a plain put where keys are known', 'put', {}, { putIdempotent: true }, true],
    ['a fenced promote', 'promote', { ifCurrent: 'v1' }, {}, true],
    ['a promote', 'promote', {}, {}, false],
    ['a discard', 'discard', {}, {}, true],
    ['destroying', 'setVersionState', { state: 'destroyed' }, {}, true],
    ['disabling', 'setVersionState', { state: 'disabled' }, {}, false],
    ['enabling', 'setVersionState', { state: 'enabled' }, {}, false],
    ['tags', 'tag', {}, {}, false],
    ['a delete', 'delete', {}, {}, false],
    ['a purge', 'delete', { purge: true }, {}, false],
    ['a restore', 'restore', {}, {}, false],
    ['a swap', 'swapRecord', {}, {}, true],
    ['a swap that is only checked', 'swapRecord', {}, checked, false],
  ])('%s whose answer was lost: %s', async (_, operation, input, capabilities, again) => {
    const requests = await requestsOf(operation, input, { capabilities: { ...atomic, ...capabilities } })
    expect(requests).toBe(again ? 3 : 1)
  })

  it('says of a write that may not be repeated: outcome unknown, and final', async () => {
    const backend = scripted([lost])
    const error = await rejection(backend.send('delete').output)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true, retryable: false, attempts: 1 })
  })

  it('keeps the doubt of an earlier attempt, whatever the last one says', async () => {
    const backend = scripted([lost, failed('RATE_LIMITED'), failed('PERMISSION_DENIED')])
    const error = await patiently(backend, rejection(backend.send('put', { ifVersion: 'v1' }).output))
    expect(error).toMatchObject({
      code: 'PERMISSION_DENIED',
      outcomeUnknown: true,
      retryable: false,
      attempts: 3,
    })
  })

  it('invents no doubt', async () => {
    const backend = scripted([failed('RATE_LIMITED'), failed('CONFLICT')])
    const error = await patiently(backend, rejection(backend.send('put', { ifVersion: 'v1' }).output))
    expect(error).toMatchObject({ code: 'CONFLICT', outcomeUnknown: false, attempts: 2 })
    expect(backend.requests.map(({ operation }) => operation)).toEqual(['put', 'put'])
  })
})

describe('retry: idempotency keys', () => {
  const keys = (calls: readonly Call[]): unknown[] =>
    calls.map(({ input }) => (input as Input<'put'>).idempotencyKey)

  it('gives each put one, the same for all its attempts', async () => {
    const backend = scripted([lost, lost, { version: 'v' }], {}, { capabilities: { putIdempotent: true } })
    await patiently(backend, backend.send('put').output)
    await backend.send('put').output
    const [first, second, third, other] = keys(backend.requests)
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect([second, third]).toEqual([first, first])
    expect(other).toMatch(/^[0-9a-f-]{36}$/)
    expect(other).not.toBe(first)
  })

  it('leaves the caller the key that he gave, and the call without one where keys are not known', async () => {
    const known = scripted([{ version: 'v' }], {}, { capabilities: { putIdempotent: true } })
    await known.send('put', { idempotencyKey: 'mine' }).output
    await known.send('delete').output
    expect(keys(known.requests)).toEqual(['mine', undefined])
    const unknown = scripted([{ version: 'v' }])
    await unknown.send('put').output
    expect(keys(unknown.requests)).toEqual([undefined])
  })
})

describe('retry: a repeat that meets its own first attempt', () => {
  const value = SecretValue.text('new-value')
  const conflict = failed('CONFLICT')

  async function resolved(
    operation: Operation,
    input: object,
    replies: readonly unknown[],
  ): Promise<{ backend: Rig; result: PromiseSettledResult<unknown> }> {
    const backend = scripted(replies)
    const [result] = await patiently(backend, Promise.allSettled([backend.send(operation, input).output]))
    return { backend, result }
  }

  it('is success when the value that it put is there', async () => {
    const { backend, result } = await resolved('put', { ifVersion: 'v1', value }, [
      lost,
      conflict,
      record('v2', 'new-value'),
    ])
    expect(result).toEqual({ status: 'fulfilled', value: { version: 'v2' } })
    expect(backend.requests.map(({ operation, input }) => [operation, input])[2]).toEqual([
      'get',
      { name: 'prod/db', namespace: 'user', stage: 'current' },
    ])
  })

  it('reads the stage and the namespace that it wrote', async () => {
    const input = { ifAbsent: true, stage: 'pending', namespace: 'system', value } as const
    const replies = [lost, failed('ALREADY_EXISTS'), record('v2', 'new-value')]
    const { backend, result } = await resolved('put', input, replies)
    expect(result).toEqual({ status: 'fulfilled', value: { version: 'v2' } })
    expect(backend.requests[2]?.input).toEqual({ name: 'prod/db', namespace: 'system', stage: 'pending' })
  })

  it.each<[string, unknown]>([
    ['another value is there', record('v2', 'other-value')],
    ['the value cannot be read', failed('PERMISSION_DENIED')],
  ])('is the conflict, with its outcome unknown, when %s', async (_, reply) => {
    const { backend, result } = await resolved('put', { ifVersion: 'v1', value }, [lost, conflict, reply])
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { code: 'CONFLICT', outcomeUnknown: true, retryable: false, attempts: 3 },
    })
    expect(backend.requests).toHaveLength(3)
  })

  it('reads nothing back after another error, or without a doubt', async () => {
    const denied = await resolved('put', { ifVersion: 'v1' }, [lost, failed('PERMISSION_DENIED')])
    expect(denied.backend.requests).toHaveLength(2)
    const sure = await resolved('put', { ifVersion: 'v1' }, [conflict])
    expect(sure.backend.requests).toHaveLength(1)
    const promote = await resolved('promote', { ifCurrent: 'v1' }, [lost, conflict])
    expect(promote.backend.requests).toHaveLength(2)
    expect(promote.result).toMatchObject({ reason: { code: 'CONFLICT', outcomeUnknown: true } })
  })

  const mine = { nonce: 'n2', of: 'prod/db' }
  it('knows its own record by the nonce', async () => {
    const swap = { record: mine, ifRevision: 'r1', namespace: 'system' } as const
    const { backend, result } = await resolved('swapRecord', swap, [
      lost,
      conflict,
      { record: { ...mine }, revision: 'r2' },
    ])
    expect(result).toEqual({ status: 'fulfilled', value: { revision: 'r2' } })
    expect(backend.requests[2]).toMatchObject({
      operation: 'readRecord',
      input: { name: 'prod/db', namespace: 'system' },
    })
    const user = await resolved('swapRecord', { record: mine, ifRevision: 'r1' }, [lost, conflict, lost])
    expect(user.backend.requests[2]?.input).toEqual({ name: 'prod/db', namespace: 'user' })
  })

  it.each<[string, object | null, unknown]>([
    ["another writer's record is there", mine, { record: { ...mine, nonce: 'n3' }, revision: 'r3' }],
    ['no record is there', mine, { revision: 'r3' }],
    ['the record cannot be read', mine, failed('PERMISSION_DENIED')],
    ['it emptied the record, which leaves no trace', null, { revision: 'r3' }],
  ])('is the conflict, with its outcome unknown, when %s', async (_, given, reply) => {
    const swap = { record: given, ifRevision: 'r1' }
    const { result } = await resolved('swapRecord', swap, [lost, conflict, reply])
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT', outcomeUnknown: true } })
  })
})

describe('retry: options', () => {
  it.each<[RetryOptions, string]>([
    [{ attempts: 0 }, 'retry: attempts must be a whole number above 0'],
    [{ attempts: 1.5 }, 'retry: attempts must be a whole number above 0'],
    [{ baseDelayMs: -1 }, 'retry: baseDelayMs must be a number, 0 or more'],
    [{ maxDelayMs: Number.NaN }, 'retry: maxDelayMs must be a number, 0 or more'],
    [{ budget: -1 }, 'retry: budget must be a whole number, 0 or more'],
    [{ budget: 0.5 }, 'retry: budget must be a whole number, 0 or more'],
  ])('refuses %j', (options, message) => {
    expect(() => retry(options)).toThrow(new TypeError(message))
  })

  it('takes 0 where that means something', () => {
    expect(() => retry({ baseDelayMs: 0, maxDelayMs: 0, budget: 0 })).not.toThrow()
  })
})
