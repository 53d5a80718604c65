import { type NameCodec, type NameConvention, nameCodec, refusal, SecretError } from 'strongroom/provider'
import { invalid } from './endpoint.js'

const form = /^projects\/([^/]+)(?:\/locations\/([^/]+))?\/secrets\/([A-Za-z0-9_-]{1,255})$/
const bare = /^[A-Za-z0-9_-]{1,255}$/

export interface Place {
  /** The id of the project, or its number. */
  readonly project: string
  readonly location: string | undefined
}

export interface GcpNames {
  readonly codec: NameCodec
  /** `projects/P/secrets/S`, of a spelling or of an identifier that a user passed. */
  readonly secretOf: (ref: string) => string
}

/**
 * A spelling is the id of a secret within the project. An identifier is its whole name, or such an id.
 *
 * @throws {SecretError} `CONFIG_INVALID` for a prefix that breaks the rules of names.
 */
export function gcpNames(
  place: Place,
  prefix: string | undefined,
  names: NameConvention | undefined,
): GcpNames {
  const parent = parentOf(place)
  const refOfId = (id: string): string => {
    checkId(id, place.location)
    return secretIdOf(id, parent) ?? id
  }
  return {
    codec: codecOf({ prefix, names, refOfId }),
    secretOf: (ref) => (ref.includes('/') ? ref : `${parent}/secrets/${ref}`),
  }
}

export function parentOf({ project, location }: Place): string {
  return location === undefined ? `projects/${project}` : `projects/${project}/locations/${location}`
}

/** A secret's name in its two parts. */
export function partsOf(secret: string): { readonly parent: string; readonly secretId: string } {
  const at = secret.lastIndexOf('/secrets/')
  return { parent: secret.slice(0, at), secretId: secret.slice(at + '/secrets/'.length) }
}

/** The id within this parent; `undefined` for a secret of another one. */
function secretIdOf(id: string, parent: string): string | undefined {
  if (!id.includes('/')) return id
  const { parent: other, secretId } = partsOf(id)
  return other === parent ? secretId : undefined
}

function checkId(id: string, location: string | undefined): void {
  if (bare.test(id)) return
  const found = form.exec(id)
  if (found === null) {
    throw refusal('INVALID_NAME', 'an { id } is projects/PROJECT/secrets/SECRET, without a version')
  }
  if (found[2] !== location) {
    const here = location === undefined ? 'is global' : `is that of ${location}`
    throw refusal('INVALID_NAME', `the { id } lies in another place than this store, which ${here}`)
  }
}

function codecOf(options: {
  readonly prefix: string | undefined
  readonly names: NameConvention | undefined
  readonly refOfId: (id: string) => string
}): NameCodec {
  try {
    return nameCodec({ allowed: 'A-Za-z0-9_-', ...options })
  } catch (error) {
    if (SecretError.is(error)) throw invalid(`prefix: ${error.message}`)
    throw error
  }
}
