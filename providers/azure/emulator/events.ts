import { randomUUID } from 'node:crypto'
import { phaseOf } from './lifecycle.js'
import type { SecretDocument, Settings, Vault, VersionDocument } from './model.js'
import { versionKey } from './model.js'

export type AzureEventType = 'SecretNewVersionCreated' | 'SecretNearExpiry' | 'SecretExpired'

/** What a vault tells its subscribers. It holds names and dates, never a value. */
export interface AzureEvent {
  readonly type: AzureEventType
  /** As the body of Event Grid's own schema holds it, in a list of one. */
  readonly eventGrid: Readonly<Record<string, unknown>>
  /** As CloudEvents 1.0. */
  readonly cloudEvent: Readonly<Record<string, unknown>>
}

/** Expiry dates that subscribers were told of, by {@link versionKey}. */
export interface NoticeDocument {
  readonly near?: number
  readonly expired?: number
}

const nearMs = 30 * 86_400_000

export function newVersionEvent(vault: Vault, secret: SecretDocument, version: VersionDocument): AzureEvent {
  return eventOf(vault.settings, 'SecretNewVersionCreated', secret, version, vault.now)
}

/** Events whose time has come since they were last collected, each once for an expiry date of a current version. */
export function collectDueEvents(vault: Vault): readonly AzureEvent[] {
  const events: AzureEvent[] = []
  for (const [, secret] of vault.secrets.entries()) {
    const key = versionKey(secret.name, secret.latest)
    const version = vault.versions.get(key)
    if (version?.exp === undefined || phaseOf(secret, vault.now) !== 'live') continue
    const { exp, createdAt } = version
    const expiresAt = exp * 1000
    const notice = vault.notices.get(key) ?? {}
    const isNear = vault.now >= expiresAt - nearMs && createdAt < expiresAt && notice.near !== exp
    const isExpired = vault.now >= expiresAt && notice.expired !== exp
    if (isNear) {
      const at = Math.max(expiresAt - nearMs, createdAt)
      events.push(eventOf(vault.settings, 'SecretNearExpiry', secret, version, at))
    }
    if (isExpired) {
      const at = Math.max(expiresAt, createdAt)
      events.push(eventOf(vault.settings, 'SecretExpired', secret, version, at))
    }
    if (isNear || isExpired) {
      vault.notices.set(key, {
        ...notice,
        ...(isNear ? { near: exp } : {}),
        ...(isExpired ? { expired: exp } : {}),
      })
    }
  }
  return events
}

function eventOf(
  { vaultName, subscriptionId, facts }: Settings,
  type: AzureEventType,
  { name }: SecretDocument,
  { id: version, nbf, exp }: VersionDocument,
  at: number,
): AzureEvent {
  const id = randomUUID()
  const topic = `/subscriptions/${subscriptionId}/resourceGroups/emulator/providers/Microsoft.KeyVault/vaults/${vaultName}`
  const eventType = `Microsoft.KeyVault.${type}`
  const time = new Date(at).toISOString()
  const dateOf = (seconds: number | undefined): number | string | null => {
    if (seconds === undefined) return null
    return facts.eventDates === 'text' ? String(seconds) : seconds
  }
  const data = {
    Id: `https://${vaultName}.vault.azure.net/secrets/${name}/${version}`,
    VaultName: vaultName,
    ObjectType: 'Secret',
    ObjectName: name,
    Version: version,
    NBF: dateOf(nbf),
    EXP: dateOf(exp),
  }
  return {
    type,
    eventGrid: {
      id,
      topic,
      subject: name,
      eventType,
      eventTime: time,
      data,
      dataVersion: '1',
      metadataVersion: '1',
    },
    cloudEvent: { id, source: topic, subject: name, type: eventType, time, data, specversion: '1.0' },
  }
}
