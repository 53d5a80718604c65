import {
  checkFields,
  defineProvider,
  type Fields,
  type NameConvention,
  nameCodec,
  refusal,
  type SecretProvider,
  type Tags,
} from 'strongroom/provider'
import { capabilities } from './capabilities.js'
import type { AzureClient, AzureCredential } from './client.js'
import { type Connection, connect } from './connect.js'
import { type AzureAddress, endpointOf } from './endpoint.js'
import { classify } from './errors.js'
import { plainExpiry } from './expiry.js'
import { nameInId } from './identifier.js'
import { limits } from './limits.js'
import { pager } from './paging.js'
import { reads } from './read.js'
import { records } from './record.js'
import { trash } from './trash.js'
import { openVault } from './vault.js'
import { writes } from './write.js'

export interface AzureOptions extends AzureAddress {
  /** Default: the default chain of `@azure/identity`; a dummy where requests go to loopback. */
  readonly credential?: AzureCredential | undefined
  /** A ready-made `SecretClient`, instead of an address and a credential. Set its `retryOptions.maxRetries` to 0. */
  readonly client?: AzureClient | undefined
  /** Path of a PEM file with the authority to trust, such as an emulator's. Default: those of Node. */
  readonly caFile?: string | undefined
  /** A path before every name. Default none. */
  readonly prefix?: string | undefined
  /** A house convention for names, such as `--` for `/`. Default: escapes. */
  readonly names?: NameConvention | undefined
  readonly create?: AzureCreateOptions | undefined
}

/** Settings of a new secret. */
export interface AzureCreateOptions {
  /** Stand beside the tags of the put that creates it, which win. Default none. */
  readonly tags?: Tags | undefined
}

const fields: Fields<AzureOptions> = {
  vaultName: true,
  cloud: true,
  vaultUrl: true,
  endpoint: true,
  credential: true,
  client: true,
  caFile: true,
  prefix: true,
  names: true,
  create: true,
}

/**
 * Secrets in Azure Key Vault.
 *
 * @example azure({ vaultName: 'my-vault', prefix: 'prod' })
 * @throws {SecretError} `CONFIG_INVALID`, naming the option and the rule.
 */
export function azure(options: AzureOptions): SecretProvider {
  checkFields('azure', options, fields)
  const connected = connection(options)
  const vault = openVault(connected)
  const nameOf = (id: string): string => nameInId(id, vault.url)
  const names = nameCodec({
    allowed: 'A-Za-z0-9-',
    foldsCase: true,
    prefix: options.prefix,
    names: options.names,
    refOfId: nameOf,
  })
  return defineProvider('azure', {
    capabilities,
    limits,
    names,
    classify,
    ...reads(vault, nameOf),
    ...writes({ vault, nameOf, createTags: checkedTags(options.create?.tags ?? {}) }),
    ...trash(vault, nameOf),
    ...records(vault),
  })
}

function connection(options: AzureOptions): Connection {
  const { client, ...address } = options
  if (client === undefined) return connect(endpointOf(address), options)
  const twice = (['vaultName', 'cloud', 'vaultUrl', 'endpoint', 'credential', 'caFile'] as const).find(
    (field) => options[field] !== undefined,
  )
  if (twice !== undefined) throw invalid(`the client has its own address and credential; drop ${twice}`)
  return { client, pager: pager(new URL(client.vaultUrl).origin), expiry: plainExpiry }
}

function checkedTags(tags: Tags): Tags {
  const wrong = Object.entries(tags).find(
    ([key, value]) =>
      !limits.tagKeyPattern.test(key) ||
      key.length > limits.maxTagKeyLength ||
      value.length > limits.maxTagValueLength,
  )
  if (wrong !== undefined || Object.keys(tags).length > limits.maxTags) {
    throw invalid(
      `create.tags: at most ${limits.maxTags}, keys of 1 to ${limits.maxTagKeyLength} characters, values up to ${limits.maxTagValueLength}`,
    )
  }
  return tags
}

function invalid(message: string): Error {
  return refusal('CONFIG_INVALID', message)
}
