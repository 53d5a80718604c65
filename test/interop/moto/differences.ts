import { randomUUID } from 'node:crypto'
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  StopReplicationToReplicaCommand,
  TagResourceCommand,
  UpdateSecretVersionStageCommand,
  ValidateResourcePolicyCommand,
} from '@aws-sdk/client-secrets-manager'

/** Something that moto does and AWS does not. */
export interface Difference {
  readonly name: string
  /** Cases of the conformance suite that break on it. Default none. */
  readonly cases?: readonly string[]
  /** Cases that break on it or not, as the clock falls between two versions: not run. Default none. */
  readonly unsettled?: readonly string[]
  /** What is left of it: false once moto does as AWS does. */
  readonly differs: (client: SecretsManagerClient) => Promise<boolean>
}

export const differences: readonly Difference[] = [
  {
    name: 'a read without a stage, after AWSCURRENT was moved, gives the old value',
    differs: async (client) => {
      const { name, version } = await twoVersions(client)
      await client.send(moveCurrent(name, version[1], version[0]))
      const { VersionId } = await client.send(new GetSecretValueCommand({ SecretId: name }))
      return VersionId !== version[0]
    },
  },
  {
    name: 'not found is HTTP 404',
    differs: async (client) => {
      const { status } = await outcome(client.send(new GetSecretValueCommand({ SecretId: 'nothing' })))
      return status === 404
    },
  },
  {
    name: 'a put on a secret in the trash is accepted',
    cases: ['delete/put-on-deleted', 'delete/on-deleted-restore', 'every/deleted/put'],
    differs: async (client) => {
      const name = await inTrash(client)
      return isAccepted(client.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'new' })))
    },
  },
  {
    name: 'tagging a secret in the trash is accepted',
    cases: ['every/deleted/tag'],
    differs: async (client) => {
      const name = await inTrash(client)
      return isAccepted(
        client.send(new TagResourceCommand({ SecretId: name, Tags: [{ Key: 'a', Value: '1' }] })),
      )
    },
  },
  {
    name: 'creating a name that lies in the trash is ResourceExistsException',
    differs: async (client) => {
      const name = await inTrash(client)
      const { code } = await outcome(client.send(new CreateSecretCommand({ Name: name, SecretString: 'x' })))
      return code === 'ResourceExistsException'
    },
  },
  {
    name: 'IncludeDeprecated is ignored',
    differs: async (client) => {
      const { name } = await twoVersions(client)
      await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'three' }))
      return (await versionsOf(client, name)).length === 3
    },
  },
  {
    name: 'MaxResults of versions is ignored',
    differs: async (client) => {
      const { name } = await twoVersions(client)
      return (await versionsOf(client, name, 1)).length === 2
    },
  },
  {
    name: 'versions are all as old as the question about them',
    unsettled: [
      'describe/follows-current',
      'rollback/repeatable',
      'versions/newest-first',
      'versions/time-agrees',
    ],
    differs: async (client) => {
      const name = await create(client)
      const before = (await versionsOf(client, name))[0]
      await new Promise((resolve) => setTimeout(resolve, 1_100))
      return (await versionsOf(client, name))[0]?.CreatedDate?.getTime() !== before?.CreatedDate?.getTime()
    },
  },
  {
    name: 'versions of a name that is not there are a 500 page',
    cases: ['every/missing/versionsPage'],
    differs: (client) => isPage(client.send(new ListSecretVersionIdsCommand({ SecretId: 'nothing' }))),
  },
  {
    name: 'SortBy and SortOrder are ignored',
    differs: async (client) => {
      const prefix = randomUUID()
      for (const letter of ['b', 'a']) await create(client, `${prefix}${letter}`)
      const orders = await Promise.all(
        (['asc', 'desc'] as const).map(async (SortOrder) => {
          const Filters = [{ Key: 'name' as const, Values: [prefix] }]
          const { SecretList } = await client.send(
            new ListSecretsCommand({ SortBy: 'name', SortOrder, Filters }),
          )
          return SecretList?.map(({ Name }) => Name).join()
        }),
      )
      return orders[0] === orders[1]
    },
  },
  {
    name: 'a move to a version that is not there takes AWSCURRENT away',
    cases: ['promote/missing-version', 'rollback/missing'],
    differs: async (client) => {
      const { name, version } = await twoVersions(client)
      await outcome(client.send(moveCurrent(name, version[1], randomUUID())))
      return !(await labels(client, name)).includes('AWSCURRENT')
    },
  },
  {
    name: 'RotateSecret without a function succeeds, and AWSCURRENT disappears',
    differs: async (client) => {
      const name = await create(client)
      const isRotated = await isAccepted(client.send(new RotateSecretCommand({ SecretId: name })))
      const read = new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSCURRENT' })
      return isRotated && !(await isAccepted(client.send(read)))
    },
  },
  {
    name: 'bad names are accepted',
    differs: (client) =>
      isAccepted(client.send(new CreateSecretCommand({ Name: `a b*${randomUUID()}`, SecretString: 'x' }))),
  },
  {
    name: 'values over 64 KiB are accepted',
    differs: (client) => isAccepted(create(client, randomUUID(), { SecretString: 'x'.repeat(70_000) })),
  },
  {
    name: 'a string and bytes together are accepted',
    differs: (client) => isAccepted(create(client, randomUUID(), { SecretBinary: Uint8Array.of(1) })),
  },
  {
    name: '51 tags are accepted',
    cases: ['tag/most'],
    differs: (client) => {
      const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: 'v' }))
      return isAccepted(create(client, randomUUID(), { Tags }))
    },
  },
  {
    name: 'tags of AWS itself are accepted',
    differs: (client) => isAccepted(create(client, randomUUID(), { Tags: [{ Key: 'aws:x', Value: '1' }] })),
  },
  {
    name: '25 labels are accepted',
    differs: async (client) => {
      const SecretId = await create(client)
      const VersionStages = Array.from({ length: 25 }, (_, index) => `label-${index}`)
      return isAccepted(
        client.send(new PutSecretValueCommand({ SecretId, SecretString: 'x', VersionStages })),
      )
    },
  },
  {
    name: 'a batch of more than 20 is accepted',
    differs: async (client) => {
      const name = await create(client)
      const SecretIdList = [name, ...Array.from({ length: 20 }, () => randomUUID())]
      return isAccepted(client.send(new BatchGetSecretValueCommand({ SecretIdList })))
    },
  },
  {
    name: 'a batch by filters fails when one match has no value',
    differs: async (client) => {
      const prefix = randomUUID()
      await create(client, `${prefix}a`)
      await client.send(new CreateSecretCommand({ Name: `${prefix}b` }))
      const Filters = [{ Key: 'name' as const, Values: [prefix] }]
      return !(await isAccepted(client.send(new BatchGetSecretValueCommand({ Filters }))))
    },
  },
  {
    name: 'a page token that is none is a 500 page',
    differs: (client) => isPage(client.send(new ListSecretsCommand({ NextToken: 'rubbish' }))),
  },
  {
    name: 'ValidateResourcePolicy is a 500 page',
    differs: (client) => isPage(client.send(new ValidateResourcePolicyCommand({ ResourcePolicy: '{}' }))),
  },
  {
    name: 'StopReplicationToReplica is a 500 page',
    differs: async (client) =>
      isPage(client.send(new StopReplicationToReplicaCommand({ SecretId: await create(client) }))),
  },
]

function moveCurrent(name: string, from: string, to: string): UpdateSecretVersionStageCommand {
  return new UpdateSecretVersionStageCommand({
    SecretId: name,
    VersionStage: 'AWSCURRENT',
    RemoveFromVersionId: from,
    MoveToVersionId: to,
  })
}

async function create(client: SecretsManagerClient, name: string = randomUUID(), more = {}): Promise<string> {
  await client.send(new CreateSecretCommand({ Name: name, SecretString: 'one', ...more }))
  return name
}

async function twoVersions(
  client: SecretsManagerClient,
): Promise<{ name: string; version: readonly [string, string] }> {
  const [name, first, second] = [randomUUID(), randomUUID(), randomUUID()]
  await create(client, name, { ClientRequestToken: first })
  await client.send(
    new PutSecretValueCommand({ SecretId: name, ClientRequestToken: second, SecretString: 'two' }),
  )
  return { name, version: [first, second] }
}

async function inTrash(client: SecretsManagerClient): Promise<string> {
  const name = await create(client)
  await client.send(new DeleteSecretCommand({ SecretId: name }))
  return name
}

async function versionsOf(
  client: SecretsManagerClient,
  SecretId: string,
  MaxResults?: number,
): Promise<readonly { readonly CreatedDate?: Date | undefined }[]> {
  const limit = MaxResults === undefined ? {} : { MaxResults }
  const { Versions } = await client.send(new ListSecretVersionIdsCommand({ SecretId, ...limit }))
  return Versions ?? []
}

async function labels(client: SecretsManagerClient, SecretId: string): Promise<readonly string[]> {
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }))
  return Object.values(VersionIdsToStages ?? {}).flat()
}

interface Outcome {
  readonly code: string | undefined
  readonly status: number | undefined
}

async function outcome(call: Promise<unknown>): Promise<Outcome> {
  const [settled] = await Promise.allSettled([call])
  if (settled.status === 'fulfilled') return { code: undefined, status: 200 }
  const { name, $metadata } = settled.reason as Error & { $metadata?: { httpStatusCode?: number } }
  return { code: name, status: $metadata?.httpStatusCode }
}

async function isAccepted(call: Promise<unknown>): Promise<boolean> {
  return (await outcome(call)).status === 200
}

/** A page for people where JSON should be. */
async function isPage(call: Promise<unknown>): Promise<boolean> {
  return (await outcome(call)).code === 'SyntaxError'
}
