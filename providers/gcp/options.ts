import { checkFields, type Fields, type NameConvention, type Tags } from 'strongroom/provider'
import type { GcpClient, GcpCredential } from './client.js'
import { invalid } from './endpoint.js'
import { labelProblem } from './tags.js'

/** How {@link gcp} reaches Google Cloud Secret Manager, and how it creates what is not there yet. */
export interface GcpOptions {
  /** The id of the project. Default `GOOGLE_CLOUD_PROJECT`. */
  readonly project?: string | undefined
  /** A region, for regional secrets: they live there alone. Default none: global secrets. */
  readonly location?: string | undefined
  /** A path before every name, joined by `/`. Default none. */
  readonly prefix?: string | undefined
  /** A house convention for names, such as `--` for `/`. Default: escapes. */
  readonly names?: NameConvention | undefined
  /**
   * `HOST:PORT` for gRPC, or a URL for REST. Plain text is used on loopback only, and then meets no credential but
   * `credential`. Default `SECRET_MANAGER_EMULATOR_HOST` (a `HOST:PORT`), then the service's own.
   */
  readonly endpoint?: string | undefined
  /** Default: what the endpoint says, then `grpc`. */
  readonly transport?: 'grpc' | 'rest' | undefined
  /** A client of `google-auth-library`, of the scope `cloud-platform`. Default: the application default credentials. */
  readonly credential?: GcpCredential | undefined
  /**
   * A ready-made `SecretManagerServiceClient`, instead of `endpoint`, `transport` and `credential`. It stays yours to
   * close. Over REST it follows redirects.
   */
  readonly client?: GcpClient | undefined
  /** How new secrets are created. */
  readonly create?: GcpCreateOptions | undefined
  /**
   * The alias that names the current version, instead of `latest`: versions can then wait as pending, and compares are
   * atomic. Every reader must ask for this alias. Default none.
   */
  readonly currentAlias?: string | undefined
}

export interface GcpCreateOptions {
  /** Where the values are kept: the places of replicas. Not for regional secrets. Default: Google chooses. */
  readonly replicas?: readonly (string | GcpReplica)[] | undefined
  /** A key for what Google places, or for regional secrets; replicas have their own. Default: keys of Google. */
  readonly kmsKeyName?: string | undefined
  /** Stand beside the tags of the put that creates it, which win. Default none. */
  readonly labels?: Tags | undefined
  /** Default none. */
  readonly annotations?: Tags | undefined
  /** `projects/P/topics/T`: where the service tells of changes. Default none. */
  readonly topics?: readonly string[] | undefined
  /** Milliseconds after which the service destroys the secret with all its versions. Default: never. */
  readonly ttlMs?: number | undefined
  /** Milliseconds for which a destroyed version can be brought back: 24 hours or more. Default none. */
  readonly versionDestroyTtlMs?: number | undefined
}

export interface GcpReplica {
  readonly location: string
  /** A key in the same place. */
  readonly kmsKeyName?: string | undefined
}

const fields: Fields<GcpOptions> = {
  project: true,
  location: true,
  prefix: true,
  names: true,
  endpoint: true,
  transport: true,
  credential: true,
  client: true,
  create: true,
  currentAlias: true,
}

const createFields: Fields<GcpCreateOptions> = {
  replicas: true,
  kmsKeyName: true,
  labels: true,
  annotations: true,
  topics: true,
  ttlMs: true,
  versionDestroyTtlMs: true,
}

const projectPattern = /^(?:[a-z0-9.-]+:)?[a-z0-9][a-z0-9-]{0,62}$/
const placePattern = /^[a-z](?:-?[a-z0-9])*$/
/** The longest of the aliases that are made of it has 63 characters. */
const aliasPattern = /^[A-Za-z][A-Za-z0-9_-]{0,53}$/
const dayMs = 86_400_000

/** @throws {SecretError} `CONFIG_INVALID`, naming the option, the rule and what to do. */
export function checkOptions(options: GcpOptions): void {
  checkFields('gcp', options, fields)
  const { client, project, location, transport, currentAlias, create = {} } = options
  if (client !== undefined) {
    if (typeof client.initialize !== 'function') throw invalid('client must be a SecretManagerServiceClient')
    const own = ['endpoint', 'transport', 'credential'] as const
    const twice = own.find((name) => options[name] !== undefined)
    if (twice !== undefined) {
      throw invalid(`${twice} is set beside client, which brings its own; give one of them`)
    }
  }
  if (project !== undefined && !projectPattern.test(project)) {
    throw invalid(`project ${JSON.stringify(project)} is not the id of one, such as "my-project"`)
  }
  if (location !== undefined && !placePattern.test(location)) {
    throw invalid(`location ${JSON.stringify(location)} is not one; write it like "europe-west3"`)
  }
  if (transport !== undefined && transport !== 'grpc' && transport !== 'rest') {
    throw invalid('transport must be "grpc" or "rest"')
  }
  if (currentAlias !== undefined && !isAlias(currentAlias)) {
    throw invalid(
      'currentAlias must be 1 to 54 letters, digits, hyphens and underscores, a letter first, and not "latest" or "NEW"',
    )
  }
  checkCreate(create, location)
}

function checkCreate(create: GcpCreateOptions, location: string | undefined): void {
  checkFields('gcp: create', create, createFields)
  const { replicas, kmsKeyName, labels = {}, ttlMs, versionDestroyTtlMs } = create
  if (replicas !== undefined && location !== undefined) {
    throw invalid('create.replicas contradicts location: regional secrets live in their region alone')
  }
  if (replicas !== undefined && kmsKeyName !== undefined) {
    throw invalid('create.kmsKeyName contradicts create.replicas; give each replica its key')
  }
  if (replicas?.length === 0) throw invalid('create.replicas is empty; name a place, or leave it out')
  const problem = labelProblem(labels)
  if (problem !== undefined) throw invalid(`create.labels: ${problem}`)
  if (ttlMs !== undefined && !isAtLeast(ttlMs, 60_000)) {
    throw invalid('create.ttlMs must be a number of milliseconds, 60,000 or more')
  }
  if (versionDestroyTtlMs !== undefined && !isAtLeast(versionDestroyTtlMs, dayMs)) {
    throw invalid('create.versionDestroyTtlMs must be a number of milliseconds, 86,400,000 (a day) or more')
  }
}

function isAlias(alias: string): boolean {
  return aliasPattern.test(alias) && alias !== 'latest' && alias !== 'NEW'
}

function isAtLeast(duration: number, least: number): boolean {
  return Number.isFinite(duration) && duration >= least
}
