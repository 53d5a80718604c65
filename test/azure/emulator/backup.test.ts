import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, notFound, start, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness({ deleteDelayMs: 0, purgeDelayMs: 0, purgedNameDelayMs: 0 })
})
afterEach(() => h.close())

const backup = async (name = 'a'): Promise<string> =>
  (await h.raw('POST', `/secrets/${name}/backup`)).body.value
const restore = (value: unknown, into: Harness = h) => into.refusal('POST', '/secrets/restore', { value })
const burn = async (name = 'a') => {
  await h.raw('DELETE', `/secrets/${name}`)
  await h.raw('DELETE', `/deletedsecrets/${name}`)
}
const malformed = [
  400,
  'Malformed backup blob',
  undefined,
  'Backup blob contains invalid or corrupt version.',
]

describe('backup', () => {
  test('is a blob without padding that shows nothing of the secret, and begins as those of the service', async () => {
    await h.set('a', 'kept-secret')
    const blob = await backup()
    expect(blob).toMatch(/^[\w-]+$/)
    const bytes = Buffer.from(blob, 'base64url')
    expect(bytes.subarray(0, 42).toString('latin1')).toBe(')AzureKeyVaultSecretBackupV1.microsoft.com')
    expect(bytes.toString('latin1')).not.toContain('kept-secret')
    expect(await backup()).not.toBe(blob)
  })

  test('of what is not there, or deleted, is not found', async () => {
    const missing = [404, 'SecretNotFound', undefined, notFound('a')]
    expect(await h.refusal('POST', '/secrets/a/backup')).toEqual(missing)
    await h.set('a')
    await h.raw('DELETE', '/secrets/a')
    expect(await h.refusal('POST', '/secrets/a/backup')).toEqual(missing)
  })

  test('of more versions than can be backed up is refused', async () => {
    await h.close()
    h = await startHarness({ facts: { maxBackupVersions: 2 } })
    await h.set('a')
    await h.set('a')
    expect((await h.refusal('POST', '/secrets/a/backup'))[0]).toBe(200)
    await h.set('a')
    expect((await h.refusal('POST', '/secrets/a/backup')).slice(0, 2)).toEqual([400, 'BadParameter'])
  })
})

describe('restore', () => {
  test('brings back every version as it was, and answers the latest one without its value', async () => {
    const first = await h.set('Mixed-Case', 'one', { tags: { k: '1' }, attributes: { enabled: false } })
    h.advance(5_000)
    const second = await h.set('mixed-case', 'two', { contentType: 't', attributes: { exp: 32503680000 } })
    const before = await h.raw('GET', '/secrets/mixed-case')
    const blob = await backup('mixed-case')
    await burn('mixed-case')
    h.advance(5_000)
    const { status, body } = await h.raw('POST', '/secrets/restore', { value: blob })
    const { value, ...bundle } = before.body
    expect([status, value, body]).toEqual([200, 'two', bundle])
    expect((await h.raw('GET', '/secrets/MIXED-case')).body).toEqual(before.body)
    expect(body.id).toContain(`/secrets/Mixed-Case/${second}`)
    const versions = (await h.raw('GET', '/secrets/mixed-case/versions')).body.value
    expect(versions.map(({ id }: { id: string }) => id.split('/').at(-1))).toEqual([first, second].sort())
    await h.raw('PATCH', `/secrets/mixed-case/${first}`, { attributes: { enabled: true } })
    const old = (await h.raw('GET', `/secrets/mixed-case/${first}`)).body
    expect([old.value, old.tags, old.attributes.created]).toEqual(['one', { k: '1' }, start / 1000])
  })

  test('is refused while the name is in use, in whatever state', async () => {
    await h.close()
    h = await startHarness()
    const id = await h.set('a')
    const blob = await backup()
    const conflict = [
      409,
      'Conflict',
      undefined,
      expect.stringContaining(`/secrets/a/${id}'. This can happen`),
    ]
    expect(await restore(blob)).toEqual(conflict)
    await h.raw('DELETE', '/secrets/a')
    expect(await restore(blob)).toEqual(conflict)
    h.advance(1_000)
    expect(await restore(blob)).toEqual(conflict)
    await h.raw('DELETE', '/deletedsecrets/a')
    expect(await restore(blob)).toEqual(conflict)
    h.advance(1_000)
    expect((await restore(blob))[0]).toBe(200)
  })

  test('takes the name once its retention is over, with nothing of what was there', async () => {
    await h.set('a', 'backed-up')
    const blob = await backup()
    await h.set('a', 'later')
    await h.raw('DELETE', '/secrets/a')
    h.advance(90 * 86_400_000)
    expect((await restore(blob))[0]).toBe(200)
    expect((await h.raw('GET', '/secrets/a/versions')).body.value).toHaveLength(1)
    expect(JSON.stringify(h.emulator.state.dump())).not.toContain('later')
  })

  test('knows no blob that was changed in any place', async () => {
    await h.set('a', 'v')
    const blob = await backup()
    await burn()
    const bytes = Buffer.from(blob, 'base64url')
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (index, flip) => {
        const changed = Buffer.from(bytes)
        changed[index] = (changed[index] ?? 0) ^ flip
        expect(await restore(changed.toString('base64url'))).toEqual(malformed)
      }),
      { numRuns: 60 },
    )
    expect((await restore(blob))[0]).toBe(200)
  })

  test.each([
    ['zeroes', Buffer.alloc(4_728).toString('base64url')],
    ['few bytes', 'AAAA'],
    ['a header alone', Buffer.from(')AzureKeyVaultSecretBackupV1.microsoft.com').toString('base64url')],
  ])('does not take %s', async (_what, blob) => {
    expect(await restore(blob)).toEqual(malformed)
  })

  test.each([[undefined], [1], [''], ['a+b='], [{}]])('does not take %j for a blob', async (value) => {
    expect((await restore(value)).slice(0, 2)).toEqual([400, 'BadParameter'])
  })

  test.each([
    [{}, 200],
    [{ vaultName: 'other', tenantId: 'other' }, 200],
    [{ region: 'northeurope', geography: 'westeurope' }, 200],
    [{ region: 'northeurope' }, 400],
    [{ subscriptionId: '11111111-1111-1111-1111-111111111111' }, 400],
  ])('into a vault of %j answers %d', async (options, status) => {
    await h.set('a', 'moved')
    const other = await startHarness(options)
    const [answered] = await restore(await backup(), other)
    const { body } = await other.raw('GET', '/secrets/a')
    await other.close()
    expect([answered, body.value]).toEqual([status, status === 200 ? 'moved' : undefined])
  })

  test('has the codes that were asked for', async () => {
    await h.close()
    const facts = { malformedBackupCode: 'BadParameter', restoreConflictInnerCode: 'InUse' }
    h = await startHarness({ facts })
    await h.set('a')
    expect((await restore(await backup()))[2]).toBe('InUse')
    expect((await restore('AAAA'))[1]).toBe('BadParameter')
  })

  test('leaves a secret of that name to be set and read', async () => {
    await h.set('restore', 'v')
    await h.raw('PATCH', '/secrets/restore', { tags: { k: 'v' } })
    expect((await h.raw('GET', '/secrets/restore')).body).toMatchObject({ value: 'v', tags: { k: 'v' } })
    const blob = await backup('restore')
    await burn('restore')
    expect((await restore(blob))[0]).toBe(200)
  })
})

test('the official client backs up and restores', async () => {
  const client = h.client()
  await client.setSecret('a', 'kept', { tags: { k: 'v' } })
  const blob = await client.backupSecret('a')
  await burn()
  expect(await client.restoreSecretBackup(blob ?? new Uint8Array())).toMatchObject({
    name: 'a',
    tags: { k: 'v' },
  })
  expect((await client.getSecret('a')).value).toBe('kept')
  await expect(client.restoreSecretBackup(new Uint8Array(4_728))).rejects.toMatchObject({
    statusCode: 400,
    message: 'Backup blob contains invalid or corrupt version.',
  })
})
