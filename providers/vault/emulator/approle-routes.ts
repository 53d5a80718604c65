import { approleLogin, forgetRole, readRole, readRoleId, writeRole, writeRoleId } from './approle.js'
import type { Routes } from './route.js'
import {
  createCustomSecretId,
  createSecretId,
  destroySecretId,
  destroySecretIdAccessor,
  listSecretIds,
  lookUpSecretId,
  lookUpSecretIdAccessor,
} from './secret-ids.js'
import { hasRole, listRoles } from './token-role.js'

export const approleRoutes: Routes = [
  [
    /^login$/,
    {
      read: { id: 'app-role-login2', handle: approleLogin, isOpen: true },
      write: { id: 'app-role-login', handle: approleLogin, isOpen: true },
    },
  ],
  [/^role\/$/, { list: { id: 'app-role-list-roles', handle: listRoles } }],
  [
    /^role\/([^/]+)$/,
    {
      read: { id: 'app-role-read-role', handle: readRole },
      write: { id: 'app-role-write-role', handle: writeRole, exists: hasRole },
      delete: { id: 'app-role-delete-role', handle: forgetRole },
    },
  ],
  [
    /^role\/([^/]+)\/role-id$/,
    {
      read: { id: 'app-role-read-role-id', handle: readRoleId },
      write: { id: 'app-role-write-role-id', handle: writeRoleId },
    },
  ],
  [
    /^role\/([^/]+)\/secret-id\/?$/,
    {
      write: { id: 'app-role-write-secret-id', handle: createSecretId },
      list: { id: 'app-role-list-secret-ids', handle: listSecretIds },
    },
  ],
  [
    /^role\/([^/]+)\/custom-secret-id$/,
    { write: { id: 'app-role-write-custom-secret-id', handle: createCustomSecretId } },
  ],
  [
    /^role\/([^/]+)\/secret-id\/lookup$/,
    { write: { id: 'app-role-look-up-secret-id', handle: lookUpSecretId } },
  ],
  [
    /^role\/([^/]+)\/secret-id\/destroy$/,
    {
      write: { id: 'app-role-destroy-secret-id', handle: destroySecretId },
      delete: { id: 'app-role-destroy-secret-id2', handle: destroySecretId },
    },
  ],
  [
    /^role\/([^/]+)\/secret-id-accessor\/lookup$/,
    { write: { id: 'app-role-look-up-secret-id-by-accessor', handle: lookUpSecretIdAccessor } },
  ],
  [
    /^role\/([^/]+)\/secret-id-accessor\/destroy$/,
    {
      write: { id: 'app-role-destroy-secret-id-by-accessor', handle: destroySecretIdAccessor },
      delete: { id: 'app-role-destroy-secret-id-by-accessor2', handle: destroySecretIdAccessor },
    },
  ],
]
