import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Layer } from '../../src/layer.js'
import { sinkOf } from '../../src/layers/audit/sink.js'
import { type AuditEntry, type AuditFailure, type AuditOptions, audit } from '../../src/layers/audit.js'
import { cache } from '../../src/layers/cache.js'
import { policy } from '../../src/layers/policy.js'
import { operationNames } from '../../src/operations.js'
import { fakeTiming, settle } from '../support/fake-timing.js'
import { failed, type Held, held, type Rig, type RigOptions, record, rejection, rig } from './support.js'

interface Audited extends Rig {
  readonly entries: AuditEntry[]
  readonly reports: AuditFailure[]
}

function audited(
  options: Partial<AuditOptions> & RigOptions & { readonly inner?: readonly Layer[] } = {},
): Audited {
  const { inner = [], reply, ...auditOptions } = options
  const entries: AuditEntry[] = []
  const reports: AuditFailure[] = []
  const layer = audit({
    record: (entry) => {
      entries.push(entry)
    },
    onFailure: (report) => reports.push(report),
    ...auditOptions,
  })
  const made = rig([layer, ...inner], { random: () => 1, ...(reply === undefined ? {} : { reply }) })
  return { ...made, entries, reports }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('audit: entries', () => {
  it('says who was asked what, when, how it ended and how long it took', async () => {
    const answer = held<unknown>()
    const { send, timing, entries } = audited({ reply: () => answer.promise })
    const start = timing.now()
    const { output } = send('get', { stage: 'previous' })
    await timing.advance(12)
    expect(entries).toEqual([])
    answer.resolve(record('v7'))
    expect((await output).version).toBe('v7')
    expect(entries).toEqual([
      {
        time: start,
        provider: 'scripted',
        operation: 'get',
        namespace: 'user',
        secret: 'prod/db',
        version: 'v7',
        stage: 'previous',
        outcome: 'ok',
        outcomeUnknown: false,
        source: 'provider',
        attempts: 1,
        latencyMs: 12,
        count: 1,
      },
    ])
    expect(Object.isFrozen(entries[0])).toBe(true)
  })

  it.each(operationNames)('records %s', async (operation) => {
    const { send, entries } = audited()
    await send(operation).output
    expect(entries).toMatchObject([{ operation, outcome: 'ok', count: 1, namespace: 'user' }])
  })

  it('names the version that was asked for, else the one that the answer names', async () => {
    const { send, entries } = audited({
      reply: (_, n) => [failed('NOT_FOUND'), { version: 'v2' }, undefined][n - 1],
    })
    await rejection(send('get', { version: 'v1', namespace: 'system' }).output)
    await send('put').output
    await send('listPage', { namespace: 'system' }).output
    expect(entries.map(({ version }) => version)).toEqual(['v1', 'v2', undefined])
    expect(entries.map(({ namespace }) => namespace)).toEqual(['system', 'user', 'system'])
    expect(entries[2]).not.toHaveProperty('version')
    expect(entries[2]).not.toHaveProperty('secret')
  })

  it('records what failed, and lets the error pass as it is', async () => {
    const errors = [
      failed('UNAVAILABLE', { outcomeUnknown: true }),
      new TypeError('a mistake'),
      new Error('a bug'),
    ]
    const { send, entries } = audited({ reply: (_, n) => errors[n - 1] })
    expect(await rejection(send('put').output)).toBe(errors[0])
    await expect(send('get').output).rejects.toBe(errors[1])
    await expect(send('get').output).rejects.toBe(errors[2])
    expect(entries.map(({ outcome }) => outcome)).toEqual(['UNAVAILABLE', 'TYPE_ERROR', 'UNKNOWN'])
    expect(entries.map(({ outcomeUnknown }) => outcomeUnknown)).toEqual([true, false, false])
  })

  it('survives a layer below that throws before it gives a promise', async () => {
    const error = failed('UNKNOWN')
    const broken: Layer = {
      name: 'broken',
      wrap: () => () => {
        throw error
      },
    }
    const { send, entries } = audited({ inner: [broken] })
    expect(await rejection(send('get').output)).toBe(error)
    expect(entries).toHaveLength(1)
  })

  it('records what a policy denies', async () => {
    const { send, entries } = audited({ inner: [policy({ rules: [] })] })
    await rejection(send('get').output)
    expect(entries).toMatchObject([{ outcome: 'PERMISSION_DENIED', attempts: 0 }])
  })

  it('carries no value', async () => {
    const { send, entries } = audited({ reply: () => record('v1', 'marked-value-1') })
    await send('get').output
    await send('put', { rotationToken: 'marked-token-1', idempotencyKey: 'marked-key-1' }).output
    expect(entries).toHaveLength(2)
    const printed = inspect(entries, { depth: Number.POSITIVE_INFINITY, showHidden: true })
    expect(printed).not.toMatch(/marked|new-value|secret value/)
  })
})

describe('audit: answers from the cache', () => {
  it('are gathered by what they were about, and handed over each minute', async () => {
    const { send, timing, entries } = audited({ inner: [cache()], reply: () => record('v1') })
    const start = timing.now()
    await send('get').output
    expect(entries.splice(0)).toHaveLength(1)
    await timing.advance(5)
    for (let n = 0; n < 3; n += 1) await send('get').output
    await send('get', { name: 'other' }).output
    await send('get', { name: 'other' }).output
    entries.splice(0)
    expect(timing.pending()).toBe(1)
    await timing.advance(59_999)
    expect(entries).toEqual([])
    await timing.advance(1)
    const hit = { time: start + 5, outcome: 'ok', source: 'cache', attempts: 0, version: 'v1', latencyMs: 0 }
    expect(entries).toMatchObject([
      { ...hit, secret: 'prod/db', count: 3 },
      { ...hit, secret: 'other', count: 1 },
    ])
    for (const entry of entries) expect(Object.isFrozen(entry)).toBe(true)
    expect(timing.pending()).toBe(0)
    await send('get').output
    await timing.advance(60_000)
    expect(entries).toHaveLength(3)
    expect(entries[2]).toMatchObject({ count: 1, time: start + 60_005 })
  })

  it('are kept apart by outcome, stage, version, namespace and source', async () => {
    const reply: RigOptions['reply'] = ({ input }) =>
      'version' in input && input.version === 'gone' ? failed('NOT_FOUND') : record('v1')
    const { send, timing, entries } = audited({ inner: [cache()], reply })
    for (let n = 0; n < 3; n += 1) {
      await send('get').output
      await send('get', { stage: 'previous' }).output
      await send('get', { namespace: 'system' }).output
      await rejection(send('get', { version: 'gone' }).output)
    }
    entries.splice(0)
    await timing.advance(60_000)
    expect(entries.map(({ count }) => count)).toEqual([2, 2, 2, 2])
    expect(entries.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'NOT_FOUND'])
  })

  it('include those that were served stale, with their requests and the longest time', async () => {
    let up = true
    const waits = [30, 50, 10]
    const { send, timing, entries } = audited({
      inner: [cache({ ttlMs: 1 })],
      reply: () => (up ? record('v1') : slowFailure()),
    })
    const slowFailure = (): Promise<never> => {
      const answer = held<never>()
      timing.after(waits.shift() ?? 0, () => answer.reject(failed('UNAVAILABLE')))
      return answer.promise
    }
    await send('get').output
    await timing.advance(2)
    up = false
    entries.splice(0)
    for (let n = 0; n < 3; n += 1) {
      const { output } = send('get')
      await timing.advance(5_000)
      await output
    }
    expect(entries).toEqual([])
    await timing.advance(60_000)
    expect(entries).toMatchObject([{ source: 'stale', count: 3, attempts: 3, latencyMs: 50 }])
  })

  it('are handed over when the store is closed, and at once after that', async () => {
    const answer = held<unknown>()
    const { send, timing, entries, close } = audited({
      inner: [cache()],
      reply: ({ input }) => ('name' in input && input.name === 'slow' ? answer.promise : record('v1')),
    })
    await send('get').output
    await send('get').output
    const late = [send('get', { name: 'slow' }), send('get', { name: 'slow' })]
    await settle()
    entries.splice(0)
    await close()
    expect(entries.splice(0)).toMatchObject([{ source: 'cache', count: 1 }])
    expect(timing.pending()).toBe(0)
    answer.resolve(record('v1'))
    for (const { output } of late) await output
    expect(entries.map(({ source }) => source)).toEqual(['provider', 'cache'])
    expect(timing.pending()).toBe(0)
  })
})

/** A hook that works only when told to. */
function hook(): {
  readonly record: AuditOptions['record']
  readonly taken: string[]
  works: boolean
  calls: number
} {
  const self = {
    taken: [] as string[],
    works: true,
    calls: 0,
    record: async ({ operation }: AuditEntry): Promise<void> => {
      self.calls += 1
      if (!self.works) throw new Error('disk full')
      self.taken.push(operation)
    },
  }
  return self
}

describe('audit: a failing hook, buffer', () => {
  it('delays no call: entries wait, in order, and are tried again each second', async () => {
    const sink = hook()
    sink.works = false
    const { send, timing, reports } = audited({ record: sink.record })
    await send('get').output
    await send('put').output
    await settle()
    expect(sink.calls).toBe(1)
    expect(timing.pending()).toBe(1)
    await timing.advance(999)
    expect(sink.calls).toBe(1)
    await timing.advance(1)
    expect(sink.calls).toBe(2)
    await send('tag').output
    expect(sink.calls).toBe(2)
    sink.works = true
    await timing.advance(1_000)
    expect(sink.taken).toEqual(['get', 'put', 'tag'])
    expect(timing.pending()).toBe(0)
    expect(reports).toEqual([{ error: new Error('disk full'), waiting: 1, lost: 0 }])
  })

  it('takes a hook that throws, or returns nothing, for what it is', async () => {
    let works = false
    const taken: string[] = []
    const { send, timing } = audited({
      record: ({ operation }) => {
        if (!works) throw new Error('broken')
        taken.push(operation)
      },
    })
    await send('get').output
    await settle()
    works = true
    await timing.advance(1_000)
    expect(taken).toEqual(['get'])
  })

  it('hands over one entry at a time', async () => {
    const pending: Held<void>[] = []
    const { send } = audited({
      record: () => {
        const one = held<void>()
        pending.push(one)
        return one.promise
      },
    })
    for (let n = 0; n < 3; n += 1) await send('get').output
    await settle()
    expect(pending).toHaveLength(1)
    pending[0]?.resolve()
    await settle()
    expect(pending).toHaveLength(2)
  })

  it('sets one timer, however many entries met the same failure', async () => {
    const answer = held<void>()
    const { send, timing } = audited({ record: () => answer.promise })
    for (let n = 0; n < 5; n += 1) await send('get').output
    answer.reject(new Error('down'))
    await settle()
    expect(timing.pending()).toBe(1)
  })

  it('loses what exceeds its bound, and says so at most once a minute', async () => {
    const sink = hook()
    sink.works = false
    const { send, timing, reports, close } = audited({ record: sink.record, maxWaiting: 2 })
    for (const operation of ['get', 'put', 'tag', 'delete'] as const) await send(operation).output
    await settle()
    expect(reports).toMatchObject([{ waiting: 1, lost: 0 }])
    await timing.advance(59_000)
    expect(reports).toHaveLength(1)
    await timing.advance(1_000)
    expect(reports.slice(1)).toEqual([{ error: new Error('disk full'), waiting: 2, lost: 2 }])
    await send('restore').output
    await timing.advance(60_000)
    expect(reports.slice(2)).toMatchObject([{ waiting: 2, lost: 1 }])
    sink.works = true
    await close()
    expect(sink.taken).toEqual(['get', 'put'])
    expect(reports).toHaveLength(3)
  })

  it('holds ten thousand', async () => {
    const sink = hook()
    sink.works = false
    const { send, reports, close } = audited({ record: sink.record })
    for (let n = 0; n < 10_001; n += 1) await send('get').output
    await close()
    expect(reports.at(-1)).toEqual({ error: undefined, waiting: 0, lost: 10_001 })
    const exact = audited({ record: sink.record })
    for (let n = 0; n < 10_000; n += 1) await exact.send('get').output
    sink.works = true
    await exact.close()
    expect(sink.taken).toHaveLength(10_000)
  })

  it('tries once more when the store is closed, and reports what is lost then', async () => {
    const sink = hook()
    sink.works = false
    const { send, timing, reports, close } = audited({ record: sink.record })
    await send('get').output
    await send('put').output
    await settle()
    const calls = sink.calls
    await close()
    expect(sink.calls).toBe(calls + 1)
    expect(timing.pending()).toBe(0)
    expect(reports.slice(1)).toEqual([{ error: undefined, waiting: 0, lost: 2 }])
  })

  it('reports nothing when nothing is wrong', async () => {
    const { send, reports, close, entries } = audited()
    await send('get').output
    await close()
    expect(entries).toHaveLength(1)
    expect(reports).toEqual([])
  })

  it('loses an entry that comes after the store is closed and is not taken: no timer is left', async () => {
    const sink = hook()
    const answer = held<unknown>()
    const { send, timing, reports, close } = audited({ record: sink.record, reply: () => answer.promise })
    const { output } = send('get')
    await close()
    sink.works = false
    answer.resolve(record('v1'))
    await output
    await settle()
    expect(timing.pending()).toBe(0)
    await timing.advance(60_000)
    await close()
    expect(reports.at(-1)).toMatchObject({ waiting: 0, lost: 1 })
  })

  it('warns by itself, once, with counts and never with what the hook threw', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const layer = audit({ record: () => Promise.reject(new Error('marked-error-1')) })
    const { send } = rig([layer])
    await send('get').output
    await settle()
    expect(warn.mock.calls).toEqual([
      [
        'strongroom: the audit hook fails; 1 entries wait, 0 are lost. Mend it, or pass onFailure to hear why.',
        { code: 'STRONGROOM_AUDIT' },
      ],
    ])
  })
})

describe('audit: a failing hook, drop', () => {
  it('loses the entry, delays no call, and says so', async () => {
    const sink = hook()
    sink.works = false
    const { send, timing, reports, close } = audited({ record: sink.record, whenFailing: 'drop' })
    await send('get').output
    await settle()
    expect(timing.pending()).toBe(0)
    expect(reports).toEqual([{ error: new Error('disk full'), waiting: 0, lost: 1 }])
    await send('put').output
    await settle()
    sink.works = true
    await send('tag').output
    await settle()
    expect(sink.taken).toEqual(['tag'])
    await close()
    expect(reports.slice(1)).toEqual([{ error: undefined, waiting: 0, lost: 1 }])
  })
})

describe('audit: a failing hook, block', () => {
  const block = { whenFailing: 'block' } as const

  it('answers a call only when its entry has been taken', async () => {
    const taking = held<void>()
    const { send } = audited({ ...block, record: () => taking.promise, reply: () => record('v1') })
    const { output } = send('get')
    const seen: string[] = []
    void output.then(() => seen.push('answered'))
    await settle()
    expect(seen).toEqual([])
    taking.resolve()
    expect((await output).version).toBe('v1')
  })

  it.each([
    ['get', false],
    ['put', true],
  ] as const)('withholds the answer of %s when its entry is not taken', async (operation, isWrite) => {
    const sink = hook()
    sink.works = false
    const { send, requests } = audited({ ...block, record: sink.record })
    const error = await rejection(send(operation).output)
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      outcomeUnknown: isWrite,
      retryable: !isWrite,
      attempts: 1,
    })
    expect(error.message).toBe(
      `scripted: ${operation} "prod/db": the audit sink did not take its entry, so it is not answered`,
    )
    expect(requests).toHaveLength(1)
  })

  it('gives the error of a call that failed itself', async () => {
    const sink = hook()
    sink.works = false
    const conflict = failed('CONFLICT')
    const { send } = audited({ ...block, record: sink.record, reply: () => conflict })
    expect(await rejection(send('put').output)).toBe(conflict)
  })

  it('sends nothing more until what waits has been taken', async () => {
    const sink = hook()
    sink.works = false
    const { send, requests, reports } = audited({ ...block, record: sink.record })
    await rejection(send('get').output)
    const refused = await rejection(send('put').output)
    expect(refused).toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      outcomeUnknown: false,
      attempts: 0,
    })
    expect(refused.message).toBe(
      'scripted: put "prod/db": the audit sink takes no entries, so nothing was sent',
    )
    expect(requests).toHaveLength(1)
    expect(reports).toHaveLength(1)
    sink.works = true
    await send('tag').output
    expect(requests).toHaveLength(2)
    expect(sink.taken).toEqual(['get', 'tag'])
  })

  it('records hits by the minute here too, and refuses them while entries wait', async () => {
    const sink = hook()
    const { send, timing, requests } = audited({
      ...block,
      record: sink.record,
      inner: [cache()],
      reply: () => record('v1'),
    })
    await send('get').output
    await send('get').output
    sink.works = false
    await timing.advance(60_000)
    expect((await rejection(send('get').output)).code).toBe('UNAVAILABLE')
    sink.works = true
    await send('get').output
    expect(requests).toHaveLength(1)
    expect(sink.taken).toEqual(['get', 'get'])
    expect(timing.pending()).toBe(1)
  })
})

describe('audit: options', () => {
  const fine = { record: (): void => {} }
  it.each<[AuditOptions, string]>([
    [{} as unknown as AuditOptions, 'audit: record must be a function'],
    [
      { ...fine, whenFailing: 'ignore' as unknown as 'drop' },
      'audit: whenFailing must be one of block, buffer, drop',
    ],
    [{ ...fine, maxWaiting: 0 }, 'audit: maxWaiting must be a whole number above 0'],
  ])('refuses %o', (options, message) => {
    expect(() => audit(options)).toThrow(new TypeError(message))
  })
})

describe('audit: entries that come when others have just been handed over', () => {
  it.each(Array.from({ length: 12 }, (_, turns) => turns))(
    'are not lost at the end: %i turns later',
    async (turns) => {
      const taken: unknown[] = []
      const failures: unknown[] = []
      const record = (entry: unknown): void => void taken.push(entry)
      const onFailure = (failure: unknown): void => void failures.push(failure)
      const sink = sinkOf({ record, whenFailing: 'buffer', maxWaiting: 10, onFailure }, fakeTiming())
      sink.take('one' as never)
      for (let n = 0; n < turns; n += 1) await undefined
      sink.take('two' as never)
      await sink.close()
      expect([taken, failures]).toEqual([['one', 'two'], []])
    },
  )
})
