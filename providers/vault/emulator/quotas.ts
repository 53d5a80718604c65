import { seconds } from './durations.js'
import { badRequest, notFound, VaultError } from './errors.js'
import { fieldsOf } from './fields.js'
import { compare, listAnswer } from './listing.js'
import type { Answer, BucketDocument, QuotaDocument, Scope, World } from './model.js'
import { mountAt } from './mounts.js'

const exempt = [
  'sys/generate-recovery-token/attempt',
  'sys/generate-recovery-token/update',
  'sys/generate-root/attempt',
  'sys/generate-root/update',
  'sys/health',
  'sys/seal-status',
  'sys/unseal',
]

/**
 * Counts a request against the quota of the longest path that it falls under. All clients count as one: they all come
 * from loopback.
 *
 * @returns headers that tell what is left, where that is switched on
 * @throws {VaultError} 429 when the interval has no request left, or for the time of a block
 */
export function admit(world: World, path: string): Readonly<Record<string, string>> {
  const quota = exempt.includes(path) ? undefined : quotaFor(world, path)
  if (quota === undefined) return {}
  const { now, buckets } = world
  const bucket = bucketOf(world, quota)
  const shown = hasHeaders(world)
  const refuse = (headers: Readonly<Record<string, string>>): VaultError => {
    const text = `request path ${JSON.stringify(path)}: rate limit quota exceeded`
    return new VaultError(429, [text], shown ? headers : {})
  }
  if (bucket.blockedUntil > now) throw refuse(retryAfter(bucket.blockedUntil - now))
  if (bucket.used < quota.rate) {
    const counted = { ...bucket, used: bucket.used + 1 }
    buckets.set(quota.name, counted)
    return shown ? limitsOf(world, quota, counted) : {}
  }
  const blockedUntil = quota.blockMs > 0 ? now + quota.blockMs : 0
  if (quota.blockMs > 0) buckets.set(quota.name, { ...bucket, blockedUntil })
  const wait = Math.max(bucket.openedAt + quota.intervalMs, blockedUntil) - now
  throw refuse({ ...retryAfter(wait), ...limitsOf(world, quota, bucket) })
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
  if (Number.isNaN(rate)) {
    throw badRequest(
      `Field validation failed: error converting input for field "rate": '' cannot parse value as 'float64': strconv.ParseFloat: invalid syntax`,
    )
  }
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
      enable_rate_limit_audit_logging: false,
      enable_rate_limit_response_headers: hasHeaders(scope),
      rate_limit_exempt_paths: exempt,
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

function limitsOf(
  { now }: World,
  { rate, intervalMs }: QuotaDocument,
  { openedAt, used }: BucketDocument,
): Readonly<Record<string, string>> {
  return {
    'x-ratelimit-limit': String(rate),
    'x-ratelimit-remaining': String(Math.max(0, rate - used)),
    'x-ratelimit-reset': String(seconds(openedAt + intervalMs - now)),
  }
}

function retryAfter(ms: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(seconds(ms)) }
}
