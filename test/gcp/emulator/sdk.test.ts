import type { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import { createClock, type Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { crc32c } from '../../../providers/gcp/emulator/crc32c.js'
import { numbered, project, start, transports } from './harness.js'
import { sdkClient } from './sdk-client.js'

const automatic = { replication: { automatic: {} } }

interface Sent {
  readonly error: { readonly status: string; readonly message: string }
}

describe.each(transports)('the official client over %s', (transport) => {
  let emulator: Emulator
  let client: SecretManagerServiceClient
  let name: string
  beforeAll(async () => {
    emulator = await gcpEmulator({
      clock: createClock({ start, frozen: true }),
      projectNumbers: { 'emulator-project': '123456789012' },
    })
    client = sdkClient(transport, emulator)
  })
  afterAll(async () => {
    await client.close()
    await emulator.close()
  })
  beforeEach(async () => {
    emulator.reset()
    const [secret] = await client.createSecret({ parent: project, secretId: 'a', secret: automatic })
    name = secret.name ?? ''
    await client.addSecretVersion({ parent: name, payload: { data: Buffer.from('one') } })
  })

  /** The code of gRPC, its name in REST, and the text. This version gives REST's errors as they came. */
  async function refusal(call: Promise<unknown>): Promise<[code: string | number, text: string]> {
    const error = await call.then(
      () => {
        throw new Error('it was not refused')
      },
      (thrown: { code: number; message: string; details?: string }) => thrown,
    )
    if (transport === 'grpc') return [error.code, error.details ?? '']
    const { error: sent } = (await new Response(error.message).json()) as Sent
    return [sent.status, sent.message]
  }
  const code = (grpc: number, rest: string): string | number => (transport === 'grpc' ? grpc : rest)
  const version = (number: string | number): { name: string } => ({ name: `${name}/versions/${number}` })

  test('creates, adds and reads', async () => {
    expect(name).toBe(`${numbered}/secrets/a`)
    const data = Buffer.from([0, 1, 255])
    const dataCrc32c = crc32c(data)
    const [added] = await client.addSecretVersion({ parent: name, payload: { data, dataCrc32c } })
    expect(added).toMatchObject({ ...version(2), state: 'ENABLED', clientSpecifiedPayloadChecksum: true })
    expect(added.createTime).toMatchObject({ seconds: String(start / 1_000), nanos: 0 })
    const [{ name: resolved, payload }] = await client.accessSecretVersion(version('latest'))
    expect(resolved).toBe(version(2).name)
    expect(Buffer.from(payload?.data ?? '').equals(data)).toBe(true)
    expect(payload?.dataCrc32c).toBe(String(dataCrc32c))
  })

  test('gets and updates a secret, by its etag', async () => {
    const [secret] = await client.getSecret({ name })
    const { etag = '' } = secret
    const [updated] = await client.updateSecret({
      secret: { name, etag, labels: { env: 'prod' }, versionAliases: { live: 1 } },
      updateMask: { paths: ['labels', 'version_aliases'] },
    })
    expect(updated).toMatchObject({ labels: { env: 'prod' }, versionAliases: { live: '1' } })
    const [{ payload }] = await client.accessSecretVersion(version('live'))
    expect(String(payload?.data)).toBe('one')
    const again = client.updateSecret({ secret: { name, etag }, updateMask: { paths: ['labels'] } })
    expect((await refusal(again))[0]).toBe(code(9, 'FAILED_PRECONDITION'))
  })

  test('lists secrets and versions, page by page', async () => {
    for (const secretId of ['db-b', 'db-c'])
      await client.createSecret({ parent: project, secretId, secret: automatic })
    const [secrets] = await client.listSecrets({ parent: project })
    expect(secrets.map((secret) => secret.name?.at(-1))).toEqual(['c', 'b', 'a'])
    emulator.faults.add({ operation: 'ListSecrets', emptyPage: true, times: 1 })
    const found = []
    for await (const secret of client.listSecretsAsync({
      parent: project,
      pageSize: 1,
      filter: 'name:db-b OR name:db-c',
    })) {
      found.push(secret.name?.at(-1))
    }
    expect(found).toEqual(['c', 'b'])
    await client.addSecretVersion({ parent: name, payload: { data: Buffer.from('two') } })
    const [versions] = await client.listSecretVersions({ parent: name })
    expect(versions.map((one) => one.name?.at(-1))).toEqual(['2', '1'])
  })

  test('changes states', async () => {
    const [disabled] = await client.disableSecretVersion(version(1))
    expect(disabled.state).toBe('DISABLED')
    expect(await refusal(client.accessSecretVersion(version('latest')))).toEqual([
      code(9, 'FAILED_PRECONDITION'),
      `Secret Version [${version(1).name}] is in DISABLED state.`,
    ])
    const [enabled] = await client.enableSecretVersion({ ...version(1), etag: disabled.etag ?? '' })
    expect(enabled.state).toBe('ENABLED')
    const [destroyed] = await client.destroySecretVersion(version(1))
    expect(destroyed).toMatchObject({ state: 'DESTROYED', destroyTime: { nanos: 0 } })
    const [read] = await client.getSecretVersion(version('latest'))
    expect(read.state).toBe('DESTROYED')
  })

  test('deletes', async () => {
    await client.deleteSecret({ name })
    expect(await refusal(client.getSecret({ name }))).toEqual([
      code(5, 'NOT_FOUND'),
      `Secret [${name}] not found.`,
    ])
    const again = client.createSecret({ parent: project, secretId: 'a', secret: automatic })
    await expect(again).resolves.toBeDefined()
    const taken = client.createSecret({ parent: project, secretId: 'a', secret: automatic })
    expect((await refusal(taken))[0]).toBe(code(6, 'ALREADY_EXISTS'))
  })

  test('sets, gets and tests policies', async () => {
    const bindings = [{ role: 'roles/secretmanager.viewer', members: ['user:ann@example.com'] }]
    const [policy] = await client.setIamPolicy({ resource: name, policy: { bindings } })
    const [read] = await client.getIamPolicy({ resource: name })
    expect(read.bindings).toMatchObject(bindings)
    expect(String(read.etag)).toBe(String(policy.etag))
    const permissions = ['secretmanager.versions.access']
    const [tested] = await client.testIamPermissions({ resource: name, permissions })
    expect(tested.permissions).toEqual(permissions)
  })

  test('asks for managed rotation, and is refused', async () => {
    expect((await refusal(client.rotateSecret({ parent: name })))[0]).toBe(code(9, 'FAILED_PRECONDITION'))
    const cloudSqlSingleUserCredentials = { instanceId: 'i', username: 'u' }
    const enabling = client.enableManagedRotation({ parent: name, cloudSqlSingleUserCredentials })
    expect((await refusal(enabling))[1]).toContain('CLOUD_SQL_DB_CREDENTIALS')
  })

  test('keeps regional secrets', async () => {
    const parent = `${project}/locations/europe-west1`
    const [secret] = await client.createSecret({ parent, secretId: 'a', secret: {} })
    await client.addSecretVersion({ parent: secret.name ?? '', payload: { data: Buffer.from('eu') } })
    const [{ payload }] = await client.accessSecretVersion({ name: `${parent}/secrets/a/versions/1` })
    expect(String(payload?.data)).toBe('eu')
  })

  test('asks for locations', async () => {
    const found = []
    for await (const location of client.listLocationsAsync({ name: project })) found.push(location.locationId)
    expect(found).toHaveLength(8)
    const one: unknown = await client.getLocation({ name: `${project}/locations/us-east1` })
    expect(one).toMatchObject({ 0: { locationId: 'us-east1' } })
  })

  test('has what a program can read of an error', async () => {
    emulator.faults.add({ operation: 'GetSecret', error: 'PERMISSION_DENIED', times: 1 })
    const error = await client.getSecret({ name }).catch((thrown: Record<string, unknown>) => thrown)
    if (transport === 'grpc') {
      expect(error).toMatchObject({
        code: 7,
        reason: 'IAM_PERMISSION_DENIED',
        domain: 'iam.googleapis.com',
        errorInfoMetadata: { permission: 'secretmanager.secrets.get' },
      })
    } else expect(error).toMatchObject({ code: 403 })
  })

  test('sees a lost connection as one', async () => {
    emulator.faults.add({ operation: 'AddSecretVersion', drop: 'after', times: 1 })
    const request = { parent: name, payload: { data: Buffer.from('two') } }
    const error = await client.addSecretVersion(request).catch((thrown: { code: unknown }) => thrown)
    if (transport === 'grpc') expect(error).toMatchObject({ code: 14 })
    else expect(error).toBeInstanceOf(Error)
    expect((await client.getSecretVersion(version('latest')))[0].name).toBe(version(2).name)
    expect(emulator.calls).toMatchObject({ AddSecretVersion: 2 })
  })
})
