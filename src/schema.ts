import { SecretError } from './errors.js'
import { documentOf } from './json.js'
import type { SecretValue } from './secret.js'

/** The part of the Standard Schema interface (version 1) that is used here; zod, valibot, arktype and others have it. */
export interface StandardSchema<Out = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Out> | Promise<SchemaResult<Out>>
    readonly types?: { readonly input: unknown; readonly output: Out } | undefined
  }
}

export type SchemaResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Secret names and the schemas of their values. */
export type Schemas = Readonly<Record<string, StandardSchema>>

export type SchemaOutput<S> = S extends StandardSchema<infer Out> ? Out : never

/** The type of `.value` for a name: what its schema gives, else `string`. */
export type ValueOf<S extends Schemas, Name> = Name extends keyof S ? SchemaOutput<S[Name]> : string

/**
 * Puts a value through a schema. A JSON object or array is parsed first; if the schema does not take it parsed, it is
 * offered as text; bytes are offered as bytes.
 *
 * @throws {SecretError} `INVALID_VALUE` with the paths that break the schema; messages of the schema are left out,
 *   since they may quote the value.
 */
export async function applySchema(schema: StandardSchema, value: SecretValue): Promise<unknown> {
  const { validate } = schema['~standard']
  const candidates = value.kind === 'binary' ? [value.bytes()] : textCandidates(value.text())
  let paths: string[] = []
  for (const candidate of candidates) {
    const result = await validate(candidate)
    if (result.issues === undefined) return result.value
    if (paths.length === 0) paths = result.issues.map(pathOf)
  }
  const where = [...new Set(paths)].join(', ')
  throw new SecretError({
    code: 'INVALID_VALUE',
    message: `the value breaks its schema at ${where}; correct the value, or the schema`,
  })
}

/** @throws {TypeError} for what is no Standard Schema, naming the secret. */
export function checkSchemas(schemas: Schemas): void {
  for (const [name, schema] of Object.entries(schemas)) {
    if (typeof schema?.['~standard']?.validate !== 'function') {
      throw new TypeError(
        `secrets: ${JSON.stringify(name)} must be a Standard Schema, such as one of zod or valibot`,
      )
    }
  }
}

function textCandidates(text: string): unknown[] {
  const document = documentOf(text)
  return document === undefined ? [text] : [document, text]
}

function pathOf({ path = [] }: SchemaIssue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part))
  return keys.length === 0 ? 'the top' : keys.join('.')
}
