import { invalidArgument } from './errors.js'
import type { Replication, Secret } from './messages.js'
import type { Draft, SecretDocument, World } from './model.js'
import { isRegional, locationOf } from './names.js'
import * as rules from './rules.js'

/** Takes one field of the secret that was sent. */
type Update = (before: Draft, secret: Secret, world: World) => Draft

/** By path of the mask. What the mask names and the secret lacks is taken away. */
const updates: ReadonlyMap<string, Update> = new Map(
  Object.entries<Update>({
    labels: (before, { labels = {} }) => {
      rules.checkLabels(labels)
      return { ...before, labels }
    },
    annotations: (before, { annotations = {} }) => {
      rules.checkAnnotations(annotations)
      return { ...before, annotations }
    },
    topics: (before, { topics = [] }) => ({ ...before, topics: rules.checkTopics(topics) }),
    expireTime: setExpiry,
    ttl: setExpiry,
    rotation: ({ rotation: _before, ...rest }, { rotation = {} }, { now }) =>
      withRotation(rest, rules.checkRotation(rotation, now)),
    'rotation.nextRotationTime': (before, { rotation }, { now }) => {
      const at = rotation?.nextRotationTime
      const nextAt = at === undefined ? undefined : rules.checkNextRotation(at, now)
      return withRotation(before, rules.rotationOf(nextAt, before.rotation?.periodMs))
    },
    'rotation.rotationPeriod': (before, { rotation }) => {
      const ms = rotation?.rotationPeriod
      const periodMs = ms === undefined ? undefined : rules.checkRotationPeriod(ms)
      return withRotation(before, rules.rotationOf(before.rotation?.nextAt, periodMs))
    },
    versionAliases: (before, { versionAliases = {} }, world) => ({
      ...before,
      aliases: rules.checkAliases(
        versionAliases,
        (number) =>
          world.settings.facts.aliasOfAnyNumber ||
          world.versions.get(`${before.name}/versions/${number}`) !== undefined,
      ),
    }),
    versionDestroyTtl: ({ destroyTtlMs: _before, ...rest }, { versionDestroyTtl = 0 }, { settings }) => {
      const destroyTtlMs = rules.checkDestroyTtl(versionDestroyTtl, settings.facts.maxDestroyTtlMs)
      return { ...rest, ...(destroyTtlMs === undefined ? {} : { destroyTtlMs }) }
    },
    customerManagedEncryption: ({ kmsKeyName: _before, ...rest }, secret) => {
      if (!isRegional(rest.name)) {
        throw rules.refuse('customer_managed_encryption', 'only a regional secret has it; use replication')
      }
      const kmsKeyName = rules.checkKey(
        'customer_managed_encryption',
        secret.customerManagedEncryption,
        locationOf(rest.name),
      )
      return { ...rest, ...(kmsKeyName === undefined ? {} : { kmsKeyName }) }
    },
    replication: (before, { replication }) => {
      if (isRegional(before.name)) throw rules.refuse('replication', 'a regional secret has none')
      const after = rules.checkReplication(replication)
      if (shapeOf(after) !== shapeOf(before.replication)) {
        throw invalidArgument(
          'The replication policy of a secret is immutable; only its keys can be changed.',
        )
      }
      return { ...before, replication: after }
    },
  }),
)

function setExpiry({ expireAt: _before, ...rest }: Draft, secret: Secret, { now }: World): Draft {
  const expireAt = rules.expiryOf(secret, now)
  return { ...rest, ...(expireAt === undefined ? {} : { expireAt }) }
}

function withRotation({ rotation: _before, ...rest }: Draft, rotation: SecretDocument['rotation']): Draft {
  return { ...rest, ...(rotation === undefined ? {} : { rotation }) }
}

/** A replication without its keys, as text. */
function shapeOf(replication: Replication | undefined): string {
  return replication?.automatic !== undefined
    ? 'automatic'
    : String(replication?.userManaged?.replicas?.map(({ location }) => location).sort())
}

/** @throws {GcpError} `INVALID_ARGUMENT` for a path that names no field that can be changed. */
export function updateOf(path: string): Update {
  const update = updates.get(path)
  if (update === undefined) {
    throw invalidArgument(`The field mask path [${path}] names no field that can be updated.`)
  }
  return update
}
