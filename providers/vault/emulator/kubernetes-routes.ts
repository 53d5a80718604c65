import {
  kubernetesLogin,
  readKubernetesConfig,
  readKubernetesRole,
  writeKubernetesConfig,
  writeKubernetesRole,
} from './kubernetes.js'
import type { Routes } from './route.js'
import { deleteRole, hasRole, listRoles } from './token-role.js'

export const kubernetesRoutes: Routes = [
  [/^login$/, { write: { id: 'kubernetes-login', handle: kubernetesLogin, isOpen: true } }],
  [
    /^config$/,
    {
      read: { id: 'kubernetes-read-auth-configuration', handle: readKubernetesConfig },
      write: { id: 'kubernetes-configure-auth', handle: writeKubernetesConfig },
    },
  ],
  [/^role\/$/, { list: { id: 'kubernetes-list-auth-roles', handle: listRoles } }],
  [
    /^role\/([^/]+)$/,
    {
      read: { id: 'kubernetes-read-auth-role', handle: readKubernetesRole },
      write: { id: 'kubernetes-write-auth-role', handle: writeKubernetesRole, exists: hasRole },
      delete: { id: 'kubernetes-delete-auth-role', handle: deleteRole },
    },
  ],
]
