import { jwtLogin, readJwtConfig, readJwtRole, writeJwtConfig, writeJwtRole } from './jwt.js'
import type { Routes } from './route.js'
import { deleteRole, hasRole, listRoles } from './token-role.js'

export const jwtRoutes: Routes = [
  [/^login$/, { write: { id: 'jwt-login', handle: jwtLogin, isOpen: true } }],
  [
    /^config$/,
    {
      read: { id: 'jwt-read-configuration', handle: readJwtConfig },
      write: { id: 'jwt-configure', handle: writeJwtConfig },
    },
  ],
  [/^role\/$/, { list: { id: 'jwt-list-roles', handle: listRoles } }],
  [
    /^role\/([^/]+)$/,
    {
      read: { id: 'jwt-read-role', handle: readJwtRole },
      write: { id: 'jwt-write-role', handle: writeJwtRole, exists: hasRole },
      delete: { id: 'jwt-delete-role', handle: deleteRole },
    },
  ],
]
