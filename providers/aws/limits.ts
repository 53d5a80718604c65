import type { Limits } from 'strongroom/provider'

/** Sources: the quotas page of the AWS user guide, the model of the API (botocore 1.44.5), the price list. */
export const limits: Limits = {
  // API model, SecretStringType and SecretBinaryType: 1 to 65,536 bytes.
  maxValueBytes: 65_536,
  // API model, NameType.
  maxNameLength: 512,
  namePattern: /^[A-Za-z0-9/_+=.@-]+$/,
  // Quotas of AWS tagging: 50 a resource, `aws:` is reserved.
  maxTags: 50,
  tagKeyPattern: /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/iu,
  tagValuePattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
  // API model, TagKeyType and TagValueType.
  maxTagKeyLength: 128,
  maxTagValueLength: 256,
  // Quotas page: GetSecretValue; PutSecretValue, UpdateSecret and UpdateSecretVersionStage combined.
  readsPerSecond: 10_000,
  writesPerSecond: 50,
  // PutSecretValue finds nothing, CreateSecret creates it.
  writesPerNewSecret: 2,
  // AWS publishes no bound; seconds are what its users report (aws-sdk-js-v3 issue 7701).
  propagationMs: 5_000,
  // What the AWS Secrets Manager Agent keeps values for.
  cacheTtlMs: 300_000,
  // Price list: 0.05 US dollars for 10,000 calls.
  pricePer10kReads: 0.05,
}
