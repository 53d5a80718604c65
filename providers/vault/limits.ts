import type { Limits } from 'strongroom/provider'

/**
 * Sources: "Vault limits and maximums" for the storage entry (1 MiB on integrated storage, where a version, its JSON and
 * a few bytes around it must fit; text that JSON escapes takes more, and is then refused by the server); the code of the
 * KV engine for tags (64 of 128 and 512 bytes, printable, not empty). The server sets no limit on names but that of its
 * storage: 512 characters fit on all. Rates are those of a small server under its default quotas, which are none. Vault
 * asks no price for a read.
 */
export const limits: Limits = Object.freeze({
  maxValueBytes: 1_000_000,
  maxNameLength: 512,
  namePattern: /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u,
  maxTags: 64,
  tagKeyPattern: /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u,
  tagValuePattern: /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u,
  maxTagKeyLength: 128,
  maxTagValueLength: 512,
  readsPerSecond: 1_000,
  writesPerSecond: 200,
  writesPerNewSecret: 1,
  propagationMs: 0,
  cacheTtlMs: 300_000,
  pricePer10kReads: 0,
})
