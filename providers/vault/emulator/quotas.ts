import { seconds } from './durations.js'
import { badRequest, notFound, VaultError } from './errors.js'
import { fieldsOf } from './fields.js'
import { compare, listAnswer } from './listing.js'
import type { Answer, BucketDocument, QuotaDocument, Scope, World } from './model.js'
import { mountAt } from './mounts.js'

const exempt = ['sys/health', 'sys/seal-status', 'sys/unseal']

/**
 * Counts a request against the quota of the longest path that it falls under. All clients count as one: they all come
 * from loopback.
 *
 * @throws {VaultError} 429 when the interval has no request left.
 */
export function admit(world: World, path: string): void {
  if (exempt.includes(path)) return
  const quota = quotaFor(world, path)
  if (quota === undefined) return
  const { now } = world
  const bucket = bucketOf(world, quota)
  const isSpent = bucket.used >= quota.rate || bucket.blockedUntil > now
  if (isSpent) {
    if (quota.blockMs > 0 && bucket.blockedUntil <= now) {
      world.buckets.set(quota.name, { ...bucket, blockedUntil: now + quota.blockMs })
    }
    throw new VaultError(
      429,
      [`request path ${JSON.stringify(path)}: rate limit quota exceeded`],
      waitOf(world, quota, bucket),
    )
  }
  world.buckets.set(quota.name, { ...bucket, used: bucket.used + 1 })
}

export function listQuotas({ quotas }: Scope): Answer {
  return listAnswer(
    quotas
      .entries()
      .map(([name]) => name)
      .sort(compare),
  )
}

export function readQuota(scope: Scope): Answer {
  const quota = scope.quotas.get(scope.parts[0] ?? '')
  if (quota === undefined) throw notFound()
  return {
    data: {
      block_interval: seconds(quota.blockMs),
      inheritable: quota.inheritable,
      interval: seconds(quota.intervalMs),
      name: quota.name,
      path: quota.path,
      rate: quota.rate,
      role: quota.role,
      type: 'rate-limit',
    },
  }
}

export function writeQuota(scope: Scope): undefined {
  const [name = ''] = scope.parts
  const fields = fieldsOf(scope.data)
  const path = (fields.text('path') ?? '').replace(/^\//, '')
  const rate = Number(scope.data['rate'] ?? 0)
  if (!(rate > 0)) throw badRequest("'rate' is invalid")
  if (path !== '' && mountAt(scope, scope.namespace, path) === undefined) {
    throw badRequest(`invalid mount path ${JSON.stringify(path)}`)
  }
  const before = scope.quotas.get(name)
  scope.quotas.set(name, {
    name,
    path,
    rate,
    intervalMs: fields.duration('interval') ?? before?.intervalMs ?? 1_000,
    blockMs: fields.duration('block_interval') ?? before?.blockMs ?? 0,
    inheritable: fields.bool('inheritable') ?? before?.inheritable ?? path === '',
    role: fields.text('role') ?? '',
  })
  scope.buckets.delete(name)
}

export function deleteQuota(scope: Scope): undefined {
  const [name = ''] = scope.parts
  scope.quotas.delete(name)
  scope.buckets.delete(name)
}

const headersKey = 'quota-headers'

export function readQuotaConfig(scope: Scope): Answer {
  return {
    data: {
      absolute_rate_limit_exempt_paths: [],
      enable_rate_limit_audit_logging: false,
      enable_rate_limit_response_headers: hasHeaders(scope),
      rate_limit_exempt_paths: [],
    },
  }
}

export function writeQuotaConfig(scope: Scope): undefined {
  const isOn = fieldsOf(scope.data).bool('enable_rate_limit_response_headers') ?? false
  scope.authConfigs.set(headersKey, { name: headersKey, fields: { isOn } })
}

function hasHeaders({ authConfigs }: World): boolean {
  return authConfigs.get(headersKey)?.fields['isOn'] === true
}

function quotaFor({ quotas }: World, path: string): QuotaDocument | undefined {
  return quotas
    .entries()
    .map(([, quota]) => quota)
    .filter((quota) => matches(quota.path, path))
    .sort((a, b) => a.path.length - b.path.length)
    .at(-1)
}

function matches(pattern: string, path: string): boolean {
  if (pattern === '' || pattern.endsWith('/')) return path.startsWith(pattern)
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern
}

function bucketOf({ buckets, now }: World, quota: QuotaDocument): BucketDocument {
  const bucket = buckets.get(quota.name) ?? { openedAt: now, used: 0, blockedUntil: 0 }
  const passed = Math.floor((now - bucket.openedAt) / quota.intervalMs)
  return passed < 1 ? bucket : { ...bucket, openedAt: bucket.openedAt + passed * quota.intervalMs, used: 0 }
}

function waitOf(
  world: World,
  quota: QuotaDocument,
  bucket: BucketDocument,
): Readonly<Record<string, string>> {
  if (!hasHeaders(world)) return {}
  const left = Math.max(bucket.openedAt + quota.intervalMs, bucket.blockedUntil) - world.now
  const wait = String(Math.ceil(left / 1_000))
  return {
    'retry-after': wait,
    'x-ratelimit-limit': String(quota.rate),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': wait,
  }
}
