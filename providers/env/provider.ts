import { createHmac, randomBytes } from 'node:crypto'
import {
  type Capabilities,
  checkFields,
  defineProvider,
  type Fields,
  type Limits,
  type NameConvention,
  nameCodec,
  refusal,
  type SecretProvider,
  SecretValue,
  type VersionInfo,
} from 'strongroom/provider'

export interface EnvOptions {
  /** What the names of the variables begin with, such as `APP_`. Default none. */
  readonly prefix?: string | undefined
  readonly names?: NameConvention | undefined
  /** Default `process.env`, read anew at each call. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined
}

const capabilities: Capabilities = Object.freeze({
  writable: false,
  list: true,
  listByTag: false,
  pending: 'none',
  putIfVersion: 'none',
  putIfAbsent: 'none',
  putIdempotent: false,
  recordSwap: 'none',
  versionOrder: 'none',
  versionDisable: false,
  versionDestroy: false,
  deleteRecoverable: false,
  purge: false,
  tagScope: 'none',
  binary: 'encoded',
  emptyValue: true,
  caseSensitiveNames: true,
  freshRead: 'always',
  expiry: 'none',
  nativeRotation: false,
})

/** Linux refuses one variable over 128 KiB (MAX_ARG_STRLEN of execve); the rest is free. */
const limits: Limits = Object.freeze({
  maxValueBytes: 131_072,
  maxNameLength: 1024,
  namePattern: /^[A-Za-z0-9_]+$/,
  maxTags: 0,
  tagKeyPattern: /^$/,
  tagValuePattern: /^$/,
  maxTagKeyLength: 0,
  maxTagValueLength: 0,
  readsPerSecond: 1_000_000,
  writesPerSecond: 0,
  writesPerNewSecret: 0,
  propagationMs: 0,
  cacheTtlMs: 300_000,
  pricePer10kReads: 0,
})

const processKey = randomBytes(32)
const processStart = new Date(Date.now() - Math.round(process.uptime() * 1000))

const fields: Fields<EnvOptions> = { prefix: true, names: true, variables: true }

/**
 * Environment variables as secrets, read only. A name is the variable's name; what a variable cannot be called is
 * escaped, `_x2f_` for `/`. A variable has no history: its version is a digest under a key that dies with the process,
 * so that it changes when the value does, and its creation is the start of the process.
 */
export function env(options: EnvOptions = {}): SecretProvider {
  checkFields('env', options, fields)
  const variables = options.variables ?? process.env
  const prefix = options.prefix ?? ''
  if (!/^\w*$/.test(prefix)) {
    throw refusal('CONFIG_INVALID', 'env: prefix is the beginning of variable names: letters, digits and _')
  }
  const bare = nameCodec({ allowed: 'A-Za-z0-9_', mark: '_', names: options.names })
  const names = nameCodec({
    allowed: 'A-Za-z0-9_',
    names: {
      encode: (name) => prefix + bare.encode(name),
      decode: (ref) => bare.decode(ref.slice(prefix.length)) ?? ref,
    },
  })
  const read = (ref: string): string => {
    const text = variables[ref]
    if (text === undefined) throw refusal('NOT_FOUND', `the environment variable ${ref} is not set`)
    return text
  }
  const info = (text: string): VersionInfo => ({
    version: createHmac('sha256', processKey).update(text).digest('hex').slice(0, 32),
    createdAt: processStart,
    state: 'enabled',
    stages: ['current'],
  })

  return defineProvider('env', {
    capabilities,
    limits,
    names,
    classify: () => ({ code: 'UNKNOWN' }),

    async get({ ref, version }) {
      const text = read(ref)
      const current = info(text)
      if (version !== undefined && version !== current.version) {
        throw refusal('NOT_FOUND', `the variable has no version ${version}; it has only the current one`)
      }
      return { ...current, tags: {}, value: SecretValue.infer(text) }
    },
    async describe({ ref }) {
      return { id: ref, current: info(read(ref)), tags: {}, state: 'active' }
    },
    async listPage({ refPrefix }) {
      const refs = Object.keys(variables).filter(
        (ref) => variables[ref] !== undefined && ref.startsWith(refPrefix),
      )
      return { items: refs.sort().map((ref) => ({ ref, id: ref })) }
    },
    async versionsPage({ ref }) {
      return { items: [info(read(ref))] }
    },
  })
}
