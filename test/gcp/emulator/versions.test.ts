import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { crc32c } from '../../../providers/gcp/emulator/crc32c.js'
import { base64, type Harness, numbered, project, start, startHarness, transports } from './harness.js'

const dayMs = 86_400_000
const at = (ms: number): string => new Date(start + ms).toISOString().replace('.000Z', 'Z')

test.each([
  ['123456789', 3_808_858_755],
  ['', 0],
  ['\0'.repeat(32), 0x8a9136aa],
  ['ÿ'.repeat(1), crc32c(Buffer.from('ÿ'))],
])('the checksum of %j', (text, value) => {
  expect(crc32c(Buffer.from(text))).toBe(value)
})

describe.each(transports)('over %s', (transport) => {
  let h: Harness
  let name: string
  beforeEach(async () => {
    h = await startHarness(transport)
    name = await h.make('a')
  })
  afterEach(() => h.close())

  const add = (text: string, more: object = {}): Promise<Record<string, unknown>> =>
    h.call('AddSecretVersion', { parent: name, payload: { data: base64(text), ...more } })
  const access = (version: string | number): Promise<Record<string, unknown>> =>
    h.call('AccessSecretVersion', { name: `${name}/versions/${version}` })
  const change = (what: string, version: number | string, etag?: string): Promise<Record<string, unknown>> =>
    h.call(`${what}SecretVersion`, {
      name: `${name}/versions/${version}`,
      ...(etag === undefined ? {} : { etag }),
    })
  const refusedAccess = (version: string | number): Promise<[string, string]> =>
    h.refusal('AccessSecretVersion', { name: `${name}/versions/${version}` })

  describe('adding', () => {
    test('gives the next number, enabled, without the value', async () => {
      await add('one')
      h.advance(1_500)
      expect(await add('two')).toEqual({
        name: `${name}/versions/2`,
        createTime: '2026-01-01T00:00:01.500Z',
        state: 'ENABLED',
        replicationStatus: { automatic: {} },
        etag: expect.stringMatching(/^"[0-9a-f]+"$/),
      })
    })

    test('takes bytes of every kind, up to 64 KiB', async () => {
      const bytes = Buffer.alloc(
        65_536,
        Uint8Array.from({ length: 256 }, (_, i) => i),
      )
      await h.call('AddSecretVersion', { parent: name, payload: { data: bytes.toString('base64') } })
      const { payload } = (await access(1)) as { payload: { data: string; dataCrc32c: string } }
      expect(Buffer.from(payload.data, 'base64').equals(bytes)).toBe(true)
      expect(payload.dataCrc32c).toBe(String(crc32c(bytes)))
    })

    test('refuses nothing, and one byte too much', async () => {
      const empty = ['INVALID_ARGUMENT', 'Secret Payload cannot be empty.']
      expect(await h.refusal('AddSecretVersion', { parent: name })).toEqual(empty)
      expect(await h.refusal('AddSecretVersion', { parent: name, payload: { data: '' } })).toEqual(empty)
      const [code, message] = await h.refusal('AddSecretVersion', {
        parent: name,
        payload: { data: Buffer.alloc(65_537).toString('base64') },
      })
      expect([code, message]).toEqual(['INVALID_ARGUMENT', expect.stringContaining('65536')])
      expect(await h.call('ListSecretVersions', { parent: name })).toEqual({})
    })

    test('verifies a checksum that is sent, and says that it was', async () => {
      const checksum = String(crc32c(Buffer.from('one')))
      expect(await add('one', { dataCrc32c: checksum })).toMatchObject({
        clientSpecifiedPayloadChecksum: true,
      })
      for (const wrong of ['1', '0', String(2n ** 40n), '-1']) {
        const payload = { data: base64('two'), dataCrc32c: wrong }
        const [code, message] = await h.refusal('AddSecretVersion', { parent: name, payload })
        expect([code, message]).toEqual(['INVALID_ARGUMENT', expect.stringContaining('checksum')])
      }
      expect(await add('three')).not.toHaveProperty('clientSpecifiedPayloadChecksum')
    })

    test('to a secret that is not there is NOT_FOUND', async () => {
      const request = { parent: `${project}/secrets/none`, payload: { data: base64('x') } }
      expect(await h.refusal('AddSecretVersion', request)).toEqual([
        'NOT_FOUND',
        `Secret [${numbered}/secrets/none] not found.`,
      ])
    })

    test('leaves the etag of the secret as it is', async () => {
      const { etag } = await h.call('GetSecret', { name })
      await add('one')
      expect((await h.call('GetSecret', { name })).etag).toBe(etag)
    })
  })

  describe('reading', () => {
    test('by number, and by latest, which is resolved in the answer', async () => {
      await add('one')
      await add('two')
      const payload = { data: base64('two'), dataCrc32c: String(crc32c(Buffer.from('two'))) }
      expect(await access('latest')).toEqual({ name: `${name}/versions/2`, payload })
      expect(await access(1)).toMatchObject({ name: `${name}/versions/1`, payload: { data: base64('one') } })
    })

    test('latest is the newest, whatever its state', async () => {
      await add('one')
      await add('two')
      await change('Disable', 2)
      const inState = (state: string): string[] => [
        'FAILED_PRECONDITION',
        `Secret Version [${name}/versions/2] is in ${state} state.`,
      ]
      expect(await refusedAccess('latest')).toEqual(inState('DISABLED'))
      expect(await refusedAccess(2)).toEqual(inState('DISABLED'))
      await change('Destroy', 2)
      expect(await refusedAccess('latest')).toEqual(inState('DESTROYED'))
      expect(await access(1)).toMatchObject({ payload: { data: base64('one') } })
      const info = await h.call('GetSecretVersion', { name: `${name}/versions/latest` })
      expect(info).toMatchObject({ name: `${name}/versions/2`, state: 'DESTROYED' })
    })

    test.each(['7', '0', '01', 'nothing', 'constructor'])(
      '%s is not found where it is not',
      async (version) => {
        await add('one')
        const [code, message] = await refusedAccess(version)
        expect([code, message]).toEqual([
          'NOT_FOUND',
          expect.stringMatching(/^Secret Version \[.*\] not found\.$/),
        ])
      },
    )

    test('an alias reads the version that it names, and nothing else takes it', async () => {
      await add('one')
      await add('two')
      await h.call('UpdateSecret', {
        secret: { name, versionAliases: { live: '1', Next_2: '2' } },
        updateMask: 'versionAliases',
      })
      expect(await access('live')).toMatchObject({
        name: `${name}/versions/1`,
        payload: { data: base64('one') },
      })
      expect(await h.call('GetSecretVersion', { name: `${name}/versions/Next_2` })).toMatchObject({
        name: `${name}/versions/2`,
      })
      for (const what of ['Enable', 'Disable', 'Destroy']) {
        for (const version of ['live', 'latest']) {
          const request = { name: `${name}/versions/${version}` }
          expect((await h.refusal(`${what}SecretVersion`, request))[0]).toBe('INVALID_ARGUMENT')
        }
      }
      expect((await refusedAccess('gone'))[0]).toBe('NOT_FOUND')
    })
  })

  describe('changing a state', () => {
    test('goes back and forth, and each time the etag is another', async () => {
      const { etag } = await add('one')
      const disabled = await change('Disable', 1)
      const again = await change('Disable', 1)
      const enabled = await change('Enable', 1)
      expect([disabled['state'], again['state'], enabled['state']]).toEqual([
        'DISABLED',
        'DISABLED',
        'ENABLED',
      ])
      expect(new Set([etag, disabled['etag'], again['etag'], enabled['etag']]).size).toBe(4)
      expect(await access(1)).toMatchObject({ payload: { data: base64('one') } })
    })

    test('compares an etag that is sent', async () => {
      const { etag } = await add('one')
      await change('Disable', 1, String(etag))
      for (const what of ['Enable', 'Disable', 'Destroy']) {
        const request = { name: `${name}/versions/1`, etag: String(etag) }
        expect((await h.refusal(`${what}SecretVersion`, request))[0]).toBe('FAILED_PRECONDITION')
      }
      const other = await h.call('GetSecretVersion', { name: `${name}/versions/1` })
      expect((await change('Enable', 1, other.etag))['state']).toBe('ENABLED')
    })

    test('a destroyed version has lost its value and comes back by nothing', async () => {
      await add('one')
      h.advance(1_000)
      expect(await change('Destroy', 1)).toMatchObject({ state: 'DESTROYED', destroyTime: at(1_000) })
      for (const what of ['Enable', 'Disable', 'Destroy']) {
        expect(await h.refusal(`${what}SecretVersion`, { name: `${name}/versions/1` })).toEqual([
          'FAILED_PRECONDITION',
          `Secret Version [${name}/versions/1] is in DESTROYED state.`,
        ])
      }
      expect(JSON.stringify(h.emulator.state.dump())).not.toContain(base64('one'))
    })

    test('of a version that is not there is NOT_FOUND', async () => {
      for (const what of ['Enable', 'Disable', 'Destroy']) {
        expect(await h.refusal(`${what}SecretVersion`, { name: `${name}/versions/9` })).toEqual([
          'NOT_FOUND',
          `Secret Version [${name}/versions/9] not found.`,
        ])
      }
    })
  })

  describe('a delayed destruction', () => {
    beforeEach(async () => {
      await h.call('UpdateSecret', {
        secret: { name, versionDestroyTtl: '172800s' },
        updateMask: 'version_destroy_ttl',
      })
      await add('one')
    })

    test('disables at once, and destroys when the time has come', async () => {
      expect(await change('Destroy', 1)).toMatchObject({
        state: 'DISABLED',
        scheduledDestroyTime: at(2 * dayMs),
      })
      h.advance(2 * dayMs - 1)
      expect((await refusedAccess(1))[1]).toContain('DISABLED')
      h.advance(1)
      const version = await h.call('GetSecretVersion', { name: `${name}/versions/1` })
      expect(version).toMatchObject({ state: 'DESTROYED', destroyTime: at(2 * dayMs) })
      expect(version).not.toHaveProperty('scheduledDestroyTime')
    })

    test('is called off by enabling, not by disabling, and not put off by another', async () => {
      await change('Destroy', 1)
      h.advance(dayMs)
      expect(await change('Disable', 1)).toMatchObject({ scheduledDestroyTime: at(2 * dayMs) })
      expect(await change('Destroy', 1)).toMatchObject({ scheduledDestroyTime: at(2 * dayMs) })
      expect(await change('Enable', 1)).not.toHaveProperty('scheduledDestroyTime')
      h.advance(2 * dayMs)
      expect(await access(1)).toMatchObject({ payload: { data: base64('one') } })
    })

    test('ends where the secret is told to have none', async () => {
      await h.call('UpdateSecret', { secret: { name }, updateMask: 'version_destroy_ttl' })
      expect(await change('Destroy', 1)).toMatchObject({ state: 'DESTROYED' })
    })
  })
})

describe('where nobody says what the service does', () => {
  const withFacts = async (
    facts: NonNullable<Parameters<typeof startHarness>[1]>['facts'],
    use: (h: Harness, name: string) => Promise<void>,
  ): Promise<void> => {
    const h = await startHarness('grpc', { ...(facts === undefined ? {} : { facts }) })
    try {
      await use(h, await h.make('a', ['one']))
    } finally {
      await h.close()
    }
  }

  test('a wrong checksum has the code that is asked for', () =>
    withFacts({ checksumMismatchCode: 'DATA_LOSS' }, async (h, parent) => {
      const payload = { data: base64('x'), dataCrc32c: '1' }
      expect((await h.refusal('AddSecretVersion', { parent, payload }))[0]).toBe('DATA_LOSS')
    }))

  test('latest may change a state', () =>
    withFacts({ latestChangesState: true }, async (h, name) => {
      const answer = await h.call('DisableSecretVersion', { name: `${name}/versions/latest` })
      expect(answer).toMatchObject({ name: `${name}/versions/1`, state: 'DISABLED' })
    }))

  test('disabling may call off a destruction, and the longest delay be another', () =>
    withFacts({ disableCancelsDestruction: true, maxDestroyTtlMs: 2 * dayMs }, async (h, name) => {
      const update = (versionDestroyTtl: string): object => ({
        secret: { name, versionDestroyTtl },
        updateMask: 'versionDestroyTtl',
      })
      expect((await h.refusal('UpdateSecret', update('172801s')))[1]).toContain('2 days')
      await h.call('UpdateSecret', update('172800s'))
      await h.call('DestroySecretVersion', { name: `${name}/versions/1` })
      const disabled = await h.call('DisableSecretVersion', { name: `${name}/versions/1` })
      expect(disabled).not.toHaveProperty('scheduledDestroyTime')
    }))

  test('a destroyed version may be an invalid argument', () =>
    withFacts({ destroyedChangeCode: 'INVALID_ARGUMENT' }, async (h, name) => {
      await h.call('DestroySecretVersion', { name: `${name}/versions/1` })
      const request = { name: `${name}/versions/1` }
      expect((await h.refusal('EnableSecretVersion', request))[0]).toBe('INVALID_ARGUMENT')
    }))

  test('an alias may name what is not there', () =>
    withFacts({ aliasOfAnyNumber: true }, async (h, name) => {
      const secret = { name, versionAliases: { next: '2' } }
      await h.call('UpdateSecret', { secret, updateMask: 'versionAliases' })
      expect(await h.refusal('AccessSecretVersion', { name: `${name}/versions/next` })).toEqual([
        'NOT_FOUND',
        `Secret Version [${name}/versions/2] not found.`,
      ])
    }))
})
