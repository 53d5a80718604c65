import type { Routes } from './route.js'
import {
  createOrphan,
  createTokenHere,
  createTokenOfRole,
  listAccessors,
  lookUp,
  lookUpAccessor,
  lookUpSelf,
  renew,
  renewAccessor,
  renewSelf,
  revoke,
  revokeAccessor,
  revokeOrphan,
  revokeSelf,
} from './token-api.js'

export const tokenRoutes: Routes = [
  [/^create$/, { write: { id: 'token-create', handle: createTokenHere } }],
  [/^create\/(.+)$/, { write: { id: 'token-create-against-role', handle: createTokenOfRole } }],
  [/^create-orphan$/, { write: { id: 'token-create-orphan', handle: createOrphan, needsSudo: true } }],
  [
    /^lookup$/,
    { read: { id: 'token-look-up-2', handle: lookUp }, write: { id: 'token-look-up', handle: lookUp } },
  ],
  [
    /^lookup-self$/,
    {
      read: { id: 'token-look-up-self', handle: lookUpSelf },
      write: { id: 'token-look-up-self2', handle: lookUpSelf },
    },
  ],
  [/^lookup-accessor$/, { write: { id: 'token-look-up-accessor', handle: lookUpAccessor } }],
  [/^accessors\/$/, { list: { id: 'token-list-accessors', handle: listAccessors, needsSudo: true } }],
  [/^renew$/, { write: { id: 'token-renew', handle: renew } }],
  [/^renew-self$/, { write: { id: 'token-renew-self', handle: renewSelf } }],
  [/^renew-accessor$/, { write: { id: 'token-renew-accessor', handle: renewAccessor } }],
  [/^revoke$/, { write: { id: 'token-revoke', handle: revoke } }],
  [/^revoke-self$/, { write: { id: 'token-revoke-self', handle: revokeSelf } }],
  [/^revoke-orphan$/, { write: { id: 'token-revoke-orphan', handle: revokeOrphan, needsSudo: true } }],
  [/^revoke-accessor$/, { write: { id: 'token-revoke-accessor', handle: revokeAccessor } }],
]
