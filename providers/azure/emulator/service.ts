import {
  type EmulatorReply,
  type EmulatorRequest,
  Refusal,
  type SeedSecrets,
  type Service,
  type ServiceContext,
} from 'strongroom/testing'
import { apiVersionOf } from './api-version.js'
import { getDeletedSecret, purgeDeletedSecret, recoverDeletedSecret } from './deleted.js'
import { AzureError, failureError, missingToken, unknownMethod, unknownPath } from './errors.js'
import { getDeletedSecrets, getSecrets, getSecretVersions } from './listing.js'
import { checkName } from './lookup.js'
import type { Scope, Settings, Vault } from './model.js'
import { errorReply, reply } from './reply.js'
import { type OperationName, routeOf } from './routes.js'
import { addVersion, deleteSecret, getSecret, setSecret, updateSecret } from './secrets.js'
import { claimsChallengeOf, tokenFault, tokenOf } from './tokens.js'

/** Answers a body, or `undefined` for no content. */
type Operation = (scope: Scope) => object | undefined

const operations: Readonly<Record<OperationName, Operation>> = {
  SetSecret: setSecret,
  GetSecret: getSecret,
  UpdateSecret: updateSecret,
  DeleteSecret: deleteSecret,
  GetSecrets: getSecrets,
  GetSecretVersions: getSecretVersions,
  GetDeletedSecret: getDeletedSecret,
  GetDeletedSecrets: getDeletedSecrets,
  RecoverDeletedSecret: recoverDeletedSecret,
  PurgeDeletedSecret: purgeDeletedSecret,
}

/** The service of one vault: first the challenge, then the version of the interface, the route and the operation. */
export function azureService(settings: Settings): Service {
  const vaultOf = (context: ServiceContext): Vault => ({
    now: context.now,
    settings,
    secrets: context.collection('secrets'),
    versions: context.collection('versions'),
    values: context.collection('values'),
  })
  return {
    name: 'azure',
    operation(request) {
      const route = routeOf(request)
      return tokenOf(request) === undefined || typeof route === 'string' ? undefined : route.operation
    },
    isRead: (operation) => operation.startsWith('Get'),
    handle(request, context) {
      try {
        return answer(request, context, vaultOf(context))
      } catch (error) {
        if (error instanceof AzureError) throw new Refusal(errorReply(request, settings, error))
        throw error
      }
    },
    failure(request, failure) {
      if (failure.error === 'insufficient_claims') {
        const challenge = { 'www-authenticate': claimsChallengeOf(settings) }
        return errorReply(request, settings, missingToken(), challenge)
      }
      return errorReply(request, settings, failureError(failure, settings), waitOf(failure.retryAfterMs))
    },
    seed: (secrets, context) => seed(secrets, vaultOf(context)),
    connect: ({ url, httpUrl = url, caFile }) => ({
      env: {
        AZURE_KEYVAULT_URL: url,
        ...(caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: caFile, REQUESTS_CA_BUNDLE: caFile }),
      },
      storeUrl: `azure://localhost?endpoint=${encodeURIComponent(httpUrl)}`,
    }),
  }
}

function answer(request: EmulatorRequest, context: ServiceContext, vault: Vault): EmulatorReply {
  const { settings, now } = vault
  const token = tokenOf(request)
  if (token === undefined) throw missingToken()
  const fault = settings.tokens === undefined ? undefined : tokenFault(token, settings.tokens, now)
  if (fault !== undefined) throw fault
  const apiVersion = apiVersionOf(request)
  const route = routeOf(request)
  if (route === 'unknown-path') throw unknownPath()
  if (route === 'unknown-method') throw unknownMethod(request.method)
  if (route.name !== '') checkName(route.name, settings.facts.maxNameLength)
  const scope: Scope = { ...vault, request, route, apiVersion, emptyPage: context.emptyPage }
  const body = operations[route.operation](scope)
  return reply(request, settings, body === undefined ? 204 : 200, body)
}

/** Whole seconds for clients that read only those, and milliseconds for those that read both. */
function waitOf(retryAfterMs: number | undefined): Record<string, string> {
  if (retryAfterMs === undefined) return {}
  return {
    'retry-after': String(Math.ceil(retryAfterMs / 1000)),
    'x-ms-retry-after-ms': String(retryAfterMs),
  }
}

function seed(secrets: SeedSecrets, vault: Vault): void {
  for (const [name, value] of Object.entries(secrets)) {
    try {
      checkName(name, vault.settings.facts.maxNameLength)
    } catch (error) {
      if (!(error instanceof AzureError)) throw error
      throw new TypeError(
        `seed: ${name} is no name of an Azure secret; use 1 to ${vault.settings.facts.maxNameLength} letters, digits and hyphens`,
      )
    }
    if (typeof value === 'string') addVersion(vault, name, { value })
    else addVersion(vault, name, { value: JSON.stringify(value), contentType: 'application/json' })
  }
}
