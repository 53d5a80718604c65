import type { OperationName } from './routes.js'

/** What access policies call the right to one kind of operation. */
export type Permission = 'get' | 'list' | 'set' | 'delete' | 'recover' | 'purge' | 'backup' | 'restore'

/** What an operation is called in access policies, and in actions of a role. */
export const permissions: Readonly<Record<OperationName, readonly [policy: Permission, action: string]>> = {
  SetSecret: ['set', 'setSecret/action'],
  GetSecret: ['get', 'getSecret/action'],
  UpdateSecret: ['set', 'update/action'],
  DeleteSecret: ['delete', 'delete'],
  GetSecrets: ['list', 'readMetadata/action'],
  GetSecretVersions: ['list', 'readMetadata/action'],
  GetDeletedSecret: ['get', 'readMetadata/action'],
  GetDeletedSecrets: ['list', 'readMetadata/action'],
  RecoverDeletedSecret: ['recover', 'recover/action'],
  PurgeDeletedSecret: ['purge', 'purge/action'],
  BackupSecret: ['backup', 'backup/action'],
  RestoreSecret: ['restore', 'restore/action'],
}
