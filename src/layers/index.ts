import { checkFields, type Fields } from '../fields.js'
import type { Layer } from '../layer.js'
import { type AuditOptions, audit } from './audit.js'
import { type CacheOptions, cache } from './cache.js'
import { type DeadlineOptions, deadline } from './deadline.js'
import { type PolicyOptions, policy } from './policy.js'
import { type RateLimitOptions, rateLimit } from './rate-limit.js'
import { readOnly } from './read-only.js'
import { type RetryOptions, retry } from './retry.js'
import { telemetry } from './telemetry.js'
import { type TimeoutOptions, timeout } from './timeout.js'

export type { AuditEntry, AuditFailure, AuditOptions, FailingSink } from './audit.js'
export type { CacheOptions } from './cache.js'
export type { DeadlineOptions } from './deadline.js'
export type { Outcome, Subject } from './endings.js'
export type { PolicyOptions, PolicyRule } from './policy.js'
export type { RateLimitOptions } from './rate-limit.js'
export type { RetryOptions } from './retry.js'
export type { CallEnded, CallStarted } from './telemetry.js'
export type { TimeoutOptions } from './timeout.js'
export { audit, cache, deadline, policy, rateLimit, readOnly, retry, telemetry, timeout }

export interface DefaultLayersOptions {
  readonly deadline?: DeadlineOptions
  readonly cache?: CacheOptions
  readonly retry?: RetryOptions
  readonly rateLimit?: RateLimitOptions
  readonly timeout?: TimeoutOptions
  /** Default: no audit. */
  readonly audit?: AuditOptions
  /** Default: no policy. */
  readonly policy?: PolicyOptions
  /** Default false. */
  readonly readOnly?: boolean
}

const fields: Fields<DefaultLayersOptions> = {
  deadline: true,
  cache: true,
  retry: true,
  rateLimit: true,
  timeout: true,
  audit: true,
  policy: true,
  readOnly: true,
}

/**
 * What a store has when nothing else is asked for, first is outermost: telemetry (which costs nothing while nobody
 * listens), deadline, cache, retry, rate limit, timeout. Audit, policy and read-only join in their places when they
 * are asked for. The list is data: leave a layer out by its name, or put one of your own between them.
 *
 * @example defaultLayers({ cache: { ttlMs: 60_000 } }).filter(({ name }) => name !== 'rate-limit')
 * @throws {TypeError} for an option that breaks its rule.
 */
export function defaultLayers(options: DefaultLayersOptions = {}): readonly Layer[] {
  checkFields('defaultLayers', options, fields)
  return [
    telemetry(),
    deadline(options.deadline),
    ...(options.audit === undefined ? [] : [audit(options.audit)]),
    ...(options.policy === undefined ? [] : [policy(options.policy)]),
    ...(options.readOnly === true ? [readOnly()] : []),
    cache(options.cache),
    retry(options.retry),
    rateLimit(options.rateLimit),
    timeout(options.timeout),
  ]
}
