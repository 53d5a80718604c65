import type { SecretStore } from 'strongroom'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, collect, errorOf, foreignHand, openBench } from './kit.js'

describe('a rollback', () => {
  let bench: Bench
  let store: SecretStore
  beforeEach(async () => {
    bench = await openBench({ facts: { namesPreviousVersion: true } })
    store = bench.store
  })
  afterEach(() => bench.close())

  it('reads the previous version once: seven requests where the service names it', async () => {
    for (const value of ['1', '2', '3']) await store.put('a', value)
    const wire = await bench.wire(() => store.rollback('a'))
    expect(wire).toEqual({ GetSecretVersions: 1, GetSecret: 5, SetSecret: 1 })
    expect((await store.get('a')).value).toBe('2')
  })

  it('keeps the content type and the tags of the current version, and inherits no expiry', async () => {
    const foreign = foreignHand(bench.emulator)
    await foreign.setSecret('a', '1', { contentType: 'text/x-token' })
    await foreign.setSecret('a', '2', {
      contentType: 'text/x-token',
      tags: { team: 'red' },
      expiresOn: new Date('2030-01-01T00:00:00Z'),
    })
    await store.rollback('a')
    const { value, properties } = await foreign.getSecret('a')
    expect(value).toBe('1')
    expect(properties).toMatchObject({ contentType: 'text/x-token', tags: { team: 'red' } })
    expect(properties.expiresOn).toBeUndefined()
  })

  it('is CONFLICT where the previous version cannot be told, and writes nothing', async () => {
    const foreign = foreignHand(bench.emulator, { serviceVersion: '7.5' })
    for (const value of ['1', '2', '3']) await foreign.setSecret('a', value)
    const older = bench.open({ client: foreign })
    const wire = await bench.wire(async () => {
      const error = await errorOf(older.rollback('a'))
      expect(error.code).toBe('CONFLICT')
      expect(error.message).toContain('name one')
    })
    expect(wire).not.toHaveProperty('SetSecret')
    const [, , one] = await collect(older.versions('a'))
    await older.rollback('a', { to: one?.version ?? '' })
    expect((await older.get('a')).version).not.toBe(one?.version)
  })

  it('goes back from a version that is disabled', async () => {
    await store.put('a', '1')
    const { version } = await store.put('a', '2')
    await store.setVersionState('a', version, 'disabled')
    await store.rollback('a', { ifCurrent: version })
    expect((await store.get('a')).value).toBe('1')
  })
})
