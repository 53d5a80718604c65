import { badParameter, notFound } from './errors.js'
import { phaseOf } from './lifecycle.js'
import { type Scope, type SecretDocument, type Vault, type VersionDocument, versionKey } from './model.js'

/** @throws {AzureError} `BadParameter` for a name that no secret can have. */
export function checkName(name: string, maxLength: number): void {
  if (/^[0-9a-zA-Z-]+$/.test(name) && name.length <= maxLength) return
  throw badParameter(`The request URI contains an invalid name: ${name}`)
}

/** The secret in any phase but gone. */
export function findSecret({ secrets, now }: Vault, name: string): SecretDocument | undefined {
  const secret = secrets.get(name.toLowerCase())
  return secret === undefined || phaseOf(secret, now) === 'gone' ? undefined : secret
}

export function findLive(vault: Vault, name: string): SecretDocument | undefined {
  const secret = findSecret(vault, name)
  return secret === undefined || phaseOf(secret, vault.now) !== 'live' ? undefined : secret
}

/** @throws {AzureError} `SecretNotFound`, for a deleted one too. */
export function getLive(scope: Scope, name: string): SecretDocument {
  const secret = findLive(scope, name)
  if (secret === undefined) throw missing(scope, name)
  return secret
}

/** @throws {AzureError} `SecretNotFound`. */
export function getVersion(scope: Scope, secret: SecretDocument, version: string): VersionDocument {
  const document = scope.versions.get(versionKey(secret.name, version))
  if (document === undefined) throw missing(scope, scope.route.name, version)
  return document
}

/** Whether a secret belongs to a certificate: then only the certificate can change it. */
export function isManaged(scope: Scope, secret: SecretDocument): boolean {
  return latestOf(scope, secret).kid !== undefined
}

export function latestOf(scope: Scope, secret: SecretDocument): VersionDocument {
  return getVersion(scope, secret, secret.latest)
}

export function missing({ settings }: Scope, name: string, version = ''): Error {
  if (settings.facts.notFoundText === 'short') return notFound(`Secret not found: ${name}`)
  const id = version === '' ? name : `${name}/${version}`
  return notFound(
    `A secret with (name/id) ${id} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  )
}
