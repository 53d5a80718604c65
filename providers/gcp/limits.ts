import type { Limits } from 'strongroom/provider'

/** Sources: the API's protos (service.proto, resources.proto), the quotas, consistency and pricing pages of Google. */
export const limits: Limits = {
  // SecretPayload.data: at most 64 KiB.
  maxValueBytes: 65_536,
  // CreateSecretRequest.secret_id: 1 to 255 letters, digits, hyphens and underscores.
  maxNameLength: 255,
  namePattern: /^[A-Za-z0-9_-]+$/,
  // Secret.labels: 64; keys begin with a letter that is not upper case. 128 bytes each, which tags.ts counts.
  maxTags: 64,
  tagKeyPattern: /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]*$/u,
  tagValuePattern: /^[\p{Ll}\p{Lo}\p{N}_-]*$/u,
  maxTagKeyLength: 63,
  maxTagValueLength: 63,
  // Quotas of a project: 90,000 accesses and 600 writes a minute.
  readsPerSecond: 1_500,
  writesPerSecond: 10,
  // AddSecretVersion finds nothing, CreateSecret, AddSecretVersion.
  writesPerNewSecret: 3,
  // Consistency page: usually minutes, and there is no bound.
  propagationMs: 300_000,
  cacheTtlMs: 300_000,
  // Pricing page: 0.03 US dollars for 10,000 accesses.
  pricePer10kReads: 0.03,
}
