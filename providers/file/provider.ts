import { resolve } from 'node:path'
import {
  defineProvider,
  nameCodec,
  type Operation,
  type ProviderOperation,
  type ProviderOperations,
  type SecretProvider,
  shelfCapabilities,
  shelfOf,
  shelfOperations,
} from 'strongroom/provider'
import type { Document } from './document.js'
import { classify } from './errors.js'
import { limits } from './facts.js'
import { keySource } from './keys.js'
import { checkOptions, type FileOptions } from './options.js'
import { sealedFile } from './sealed-file.js'
import { openSeen, unseeing } from './seen.js'

const pageSize = 1_000

/**
 * Secrets in one encrypted file: age v1 around a JSON document.
 *
 * @example file({ path: 'secrets.age', identityFile: 'key.txt' })
 * @throws {SecretError} `CONFIG_INVALID`, naming the option, the rule and what to do.
 */
export function file(options: FileOptions): SecretProvider {
  checkOptions(options)
  const { recoveryWindowMs = 30 * 86_400_000, detectRollback = true } = options
  const path = resolve(options.path)
  const names = nameCodec({ allowed: '\\P{Cc}', prefix: options.prefix, names: options.names })
  const sealed = sealedFile({
    path,
    key: keySource(path, options, process.env),
    recipients: options.recipients,
    workFactor: options.workFactor ?? 18,
    lockTimeoutMs: options.lockTimeoutMs ?? 10_000,
    seen: detectRollback ? openSeen(path, options.stateFolder) : unseeing,
    acceptRollback: options.acceptRollback ?? false,
  })
  const rules = {
    capabilities: shelfCapabilities,
    limits,
    foldsCase: names.foldsCase,
    pageSize,
    recoveryWindowMs,
  }
  const within = (document: Document): ProviderOperations => shelfOperations(shelfOf(document), rules)
  const read =
    <K extends Operation>(operation: K): ProviderOperation<K> =>
    async (input, context) =>
      within(await sealed.read(context))[operation](input, context)
  const write =
    <K extends Operation>(operation: K): ProviderOperation<K> =>
    (input, context) =>
      sealed.change(context, (document) => within(document)[operation](input, context))

  return defineProvider('file', {
    capabilities: shelfCapabilities,
    limits,
    names,
    classify,
    close: async () => sealed.forget(),
    get: read('get'),
    put: write('put'),
    promote: write('promote'),
    discard: write('discard'),
    describe: read('describe'),
    listPage: read('listPage'),
    versionsPage: read('versionsPage'),
    setVersionState: write('setVersionState'),
    tag: write('tag'),
    delete: write('delete'),
    restore: write('restore'),
    readRecord: read('readRecord'),
    swapRecord: write('swapRecord'),
  })
}
