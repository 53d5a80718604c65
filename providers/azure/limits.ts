import type { Limits } from 'strongroom/provider'
import { afterTag, maxUserTags } from './tags.js'

/**
 * Sources: "About Azure Key Vault secrets" for sizes and tags (25 KB in UTF-8, 15 tags of 256 and 256 characters, one of
 * which is ours); REST reference of "Set Secret" for names; "Azure Key Vault service limits" for rates (4,000
 * transactions, and 300 creations, in 10 seconds a vault); the price list of secret operations.
 */
export const limits: Limits = Object.freeze({
  maxValueBytes: 25_600,
  maxNameLength: 127,
  namePattern: /^[0-9a-zA-Z-]+$/,
  maxTags: maxUserTags,
  tagKeyPattern: new RegExp(`^(?!${afterTag}$).+$`, 'is'),
  tagValuePattern: /^.*$/s,
  maxTagKeyLength: 256,
  maxTagValueLength: 256,
  readsPerSecond: 400,
  writesPerSecond: 30,
  writesPerNewSecret: 1,
  propagationMs: 0,
  // 10,000 processes that each ask for 20 secrets every 300 s would be over the vault's quota.
  cacheTtlMs: 600_000,
  pricePer10kReads: 0.03,
})
