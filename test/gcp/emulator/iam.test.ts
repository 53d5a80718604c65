import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, numbered, project, startHarness, transports } from './harness.js'

const accessor = 'roles/secretmanager.secretAccessor'
const ann = 'user:ann@example.com'

describe.each(transports)('over %s', (transport) => {
  let h: Harness
  let resource: string
  beforeEach(async () => {
    h = await startHarness(transport)
    resource = await h.make('a')
  })
  afterEach(() => h.close())

  describe('a policy', () => {
    test('is empty at first, kept when it is set, and gone with its secret', async () => {
      expect(await h.call('GetIamPolicy', { resource })).toEqual({ etag: 'ACAB' })
      const policy = { version: 1, bindings: [{ role: accessor, members: [ann, 'allUsers'] }] }
      const set = await h.call('SetIamPolicy', { resource, policy })
      expect(set).toEqual({ ...policy, etag: expect.any(String) })
      expect(await h.call('GetIamPolicy', { resource, options: { requestedPolicyVersion: 3 } })).toEqual(set)
      await h.call('DeleteSecret', { name: resource })
      await h.make('a')
      expect(await h.call('GetIamPolicy', { resource })).toEqual({ etag: 'ACAB' })
    })

    test('is compared by an etag, where there is one', async () => {
      const { etag } = await h.call('SetIamPolicy', { resource, policy: { etag: 'ACAB' } })
      const [code] = await h.refusal('SetIamPolicy', { resource, policy: { etag: 'ACAB' } })
      expect(code).toBe('ABORTED')
      const next = await h.call('SetIamPolicy', { resource, policy: { etag } })
      expect(next.etag).not.toBe(etag)
      await h.call('SetIamPolicy', { resource, policy: {} })
    })

    test('without a mask leaves the audit configuration alone', async () => {
      const auditConfigs = [{ service: 'allServices', auditLogConfigs: [{ exemptedMembers: [ann] }] }]
      const all = { resource, policy: { auditConfigs }, updateMask: 'bindings,auditConfigs' }
      await h.call('SetIamPolicy', all)
      const bindings = [{ role: accessor, members: [ann] }]
      const after = await h.call('SetIamPolicy', { resource, policy: { bindings } })
      expect(after).toMatchObject({ bindings, auditConfigs })
    })

    test('with a condition has version 3', async () => {
      const binding = { role: accessor, members: [ann], condition: { title: 't', expression: 'true' } }
      const [code] = await h.refusal('SetIamPolicy', { resource, policy: { bindings: [binding] } })
      expect(code).toBe('INVALID_ARGUMENT')
      const set = await h.call('SetIamPolicy', { resource, policy: { version: 3, bindings: [binding] } })
      expect(set).toMatchObject({ version: 3, bindings: [binding] })
    })

    test.each([
      [{ version: 2 }],
      [{ bindings: [{ role: 'owner', members: [ann] }] }],
      [{ bindings: [{ role: accessor, members: ['ann'] }] }],
      [
        {
          bindings: [
            { role: accessor, members: Array.from({ length: 1_501 }, (_, i) => `user:u${i}@e.com`) },
          ],
        },
      ],
    ])('that breaks a rule is refused: %#', async (policy) => {
      expect((await h.refusal('SetIamPolicy', { resource, policy }))[0]).toBe('INVALID_ARGUMENT')
    })

    test('of a secret that is not there is NOT_FOUND', async () => {
      for (const rpc of ['SetIamPolicy', 'GetIamPolicy']) {
        const request = { resource: `${project}/secrets/none` }
        expect((await h.refusal(rpc, request))[0]).toBe('NOT_FOUND')
      }
      const options = { requestedPolicyVersion: 7 }
      expect((await h.refusal('GetIamPolicy', { resource, options }))[0]).toBe('INVALID_ARGUMENT')
      const updateMask = 'nothing'
      expect((await h.refusal('SetIamPolicy', { resource, updateMask }))[0]).toBe('INVALID_ARGUMENT')
    })
  })

  test('permissions are all there on a secret, and none, without an error, where there is none', async () => {
    const permissions = ['secretmanager.versions.access', 'secretmanager.secrets.delete']
    expect(await h.call('TestIamPermissions', { resource, permissions })).toEqual({ permissions })
    expect(await h.call('TestIamPermissions', { resource: `${project}/secrets/none`, permissions })).toEqual(
      {},
    )
    expect((await h.refusal('TestIamPermissions', { resource, permissions: ['*'] }))[0]).toBe(
      'INVALID_ARGUMENT',
    )
  })

  test('locations are listed in pages, and read one by one', async () => {
    const { locations, nextPageToken } = await h.call('ListLocations', { name: project, pageSize: 3 })
    expect(locations[0]).toEqual({
      name: `${numbered}/locations/asia-northeast1`,
      locationId: 'asia-northeast1',
    })
    const rest = await h.call('ListLocations', { name: project, pageToken: nextPageToken })
    expect([locations.length, rest.locations.length]).toEqual([3, 5])
    expect(await h.call('GetLocation', { name: `${project}/locations/us-east1` })).toMatchObject({
      locationId: 'us-east1',
    })
    expect((await h.refusal('GetLocation', { name: `${project}/locations/mars1` }))[0]).toBe('NOT_FOUND')
  })

  describe('managed rotation', () => {
    const credentials = { instanceId: 'i', username: 'u' }
    const enable = (
      parent: string,
      more: object = { cloudSqlSingleUserCredentials: credentials },
    ): object => ({
      parent,
      ...more,
    })

    test('is refused for a secret that is not of Cloud SQL', async () => {
      for (const [rpc, request] of [
        ['EnableManagedRotation', enable(resource)],
        ['RotateSecret', { parent: resource }],
      ] as const) {
        expect(await h.refusal(rpc, request)).toEqual([
          'FAILED_PRECONDITION',
          expect.stringContaining('CLOUD_SQL_DB_CREDENTIALS'),
        ])
      }
    })

    test('and for one that is, as no database stands behind it', async () => {
      const parent = await h.make('sql', [], { secretType: 'CLOUD_SQL_DB_CREDENTIALS' })
      expect((await h.refusal('EnableManagedRotation', enable(parent)))[1]).toContain('cannot be reached')
      expect((await h.refusal('RotateSecret', { parent }))[1]).toContain('not enabled')
      expect((await h.refusal('EnableManagedRotation', enable(parent, {})))[0]).toBe('INVALID_ARGUMENT')
      const half = { cloudSqlSingleUserCredentials: { instanceId: 'i' } }
      expect((await h.refusal('EnableManagedRotation', enable(parent, half)))[0]).toBe('INVALID_ARGUMENT')
      expect((await h.refusal('RotateSecret', { parent: `${project}/secrets/none` }))[0]).toBe('NOT_FOUND')
    })
  })
})
