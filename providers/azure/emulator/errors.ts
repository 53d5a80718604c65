import type { Failure } from 'strongroom/testing'
import { permissions } from './actions.js'
import type { AzureFacts, Scope, SecretDocument, Settings } from './model.js'
import type { OperationName } from './routes.js'

/** An error as the service answers it. Thrown in an operation, it also takes back everything the request changed. */
export class AzureError extends Error {
  override readonly name = 'AzureError'
  readonly status: number
  readonly code: string
  readonly innerCode: string | undefined
  /** What the client is asked to wait. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, code: string, message: string, innerCode?: string, retryAfterMs?: number) {
    super(message)
    this.status = status
    this.code = code
    this.innerCode = innerCode
    this.retryAfterMs = retryAfterMs
  }
}

export const badParameter = (message: string): AzureError => new AzureError(400, 'BadParameter', message)
/** The service does not say which property it is. */
export const invalidProperty = (): AzureError => badParameter('Property  has invalid value\r\n')
export const unauthorized = (message: string): AzureError => new AzureError(401, 'Unauthorized', message)
export const notFound = (message: string): AzureError => new AzureError(404, 'SecretNotFound', message)
export const conflict = (innerCode: string, message: string): AzureError =>
  new AzureError(409, 'Conflict', message, innerCode)

export const missingToken = (): AzureError =>
  unauthorized('AKV10000: Request is missing a Bearer or PoP token.')
export const unknownMethod = (method: string): AzureError =>
  new AzureError(405, 'MethodNotAllowed', `HTTP ${method} not allowed`)
export const unknownPath = (): AzureError => new AzureError(404, 'NotFound', 'Resource not found.')
export const secretDisabled = (): AzureError =>
  new AzureError(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled')
/** With a name: of a request that would make the secret anew. */
export const beingDeleted = (name?: string): AzureError =>
  conflict('ObjectIsBeingDeleted', inTransition('deleted', name))
export const beingRecovered = (name?: string): AzureError =>
  conflict('ObjectIsBeingRecovered', inTransition('recovered', name))
export const deletedButRecoverable = (name: string): AzureError =>
  conflict(
    'ObjectIsDeletedButRecoverable',
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
  )
function inTransition(state: string, name: string | undefined): string {
  return name === undefined
    ? `Secret is currently being ${state}.`
    : `Secret ${name} is currently being ${state} and cannot be re-created; retry later.`
}

export const purgeProtected = ({ facts, vaultName, region }: Settings): AzureError =>
  new AzureError(
    403,
    'Forbidden',
    `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: ${vaultName};location=${region}`,
    facts.purgeProtectedInnerCode,
  )

export const malformedBackup = ({ facts }: Settings): AzureError =>
  new AzureError(400, facts.malformedBackupCode, 'Backup blob contains invalid or corrupt version.')
export const restoreConflict = ({ request, settings }: Scope, { name, latest }: SecretDocument): AzureError =>
  new AzureError(
    409,
    'Conflict',
    `There was a conflict restoring the secret '${request.origin}/secrets/${name}/${latest}'. This can happen if either: a second secret with the same name was created after the first secret was deleted; thus trying to restore a secret whose name is already in use. To fix this, rename the second secret to something else so that the restore works. The second probable cause of this exception is when multiple operations are performed in parallel against the secret. To avoid this error, perform operations against a secret in a sequential manner.`,
    settings.facts.restoreConflictInnerCode,
  )
/** Of a secret that belongs to a certificate. */
export const secretManaged = (operation: string): AzureError =>
  new AzureError(
    403,
    'Forbidden',
    `Operation "${operation}" is not allowed as this object's lifetime is managed by Key Vault.`,
    'SecretManagedByKeyVault',
  )

type Denial = (settings: Settings, operation: OperationName) => string

const denials: Readonly<Record<string, Denial>> = {
  ForbiddenByRbac: ({ vaultName, region }, operation) =>
    `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nAction: 'Microsoft.KeyVault/vaults/secrets/${permissions[operation][1]}'\r\nVault: ${vaultName};location=${region}\r\n`,
  AccessDenied: ({ vaultName, region }, operation) =>
    `The user, group or application does not have secrets ${permissions[operation][0]} permission on key vault '${vaultName};location=${region}'.`,
  ForbiddenByFirewall: ({ vaultName, region }) =>
    `Client address is not authorized and caller is not a trusted service.\r\nVault: ${vaultName};location=${region}`,
}

const throttledText =
  'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached'

/** Without a time to wait, official clients do not repeat the request. */
export const throttled = ({ throttledCode }: AzureFacts, retryAfterMs?: number): AzureError =>
  new AzureError(429, throttledCode, throttledText, undefined, retryAfterMs)

const named: Readonly<Record<string, (settings: Settings) => AzureError>> = {
  BadParameter: invalidProperty,
  Unauthorized: missingToken,
  SecretDisabled: secretDisabled,
  SecretManagedByKeyVault: () => secretManaged('update'),
  SecretNotFound: () => notFound('Secret not found'),
  MethodNotAllowed: () => unknownMethod('method'),
  ObjectIsBeingDeleted: () => beingDeleted(),
  ObjectIsBeingRecovered: () => beingRecovered(),
  ObjectIsDeletedButRecoverable: () => deletedButRecoverable('of this name'),
  Conflict: () => new AzureError(409, 'Conflict', 'The resource is in conflict with the request.'),
  Forbidden: () => new AzureError(403, 'Forbidden', 'Operation is not allowed.'),
  Throttled: ({ facts }) => throttled(facts),
  InternalServerError: () =>
    new AzureError(500, 'InternalServerError', 'The request could not be processed.'),
  ServiceUnavailable: () => new AzureError(503, 'ServiceUnavailable', 'The service is unavailable.'),
}

const codes: Readonly<Record<number, string>> = {
  400: 'BadParameter',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'SecretNotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  429: 'Throttled',
  503: 'ServiceUnavailable',
}

/** The error that a fault rule asks for: an outer or an inner code of the service, or a status and what goes with it. */
export function failureError(failure: Failure, settings: Settings): AzureError {
  const { status = 500 } = failure
  const code = failure.error ?? codes[status] ?? 'InternalServerError'
  const error =
    denialError(code, failure.operation, settings) ??
    named[code]?.(settings) ??
    new AzureError(failure.status ?? 400, code, code)
  return new AzureError(
    failure.status ?? error.status,
    error.code,
    failure.message ?? error.message,
    error.innerCode,
    failure.retryAfterMs,
  )
}

function denialError(code: string, operation: string, settings: Settings): AzureError | undefined {
  return Object.hasOwn(denials, code) ? denial(code, operation as OperationName, settings) : undefined
}

/** `ForbiddenByRbac`, `AccessDenied` or `ForbiddenByFirewall`, in the words of the service. */
export function denial(code: string, operation: OperationName, settings: Settings): AzureError {
  const text = denials[code]?.(settings, operation) ?? ''
  const isOuter = code !== 'ForbiddenByRbac' && settings.facts.forbiddenNesting === 'outer'
  return isOuter ? new AzureError(403, code, text) : new AzureError(403, 'Forbidden', text, code)
}
