import { pathToFileURL } from 'node:url'
import { createStore, type StoreOptions } from './create-store.js'
import { SecretError } from './errors.js'
import type { SecretProvider } from './provider.js'
import type { Schemas } from './schema.js'
import type { NoSchemas, SecretStore } from './store.js'

/** Asks a person for a passphrase; `isNew` when the answer will seal a file that is not there yet. */
export type Ask = (request: { readonly path: string; readonly isNew: boolean }) => Promise<string>

export interface OpenOptions<S extends Schemas = NoSchemas> extends Omit<StoreOptions<S>, 'provider'> {
  /** Asked for what opens a store where nothing else says it: the passphrase of a `file:`. Default: nobody. */
  readonly ask?: Ask | undefined
}

interface Opener {
  readonly load: () => Promise<{
    readonly fromUrl: (
      url: URL,
      options: { readonly ask?: Ask | undefined },
    ) => SecretProvider | Promise<SecretProvider>
  }>
  /** An example of the URL. */
  readonly form: string
  /** What its subpath needs installed. */
  readonly packages: string
}

const openers: Readonly<Record<string, Opener>> = {
  aws: {
    load: () => import('../providers/aws/index.js'),
    form: 'aws://REGION[/PREFIX][?profile=…&endpoint=…]',
    packages: '@aws-sdk/client-secrets-manager',
  },
  azure: {
    load: () => import('../providers/azure/index.js'),
    form: 'azure://VAULT-NAME-OR-HOST[/PREFIX][?cloud=…&endpoint=…&caFile=…]',
    packages: '@azure/keyvault-secrets @azure/identity',
  },
  env: { load: () => import('../providers/env/index.js'), form: 'env:[PREFIX_]', packages: '' },
  file: {
    load: () => import('../providers/file/index.js'),
    form: 'file:PATH[?identityFile=…&recipient=…&prefix=…&acceptRollback=true]',
    packages: 'age-encryption',
  },
  gcp: {
    load: () => import('../providers/gcp/index.js'),
    form: 'gcp://PROJECT[/PREFIX][?location=…&endpoint=…]',
    packages: '@google-cloud/secret-manager',
  },
  memory: { load: () => import('../providers/memory/index.js'), form: 'memory:', packages: '' },
  vault: {
    load: () => import('../providers/vault/index.js'),
    form: 'vault://HOST[:PORT]/MOUNT[/PREFIX][?namespace=…&kv=1&auth=token|approle|kubernetes|jwt]',
    packages: 'node-vault',
  },
  'vault+http': {
    load: () => import('../providers/vault/index.js'),
    form: 'vault+http://127.0.0.1[:PORT]/MOUNT[/PREFIX][?…]',
    packages: 'node-vault',
  },
}

/**
 * Opens a store by URL, with the default layers. Only the provider that the URL names is loaded.
 *
 * @example const store = await openStore('aws://eu-west-1/prod')
 * @throws {SecretError} `CONFIG_INVALID` for a URL that names no provider or breaks its rules, and for an SDK that is
 *   not installed, with the line that installs it.
 */
export async function openStore<S extends Schemas = NoSchemas>(
  url: string,
  options: OpenOptions<S> = {},
): Promise<SecretStore<S>> {
  const parsed = parse(url)
  const scheme = parsed.protocol.slice(0, -1)
  const opener = Object.hasOwn(openers, scheme) ? openers[scheme] : undefined
  if (opener === undefined) throw invalid(`${parsed.protocol} names no provider; the forms are ${forms()}`)
  const { fromUrl } = await opener.load().catch((error: unknown) => {
    throw missingPackage(error, opener)
  })
  const { ask, ...storeOptions } = options
  return createStore({ ...storeOptions, provider: await fromUrl(parsed, { ask }) })
}

function parse(url: string): URL {
  if (typeof url !== 'string') throw new TypeError('openStore takes the URL of a store as a string')
  // The one scheme whose URLs may be relative: to the folder that the process is in.
  const base = /^file:(?!\/)/i.test(url) ? pathToFileURL(`${process.cwd()}/`).href : undefined
  if (!URL.canParse(url, base)) throw invalid(`the URL of the store cannot be read; the forms are ${forms()}`)
  const parsed = new URL(url, base)
  if (parsed.username !== '' || parsed.password !== '') {
    throw invalid(
      'a store URL carries no user or password; credentials come from the environment or the factory',
    )
  }
  return parsed
}

function forms(): string {
  return Object.values(openers)
    .map(({ form }) => form)
    .join(' · ')
}

function missingPackage(error: unknown, { form, packages }: Opener): unknown {
  const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
  if (!missing || !packages.split(' ').some((name) => error.message.includes(`'${name}'`))) return error
  return invalid(`${form} needs an SDK that is not installed; run: npm install ${packages}`)
}

function invalid(message: string): SecretError {
  return new SecretError({ code: 'CONFIG_INVALID', message })
}
