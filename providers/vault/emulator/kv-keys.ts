import { notFound } from './errors.js'
import type { KeyDocument, KvConfigDocument, Mounted, VersionDocument } from './model.js'

const initialConfig: KvConfigDocument = {
  maxVersions: 0,
  casRequired: false,
  metadataCasRequired: false,
  deleteVersionAfterMs: 0,
}

export function configOf({ kvConfigs, mount }: Mounted): KvConfigDocument {
  return kvConfigs.get(mount.id) ?? initialConfig
}

export function keyOf(scope: Mounted, name: string): string {
  return `${scope.mount.id}/${name}`
}

export function valueKey(scope: Mounted, name: string, version: number): string {
  return `${keyOf(scope, name)}\n${version}`
}

export function findKey(scope: Mounted, name: string): KeyDocument | undefined {
  return scope.kvKeys.get(keyOf(scope, name))
}

/** @throws {VaultError} 404 without a text. */
export function getKey(scope: Mounted, name: string): KeyDocument {
  const key = findKey(scope, name)
  if (key === undefined) throw notFound()
  return key
}

export function newKey(now: number): KeyDocument {
  return {
    createdAt: now,
    updatedAt: now,
    currentVersion: 0,
    oldestVersion: 0,
    maxVersions: 0,
    casRequired: false,
    metadataCasRequired: false,
    metadataVersion: 0,
    deleteVersionAfterMs: 0,
    customMetadata: null,
    versions: {},
  }
}

export function setKey(scope: Mounted, name: string, key: KeyDocument): void {
  scope.kvKeys.set(keyOf(scope, name), { ...key, updatedAt: scope.now })
}

/** Neither deleted by now nor destroyed. */
export function isLive(version: VersionDocument, now: number): boolean {
  return !version.destroyed && (version.deletedAt === undefined || version.deletedAt > now)
}

/** When a version that begins now will be deleted by itself: the shorter of what mount and key say. */
export function expiryOf(scope: Mounted, key: KeyDocument): { readonly deletedAt?: number } {
  const ofMount = configOf(scope).deleteVersionAfterMs
  if (ofMount < 0) return {}
  const waits = [ofMount, key.deleteVersionAfterMs].filter((ms) => ms > 0)
  return waits.length === 0 ? {} : { deletedAt: scope.now + Math.min(...waits) }
}

export function removeVersion(scope: Mounted, name: string, version: number): void {
  scope.kvValues.delete(valueKey(scope, name, version))
}

/** In place of a mount, for the entries that a token keeps for itself. */
export function cubbyholeOf(tokenId: string): string {
  return `cubbyhole ${tokenId}`
}
