import {
  type EmulatorReply,
  type EmulatorRequest,
  Refusal,
  type SeedSecrets,
  type Service,
  type ServiceContext,
} from 'strongroom/testing'
import { apiVersionOf } from './api-version.js'
import { answerAuthority } from './authority.js'
import { AuthorityError, authorityErrorReply, authorityFailure } from './authority-errors.js'
import { authorityRouteOf, isLogin } from './authority-routes.js'
import { backupSecret, restoreSecret } from './backup.js'
import { getDeletedSecret, purgeDeletedSecret, recoverDeletedSecret } from './deleted.js'
import { AzureError, failureError, missingToken, unknownMethod, unknownPath } from './errors.js'
import { collectDueEvents } from './events.js'
import { createKeyring, type Signer } from './jwt.js'
import { getDeletedSecrets, getSecrets, getSecretVersions } from './listing.js'
import { checkName } from './lookup.js'
import type { Scope, Settings, Vault } from './model.js'
import { checkPermission } from './permissions.js'
import { createQuota, type Quota } from './quota.js'
import { errorReply, reply } from './reply.js'
import { type OperationName, routeOf } from './routes.js'
import { addVersion, deleteSecret, getSecret, setSecret, updateSecret } from './secrets.js'
import { callersOf, claimsChallengeOf, tokenFault, tokenOf } from './tokens.js'

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
  BackupSecret: backupSecret,
  RestoreSecret: restoreSecret,
}

/** The service of one vault: first the challenge, then the version of the interface, the route and the operation. */
export function azureService(settings: Settings): Service {
  const quota = createQuota(settings)
  const keyring = createKeyring()
  const vaultOf = (context: ServiceContext): Vault => ({
    now: context.now,
    settings,
    secrets: context.collection('secrets'),
    versions: context.collection('versions'),
    values: context.collection('values'),
    notices: context.collection('notices'),
  })
  const signerOf = (context: ServiceContext): Signer => keyring(context.collection('keys'))
  return {
    name: 'azure',
    operation(request) {
      const authority = authorityRouteOf(request)
      if (authority !== undefined) return isLogin(authority) ? authority.operation : undefined
      const route = routeOf(request)
      return tokenOf(request) === undefined || typeof route === 'string' ? undefined : route.operation
    },
    isRead: (operation) => readOperations.has(operation),
    handle(request, context) {
      try {
        const authority = authorityRouteOf(request)
        if (authority !== undefined) {
          const { now } = context
          return answerAuthority(authority, { request, settings, now, signer: signerOf(context) })
        }
        return answer(request, context, vaultOf(context), quota, () => signerOf(context))
      } catch (error) {
        if (error instanceof AzureError) throw new Refusal(errorReply(request, settings, error))
        if (error instanceof AuthorityError) throw new Refusal(authorityErrorReply(error, context.now))
        throw error
      }
    },
    failure(request, failure) {
      if (authorityRouteOf(request) !== undefined) return authorityFailure(failure)
      if (failure.error === 'insufficient_claims') {
        const challenge = { 'www-authenticate': claimsChallengeOf(settings) }
        return errorReply(request, settings, missingToken(), challenge)
      }
      return errorReply(request, settings, failureError(failure, settings))
    },
    seed(secrets, context) {
      const vault = vaultOf(context)
      seed(secrets, vault)
      tellDueEvents(vault)
    },
    connect: ({ url, httpUrl = url, caFile }) => ({
      env: {
        AZURE_KEYVAULT_URL: url,
        AZURE_AUTHORITY_HOST: url,
        AZURE_TENANT_ID: settings.tenantId,
        ...(caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: caFile, REQUESTS_CA_BUNDLE: caFile }),
      },
      storeUrl: `azure://localhost?endpoint=${encodeURIComponent(httpUrl)}`,
    }),
  }
}

const readOperations: ReadonlySet<string> = new Set<OperationName>([
  'GetSecret',
  'GetSecrets',
  'GetSecretVersions',
  'GetDeletedSecret',
  'GetDeletedSecrets',
  'BackupSecret',
])

function answer(
  request: EmulatorRequest,
  context: ServiceContext,
  vault: Vault,
  quota: Quota,
  signer: () => Signer,
): EmulatorReply {
  const { settings, now } = vault
  const token = tokenOf(request)
  if (token === undefined) throw missingToken()
  const fault = tokenFault(token, request, settings, now, signer)
  if (fault !== undefined) throw fault
  const apiVersion = apiVersionOf(request)
  const route = routeOf(request)
  if (route === 'unknown-path') throw unknownPath()
  if (route === 'unknown-method') throw unknownMethod(request.method)
  if (route.name !== '') checkName(route.name, settings.facts.maxNameLength)
  checkPermission(callersOf(token), route.operation, settings)
  quota.take(route.operation, now)
  const scope: Scope = { ...vault, request, route, apiVersion, emptyPage: context.emptyPage }
  const body = operations[route.operation](scope)
  // A read may see the past, in which a subscriber was not yet told.
  if (!readOperations.has(route.operation)) tellDueEvents(vault)
  return reply(request, settings, body === undefined ? 204 : 200, body)
}

function tellDueEvents(vault: Vault): void {
  const { onEvent } = vault.settings
  if (onEvent !== undefined) for (const event of collectDueEvents(vault)) onEvent(event)
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
