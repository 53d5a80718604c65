import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { createStore, type SecretStore } from 'strongroom'
import { aws } from 'strongroom/aws'
import { awsEmulator } from 'strongroom/aws/emulator'
import { azure } from 'strongroom/azure'
import { azureEmulator } from 'strongroom/azure/emulator'
import { gcp } from 'strongroom/gcp'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import type { SecretProvider } from 'strongroom/provider'
import type { Emulator } from 'strongroom/testing'
import { vault } from 'strongroom/vault'
import { vaultEmulator } from 'strongroom/vault/emulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Cloud {
  readonly name: string
  readonly start: () => Promise<Emulator>
  readonly provider: (emulator: Emulator) => SecretProvider
  /** As a program of somebody else does it. Whether the service takes the name. */
  readonly create: (emulator: Emulator, name: string) => Promise<boolean>
  /** Of the names of others, those that the service does not hold. */
  readonly refused: readonly string[]
}

/** What others call their secrets. */
const foreign = ['db--password', 'db.password', 'db_password', 'DB-Password', '9-lives'] as const

/** No one of these is a name on each service; some on none. */
const odd = [
  'prod/db/password',
  'db.password.v2',
  'under_score',
  'Mixed.Case/Name',
  'with space',
  'straße/ключ',
  'user@host:5432',
  'looks-x2f-escaped',
  'a--b__c..d',
]

const value = (name: string): string => `value of ${name}`

async function isTaken(url: string, method: string, headers: object, body?: object): Promise<boolean> {
  const sent = { method, headers: { 'content-type': 'application/json', ...headers } }
  const answer = await fetch(url, { ...sent, ...(body !== undefined && { body: JSON.stringify(body) }) })
  return answer.ok
}

const clouds: readonly Cloud[] = [
  {
    name: 'aws',
    start: () => awsEmulator({ region: 'eu-west-1' }),
    provider: ({ url }) => aws({ region: 'eu-west-1', endpoint: url }),
    async create({ url }, name) {
      const credentials = { accessKeyId: 'other', secretAccessKey: 'other' }
      const client = new SecretsManagerClient({ region: 'eu-west-1', endpoint: url, credentials })
      await client.send(new CreateSecretCommand({ Name: name, SecretString: value(name) }))
      client.destroy()
      return true
    },
    refused: [],
  },
  {
    name: 'azure',
    start: () => azureEmulator(),
    provider: ({ httpUrl }) => azure({ endpoint: httpUrl }),
    create: ({ httpUrl }, name) =>
      isTaken(
        `${httpUrl}/secrets/${name}?api-version=7.6`,
        'PUT',
        { authorization: 'Bearer other' },
        { value: value(name) },
      ),
    refused: ['db.password', 'db_password'],
  },
  {
    name: 'gcp',
    start: () => gcpEmulator({ projectId: 'my-project' }),
    provider: ({ url }) => gcp({ project: 'my-project', endpoint: url }),
    async create({ restUrl }, name) {
      const secrets = `${restUrl}/v1/projects/my-project/secrets`
      const secret = { replication: { automatic: {} } }
      if (!(await isTaken(`${secrets}?secretId=${name}`, 'POST', {}, secret))) return false
      const data = Buffer.from(value(name)).toString('base64')
      return isTaken(`${secrets}/${name}:addVersion`, 'POST', {}, { payload: { data } })
    },
    refused: ['db.password'],
  },
  {
    name: 'vault',
    start: () => vaultEmulator(),
    provider: ({ url }) => vault({ address: url, token: 'root' }),
    create: ({ url }, name) =>
      isTaken(
        `${url}/v1/secret/data/${name}`,
        'POST',
        { 'x-vault-token': 'root' },
        { data: { value: value(name) } },
      ),
    refused: [],
  },
]

describe.each(clouds)('$name', ({ start, provider, create, refused }) => {
  let emulator: Emulator
  let store: SecretStore
  beforeAll(async () => {
    emulator = await start()
    store = createStore({ provider: provider(emulator), layers: [] })
  })
  afterAll(async () => {
    await store.close()
    await emulator.close()
  })

  it.each(foreign.filter((name) => !refused.includes(name)))(
    '%s of others is read by its name',
    async (name) => {
      expect(await create(emulator, name)).toBe(true)
      expect((await store.get(name)).value).toBe(value(name))
      expect(await listed()).toContain(name)
    },
  )

  it.each(refused)('%s is no name that others can give', async (name) => {
    expect(await create(emulator, name)).toBe(false)
  })

  it('holds odd names, and names of others that it refuses, under the names that they were put', async () => {
    const names = [...odd, ...refused]
    for (const name of names) await store.put(name, value(name))
    const found = await listed()
    expect(found).toEqual(expect.arrayContaining(names))
    for (const name of names) expect((await store.get(name)).value).toBe(value(name))
    expect(new Set(found).size).toBe(found.length)
  })

  async function listed(): Promise<string[]> {
    const names: string[] = []
    for await (const { name } of store.list()) names.push(name)
    return names
  }
})
