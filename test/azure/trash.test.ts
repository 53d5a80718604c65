import { createStore, type SecretStore } from 'strongroom'
import { azure } from 'strongroom/azure'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, collect, errorOf, foreignHand, openBench } from './kit.js'
import { bundle, failure, openStub, type StubRequest } from './stub.js'

let bench: Bench
let store: SecretStore
beforeEach(async () => {
  bench = await openBench()
  store = bench.store
})
afterEach(() => bench.close())

const day = 86_400_000

describe('delete', () => {
  it('returns when the trash holds it, asking at growing intervals of the clock', async () => {
    await store.put('a', '1')
    const deleted: { recoverableUntil?: Date }[] = []
    const wire = await bench.wire(async () => {
      deleted.push(await store.delete('a'))
    })
    expect(wire).toEqual({ DeleteSecret: 1, GetDeletedSecret: 5 })
    expect(bench.waits).toEqual([250, 500, 1000])
    expect(deleted).toEqual([{ recoverableUntil: new Date(Date.UTC(2026, 0, 1) + 90 * day) }])
  })

  it('is believed where this identity may not look into the trash', async () => {
    await store.put('a', '1')
    bench.emulator.faults.add({ operation: 'GetDeletedSecret', error: 'ForbiddenByRbac' })
    expect((await store.delete('a')).recoverableUntil).toBeInstanceOf(Date)
  })

  it('ends with the caller’s signal while it waits', async () => {
    const controller = new AbortController()
    await store.put('a', '1')
    bench.emulator.faults.add({ operation: 'GetDeletedSecret', error: 'SecretNotFound' })
    const call = errorOf(store.delete('a', { signal: controller.signal }))
    while (bench.waits.length < 3) await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    expect(await call).toMatchObject({ code: 'ABORTED', outcomeUnknown: true })
  })

  it('gives up after two minutes of the clock', async () => {
    await store.put('a', '1')
    bench.emulator.faults.add({ operation: 'GetDeletedSecret', error: 'SecretNotFound' })
    expect((await errorOf(store.delete('a'))).code).toBe('TIMEOUT')
    expect(bench.waits.reduce((sum, delayMs) => sum + delayMs, 0)).toBeLessThan(125_000)
  })

  it('of what is not there is NOT_FOUND, and of what is in the trash PENDING_DELETION', async () => {
    expect((await errorOf(store.delete('a'))).code).toBe('NOT_FOUND')
    await store.put('a', '1')
    await store.delete('a')
    expect((await errorOf(store.delete('a'))).code).toBe('PENDING_DELETION')
  })
})

describe('a name in the trash', () => {
  beforeEach(async () => {
    await store.put('a', '1', { tags: { team: 'red' } })
    await store.delete('a')
  })

  it('costs one more request, on NOT_FOUND only', async () => {
    const until = new Date(Date.UTC(2026, 0, 1) + 90 * day).toISOString()
    const calls: readonly [Record<string, number>, () => Promise<unknown>][] = [
      [{ GetSecret: 1, GetDeletedSecret: 1 }, () => store.get('a')],
      [{ GetSecret: 1, GetDeletedSecret: 1 }, () => store.get('a', { version: '0'.repeat(32) })],
      [{ GetSecret: 1, GetDeletedSecret: 1 }, () => store.tag('a', { set: { b: 'c' } })],
      [{ GetSecret: 1, GetDeletedSecret: 1 }, () => store.put('a', '2', { ifVersion: '0'.repeat(32) })],
      [{ UpdateSecret: 1, GetDeletedSecret: 1 }, () => store.setVersionState('a', '0'.repeat(32), 'enabled')],
      [{ GetSecretVersions: 1, GetDeletedSecret: 1 }, () => collect(store.versions('a'))],
    ]
    for (const [expected, call] of calls) {
      const wire = await bench.wire(async () => {
        const error = await errorOf(call())
        expect(error.code).toBe('PENDING_DELETION')
        expect(error.message).toContain(until)
      })
      expect(wire).toEqual(expected)
    }
  })

  it('is described', async () => {
    expect(await store.describe('a')).toMatchObject({
      state: 'deleted',
      tags: { team: 'red' },
      recoverableUntil: new Date(Date.UTC(2026, 0, 1) + 90 * day),
    })
  })

  it('looks like NOT_FOUND to an identity that may not look into the trash', async () => {
    bench.emulator.faults.add({ operation: 'GetDeletedSecret', error: 'ForbiddenByRbac' })
    expect((await errorOf(store.get('a'))).code).toBe('NOT_FOUND')
    expect((await errorOf(store.describe('a'))).code).toBe('NOT_FOUND')
  })

  it('is not called missing when the look into the trash fails', async () => {
    bench.emulator.faults.add({ operation: 'GetDeletedSecret', status: 503 })
    expect((await errorOf(store.get('a'))).code).toBe('UNAVAILABLE')
    expect((await errorOf(store.find('a'))).code).toBe('UNAVAILABLE')
  })

  it('refuses a put, at the cost of the put', async () => {
    const wire = await bench.wire(async () => {
      expect((await errorOf(store.put('a', '2'))).code).toBe('PENDING_DELETION')
    })
    expect(wire).toEqual({ GetSecret: 1, SetSecret: 1 })
  })

  it('is restored for a put that says so, with its tags', async () => {
    const { version } = await store.put('a', '2', { onDeleted: 'restore' })
    expect(await store.get('a')).toMatchObject({ version, value: '2', tags: { team: 'red' } })
    expect(await collect(store.versions('a'))).toHaveLength(2)
  })

  it('is not restored for a put that fails for another reason', async () => {
    bench.emulator.faults.add({ operation: 'SetSecret', error: 'ForbiddenByRbac' })
    const wire = await bench.wire(async () => {
      const error = await errorOf(store.put('a', '2', { onDeleted: 'restore' }))
      expect(error.code).toBe('PERMISSION_DENIED')
    })
    expect(wire).toEqual({ GetSecret: 1, SetSecret: 1 })
  })

  it('is not absent: ifAbsent with restore is ALREADY_EXISTS, and it stays in the trash', async () => {
    const error = await errorOf(store.put('a', '2', { onDeleted: 'restore', ifAbsent: true }))
    expect(error.code).toBe('ALREADY_EXISTS')
    expect((await store.describe('a')).state).toBe('deleted')
  })

  it('is compared after it is restored: ifVersion', async () => {
    const error = await errorOf(store.put('a', '2', { onDeleted: 'restore', ifVersion: '0'.repeat(32) }))
    expect(error.code).toBe('CONFLICT')
    const { version } = await store.get('a')
    await store.delete('a')
    await store.put('a', '3', { onDeleted: 'restore', ifVersion: version })
    expect((await store.get('a')).value).toBe('3')
  })
})

describe('a deletion that is under way', () => {
  it('is waited for: a put then knows what became of the name', async () => {
    await store.put('a', '1')
    await foreignHand(bench.emulator).beginDeleteSecret('a')
    expect((await errorOf(store.put('a', '2'))).code).toBe('PENDING_DELETION')
    expect(bench.waits).toEqual([250, 500, 1000])
    await foreignHand(bench.emulator).beginRecoverDeletedSecret('a')
    await store.put('a', '3')
    expect((await store.get('a')).value).toBe('3')
  })

  it('is waited for by restore', async () => {
    await store.put('a', '1')
    await foreignHand(bench.emulator).beginDeleteSecret('a')
    await store.put('a', '2', { onDeleted: 'restore' })
    expect((await store.get('a')).value).toBe('2')
  })
})

describe('restore', () => {
  it('returns when the secret can be read', async () => {
    const { version } = await store.put('a', '1')
    await store.delete('a')
    bench.waits.length = 0
    const wire = await bench.wire(() => store.restore('a'))
    expect(wire).toEqual({ GetSecret: 6, RecoverDeletedSecret: 1, GetDeletedSecret: 1 })
    expect(bench.waits).toEqual([250, 500, 1000])
    expect((await store.get('a')).version).toBe(version)
  })

  it('of a disabled secret is done when it is back, disabled', async () => {
    const { version } = await store.put('a', '1')
    await store.setVersionState('a', version, 'disabled')
    await store.restore('a')
    await store.delete('a')
    await store.restore('a')
    expect((await store.describe('a')).current).toMatchObject({ version, state: 'disabled' })
  })

  it('of what is nowhere is NOT_FOUND', async () => {
    expect((await errorOf(store.restore('a'))).code).toBe('NOT_FOUND')
  })

  it('is not fooled by an answer from before the deletion, which makes the SDK skip it', async () => {
    const sent: string[] = []
    let recovered = false
    const stub = await openStub(({ method, target }: StubRequest) => {
      const [path = ''] = target.split('?')
      sent.push(`${method} ${path}`)
      const missing = { status: 404, body: failure('SecretNotFound') }
      if (method === 'POST') {
        recovered = true
        return { status: 200, body: bundle('x') }
      }
      if (path.startsWith('/deletedsecrets')) {
        return recovered ? missing : { status: 200, body: { ...bundle('x'), recoveryId: 'r' } }
      }
      return recovered || sent.length === 1 ? { status: 200, body: bundle('x') } : missing
    })
    const after = (_: number, run: () => void): (() => void) => {
      run()
      return () => {}
    }
    const stubbed = createStore({ provider: azure({ endpoint: stub.url }), layers: [], after })
    await stubbed.restore('a')
    await stub.close()
    expect(recovered).toBe(true)
    expect(sent).toEqual([
      'GET /secrets/a/',
      'GET /deletedsecrets/a',
      'GET /secrets/a/',
      'POST /deletedsecrets/a/recover',
      'GET /secrets/a/',
      'GET /deletedsecrets/a',
    ])
  })
})

describe('purge', () => {
  it('deletes and purges, and returns when the trash is empty; the name is free again', async () => {
    await store.put('a', '1')
    expect(await store.delete('a', { purge: true })).toEqual({})
    expect((await errorOf(store.get('a'))).code).toBe('NOT_FOUND')
    await store.put('a', '2', { ifAbsent: true })
    expect(await collect(store.versions('a'))).toHaveLength(1)
  })

  it('of what is in the trash already purges it', async () => {
    await store.put('a', '1')
    await store.delete('a')
    const wire = await bench.wire(() => store.delete('a', { purge: true }))
    expect(wire).toMatchObject({ DeleteSecret: 1, PurgeDeletedSecret: 1 })
    expect((await errorOf(store.describe('a'))).code).toBe('NOT_FOUND')
  })

  it('of what is on its way to the trash waits', async () => {
    await store.put('a', '1')
    await foreignHand(bench.emulator).beginDeleteSecret('a')
    await store.delete('a', { purge: true })
    expect((await errorOf(store.describe('a'))).code).toBe('NOT_FOUND')
  })

  it('of what is nowhere is NOT_FOUND', async () => {
    expect((await errorOf(store.delete('a', { purge: true }))).code).toBe('NOT_FOUND')
  })

  it('in a protected vault is PERMISSION_DENIED, says why, and what became of the secret', async () => {
    const guarded = await openBench({ purgeProtection: true })
    await guarded.store.put('a', '1')
    const error = await errorOf(guarded.store.delete('a', { purge: true }))
    expect(error.code).toBe('PERMISSION_DENIED')
    expect(error.message).toMatch(/protected against purging.*deleted/)
    expect((await guarded.store.describe('a')).state).toBe('deleted')
    expect((await errorOf(guarded.store.delete('a', { purge: true }))).code).toBe('PERMISSION_DENIED')
    await guarded.close()
  })
})

describe('a vault without soft delete', () => {
  it('deletes for good at once: nothing is polled, and nothing is left to purge', async () => {
    const stub = await openStub(() => ({ status: 200, body: bundle('x') }))
    const old = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    expect(await old.delete('a')).toEqual({})
    expect(await old.delete('a', { purge: true })).toEqual({})
    expect(stub.requests.map(({ method }) => method)).toEqual(['DELETE', 'DELETE'])
    await stub.close()
  })
})
