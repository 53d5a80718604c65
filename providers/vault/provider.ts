import {
  classifyFault,
  defineProvider,
  type ProviderOperations,
  type SecretProvider,
} from 'strongroom/provider'
import { capabilities, readOnlyCapabilities } from './capabilities.js'
import { connect } from './connect.js'
import { getOperation } from './get.js'
import { readsOfV1 } from './kv-v1.js'
import { limits } from './limits.js'
import { listPageOperation } from './list.js'
import { metadata } from './metadata.js'
import { mountCheck } from './mount.js'
import { apiPath, vaultNames } from './names.js'
import { checkOptions, type VaultOptions } from './options.js'
import { putOperation } from './put.js'
import { records } from './records.js'
import { type Service, sender } from './service.js'
import { trash } from './trash.js'

/**
 * Secrets in HashiCorp Vault or OpenBao.
 *
 * @example vault({ address: 'https://vault.example.com:8200', mount: 'secret', prefix: 'prod' })
 * @throws {SecretError} `CONFIG_INVALID`, naming the option, the rule and what to do.
 */
export function vault(options: VaultOptions = {}): SecretProvider {
  checkOptions(options)
  const { mount = 'secret', kv = 2, valueKey = 'value', create = {} } = options
  apiPath(mount)
  const names = vaultNames(options.prefix, options.names)
  const { exchange, session, close } = connect(options)
  const plainSend = sender(exchange, session)
  const engineOf = mountCheck(plainSend, mount, kv)
  const service: Service = {
    mount,
    valueKey,
    create,
    systemRef: names.systemRef,
    send: async (request, context) => {
      await engineOf(context)
      return plainSend(request, context)
    },
  }
  return defineProvider('vault', {
    capabilities: kv === 1 ? readOnlyCapabilities : capabilities,
    limits,
    names,
    classify: classifyFault,
    close: async () => close(),
    ...(kv === 1 ? readsOfV1(service) : operationsOfV2(service, engineOf)),
  })
}

function operationsOfV2(
  service: Service,
  engineOf: Parameters<typeof listPageOperation>[1],
): Partial<ProviderOperations> {
  return {
    get: getOperation(service),
    put: putOperation(service),
    listPage: listPageOperation(service, engineOf),
    ...metadata(service),
    ...trash(service),
    ...records(service),
  }
}
