import { toJson } from './json-form.js'
import type { Secret, SecretVersion } from './messages.js'
import { secret as secretType, secretVersion } from './types.js'

export type EventType =
  | 'SECRET_CREATE'
  | 'SECRET_UPDATE'
  | 'SECRET_DELETE'
  | 'SECRET_VERSION_ADD'
  | 'SECRET_VERSION_ENABLE'
  | 'SECRET_VERSION_DISABLE'
  | 'SECRET_VERSION_DESTROY'
  | 'SECRET_VERSION_DESTROY_SCHEDULED'
  | 'SECRET_ROTATE'
  | 'TOPIC_CONFIGURED'

/** A notification as the service publishes it, to one topic. It never holds a value. */
export interface GcpEvent {
  readonly topic: string
  readonly type: EventType
  /** Attributes of the message, as a subscriber gets them. */
  readonly attributes: Readonly<Record<string, string>>
  /** Body of the message: the secret or the version as JSON; empty for `TOPIC_CONFIGURED`. */
  readonly data: string
}

/** What happened to a secret, and to which version. */
export interface Happening {
  readonly type: Exclude<EventType, 'TOPIC_CONFIGURED'>
  readonly at: number
  readonly secret: Secret
  readonly version?: SecretVersion
  readonly deleteType?: 'REQUESTED' | 'EXPIRATION'
}

/** The message of a happening, which goes to each topic of the secret. */
export function eventOf(topic: string, happening: Happening, hasDetails: boolean): GcpEvent {
  const { type, at, secret, version, deleteType } = happening
  const { name: secretId = '' } = secret
  const style = { enumsAsNumbers: false }
  const json =
    version === undefined ? toJson(secretType, secret, style) : toJson(secretVersion, version, style)
  return {
    topic,
    type,
    attributes: {
      eventType: type,
      dataFormat: 'JSON_API_V1',
      secretId,
      timestamp: new Date(at).toISOString().replace('Z', '+00:00'),
      ...(hasDetails && version?.name !== undefined ? { versionId: version.name } : {}),
      ...(hasDetails && deleteType !== undefined ? { deleteType } : {}),
    },
    data: JSON.stringify(json),
  }
}

/** The test message of a topic that a secret has from now on. */
export function topicConfigured(topic: string): GcpEvent {
  return { topic, type: 'TOPIC_CONFIGURED', attributes: { eventType: 'TOPIC_CONFIGURED' }, data: '' }
}
