import { createStore, deadline, type SecretStore } from 'strongroom'
import { azure } from 'strongroom/azure'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, errorOf, foreignHand, openBench } from './kit.js'
import { bundle, failure, openStub, type StubAnswer } from './stub.js'

let bench: Bench
let store: SecretStore
beforeEach(async () => {
  bench = await openBench()
  store = bench.store
})
afterEach(() => bench.close())

/** A vault that answers each request of a kind with the next of its replies, and then with the last. */
async function scripted(
  replies: Readonly<Record<string, readonly StubAnswer[]>>,
): Promise<{ store: SecretStore; url: string; sent: string[]; close: () => Promise<void> }> {
  const sent: string[] = []
  const stub = await openStub(({ method, target }) => {
    const [path = ''] = target.split('?')
    const key = `${method} ${path}`
    const [line = []] = [replies[key] ?? []]
    const nth = sent.filter((each) => each === key).length
    sent.push(key)
    return line[Math.min(nth, line.length - 1)] ?? { status: 404, body: failure('SecretNotFound') }
  })
  const after = (_: number, run: () => void): (() => void) => {
    const timer = setImmediate(run)
    return () => clearImmediate(timer)
  }
  const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [], after })
  return { store, url: stub.url, sent, close: stub.close }
}

const found: StubAnswer = { status: 200, body: bundle('x') }
const trashed: StubAnswer = {
  status: 200,
  body: {
    ...bundle('x', { attributes: { created: 1, updated: 1, recoveryLevel: 'Recoverable+Purgeable' } }),
    recoveryId: 'r',
    deletedDate: 1_700_000_000,
    scheduledPurgeDate: 1_707_776_000,
  },
}
const missing: StubAnswer = { status: 404, body: failure('SecretNotFound') }
const throttled: StubAnswer = { status: 429, body: failure('Throttled') }
const beingDeleted: StubAnswer = { status: 409, body: failure('Conflict', 'ObjectIsBeingDeleted') }
const beingRecovered: StubAnswer = { status: 409, body: failure('Conflict', 'ObjectIsBeingRecovered') }
const denied: StubAnswer = { status: 403, body: failure('Forbidden', 'ForbiddenByRbac') }
const version = '0'.repeat(31).concat('1')

describe('what fails after the vault has accepted it is in doubt', () => {
  it.each<[string, Record<string, StubAnswer[]>, (store: SecretStore) => Promise<unknown>, boolean]>([
    [
      'delete, at the first look',
      { 'DELETE /secrets/a': [trashed], 'GET /deletedsecrets/a': [throttled] },
      (store) => store.delete('a'),
      true,
    ],
    [
      'delete, at a later look',
      { 'DELETE /secrets/a': [trashed], 'GET /deletedsecrets/a': [missing, missing, missing, throttled] },
      (store) => store.delete('a'),
      true,
    ],
    ['delete that was refused', { 'DELETE /secrets/a': [throttled] }, (store) => store.delete('a'), false],
    [
      'purge of what it has deleted',
      {
        'DELETE /secrets/a': [trashed],
        'GET /deletedsecrets/a': [trashed],
        'DELETE /deletedsecrets/a': [throttled],
      },
      (store) => store.delete('a', { purge: true }),
      true,
    ],
    [
      'purge, at the look',
      {
        'DELETE /secrets/a': [missing],
        'DELETE /deletedsecrets/a': [{ status: 204 }],
        'GET /deletedsecrets/a': [throttled],
      },
      (store) => store.delete('a', { purge: true }),
      true,
    ],
    [
      'purge of what lay in the trash, refused',
      { 'DELETE /secrets/a': [missing], 'DELETE /deletedsecrets/a': [throttled] },
      (store) => store.delete('a', { purge: true }),
      false,
    ],
    [
      'restore, at the first look',
      { 'GET /secrets/a/': [missing, throttled], 'POST /deletedsecrets/a/recover': [found] },
      (store) => store.restore('a'),
      true,
    ],
    [
      'restore, at a later look',
      {
        'GET /secrets/a/': [missing, missing, missing, throttled],
        'POST /deletedsecrets/a/recover': [found],
      },
      (store) => store.restore('a'),
      true,
    ],
    [
      'restore, at the look into the trash',
      {
        'GET /secrets/a/': [missing, found],
        'POST /deletedsecrets/a/recover': [found],
        'GET /deletedsecrets/a': [throttled],
      },
      (store) => store.restore('a'),
      true,
    ],
    [
      'restore that was refused',
      { 'GET /secrets/a/': [missing], 'POST /deletedsecrets/a/recover': [throttled] },
      (store) => store.restore('a'),
      false,
    ],
  ])('%s', async (_, replies, call, outcomeUnknown) => {
    const { store: own, close } = await scripted(replies)
    expect(await errorOf(call(own))).toMatchObject({ code: 'RATE_LIMITED', outcomeUnknown })
    await close()
  })
})

describe('each state has its own answer', () => {
  it('being deleted: a write is refused at once, as one to what is deleted', async () => {
    for (const call of [
      (own: SecretStore) => own.setVersionState('a', version, 'disabled'),
      (own: SecretStore) => own.tag('a', { set: { team: 'red' } }),
      (own: SecretStore) => own.delete('a'),
    ]) {
      const {
        store: own,
        sent,
        close,
      } = await scripted({
        'GET /secrets/a/': [found],
        'PATCH /secrets/a/00000000000000000000000000000001': [beingDeleted],
        'DELETE /secrets/a': [beingDeleted],
      })
      const error = await errorOf(call(own))
      expect(error).toMatchObject({ code: 'PENDING_DELETION', providerCode: 'ObjectIsBeingDeleted' })
      expect(sent.filter((each) => !each.startsWith('GET'))).toHaveLength(1)
      await close()
    }
  })

  it('being recovered: a write waits, and is carried out', async () => {
    const {
      store: own,
      sent,
      close,
    } = await scripted({
      'GET /secrets/a/': [found],
      'PATCH /secrets/a/00000000000000000000000000000001': [beingRecovered, found],
      'PUT /secrets/a': [beingRecovered, beingRecovered, found],
      'DELETE /secrets/a': [beingRecovered, trashed],
      'GET /deletedsecrets/a': [trashed],
    })
    await own.tag('a', { set: { team: 'red' } })
    await own.put('a', 'y')
    await own.delete('a')
    await close()
    const writes = sent.filter((each) => !each.startsWith('GET'))
    expect(writes.map((each) => each.split(' ')[0]).join(' ')).toBe('PATCH PATCH PUT PUT PUT DELETE DELETE')
  })

  it('missing, disabled, deleted and denied are told apart by every read', async () => {
    await store.put('missing-then', '1')
    await store.put('deleted', '1')
    await store.delete('deleted')
    const disabled = await store.put('disabled', '1')
    await store.setVersionState('disabled', disabled.version, 'disabled')
    const codeOf = async (name: string): Promise<string> => (await errorOf(store.get(name))).code
    expect(await codeOf('missing')).toBe('NOT_FOUND')
    expect(await codeOf('disabled')).toBe('DISABLED')
    expect(await codeOf('deleted')).toBe('PENDING_DELETION')
    bench.emulator.faults.add({ operation: '*', error: 'ForbiddenByRbac' })
    expect(await codeOf('deleted')).toBe('PERMISSION_DENIED')
  })

  it('on its way to the trash and back a read finds nothing, and says so', async () => {
    await store.put('a', '1')
    await foreignHand(bench.emulator).beginDeleteSecret('a')
    const wire = await bench.wire(async () => {
      expect((await errorOf(store.get('a'))).code).toBe('NOT_FOUND')
    })
    expect(wire).toEqual({ GetSecret: 1, GetDeletedSecret: 1 })
  })
})

describe('a restore by an identity that may not read', () => {
  it('is done when the vault has accepted it', async () => {
    const {
      store: own,
      sent,
      close,
    } = await scripted({
      'GET /secrets/a/': [denied],
      'POST /deletedsecrets/a/recover': [found],
      'GET /deletedsecrets/a': [denied],
    })
    await own.restore('a')
    expect(sent).toContain('POST /deletedsecrets/a/recover')
    await close()
  })

  it('of what is nowhere is NOT_FOUND, and no success', async () => {
    const { store: own, close } = await scripted({ 'GET /secrets/a/': [denied] })
    expect((await errorOf(own.restore('a'))).code).toBe('NOT_FOUND')
    await close()
  })
})

describe('a purge that may only delete', () => {
  it('is PERMISSION_DENIED, and says that the secret is deleted', async () => {
    const { store: own, close } = await scripted({
      'DELETE /secrets/a': [trashed],
      'GET /deletedsecrets/a': [trashed],
      'DELETE /deletedsecrets/a': [denied],
    })
    const error = await errorOf(own.delete('a', { purge: true }))
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', outcomeUnknown: false })
    expect(error.message).toMatch(/may not purge; the secret is deleted/)
    await close()
  })
})

/** A clock that stands still but for waits of up to two seconds; whatever is due by then happens. */
function steppedTime(): { now: () => number; after: (delayMs: number, run: () => void) => () => void } {
  let time = 0
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  return {
    now: () => time,
    after(delayMs, run) {
      const timer = { at: time + delayMs, run }
      timers.add(timer)
      const step = (): void => {
        time = Math.max(time, timer.at)
        const due = [...timers].filter(({ at }) => at <= time).sort((left, right) => left.at - right.at)
        for (const each of due) if (timers.delete(each)) each.run()
      }
      if (delayMs <= 2_000) setImmediate(step)
      return () => timers.delete(timer)
    },
  }
}

describe('the deadline', () => {
  it('ends the waiting, and leaves the call in doubt', async () => {
    const { sent, url, close } = await scripted({
      'DELETE /secrets/a': [trashed],
      'GET /deletedsecrets/a': [missing],
    })
    const own = createStore({ provider: azure({ endpoint: url }), layers: [deadline()], ...steppedTime() })
    const error = await errorOf(own.delete('a', { deadlineMs: 4_000 }))
    expect(error).toMatchObject({ code: 'TIMEOUT', outcomeUnknown: true })
    expect(error.message).toContain('4000 ms')
    // At 0 (twice: the SDK, and then we), 0.25, 0.75, 1.75 and 3.75 seconds.
    expect(sent.filter((each) => each.startsWith('GET'))).toHaveLength(6)
    await close()
  })
})
