import type { EmulatorReply, EmulatorRequest, Service } from 'strongroom/testing'
import { answer } from './answer.js'
import { failureError, VaultError } from './errors.js'
import { nameOf } from './operation-name.js'
import { errorReply } from './reply.js'
import { seed } from './seed.js'
import type { Settings } from './settings.js'
import { worldOf } from './world.js'

/**
 * The server without its sockets. A refusal is answered rather than thrown, so that the use of a token and of a quota
 * stays counted: every operation checks all before it changes anything.
 */
export function vaultService(settings: Settings): Service {
  return {
    name: 'vault',
    operation: (request, context) => nameOf(worldOf(context, settings), request),
    isRead: (operation) => /(^|-)(read|list|scan|look)(-|$)/.test(operation),
    handle(request, context) {
      try {
        return answer(worldOf(context, settings), request)
      } catch (error) {
        if (error instanceof VaultError) return refusal(request, error)
        throw error
      }
    },
    failure: (request, failure) => refusal(request, failureError(failure)),
    seed: (secrets, context) => seed(secrets, worldOf(context, settings)),
    connect: ({ url, httpUrl = url, caFile }) => ({
      env: {
        VAULT_ADDR: url,
        VAULT_TOKEN: settings.rootToken,
        ...(caFile === undefined ? {} : { VAULT_CACERT: caFile }),
      },
      storeUrl: `vault+${httpUrl}/secret`,
    }),
  }
}

function refusal({ method }: EmulatorRequest, error: VaultError): EmulatorReply {
  const reply = errorReply(error)
  return method === 'HEAD' ? { status: reply.status, headers: reply.headers ?? {} } : reply
}
