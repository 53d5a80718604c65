import { capabilities, capabilitiesOfAccessor, capabilitiesOfSelf } from './capabilities.js'
import { seal } from './health.js'
import { renewLease, revokeLease } from './leases.js'
import {
  disableAuth,
  enableAuth,
  listAuth,
  listMounts,
  listVisibleMounts,
  lookUpMount,
  mountEngine,
  readMount,
  readTune,
  unmountEngine,
  writeTune,
} from './mounts.js'
import { createNamespace, deleteNamespace, listNamespaces, readNamespace } from './namespaces.js'
import {
  deletePolicy,
  listPolicies,
  listPoliciesTwice,
  readPolicy,
  readRules,
  writePolicy,
} from './policies.js'
import {
  deleteQuota,
  listQuotas,
  readQuota,
  readQuotaConfig,
  writeQuota,
  writeQuotaConfig,
} from './quotas.js'
import type { Routes } from './route.js'
import { lookUpWrapping, rewrap, unwrap, wrapData } from './wrapping.js'

export const systemRoutes: Routes = [
  [/^seal$/, { write: { id: 'seal', handle: seal, needsSudo: true } }],
  [/^mounts$/, { read: { id: 'mounts-list-secrets-engines', handle: listMounts, isFlat: true } }],
  [
    /^mounts\/(.+)\/tune$/s,
    {
      read: { id: 'mounts-read-tuning-information', handle: readTune, isFlat: true },
      write: { id: 'mounts-tune-configuration-parameters', handle: writeTune },
    },
  ],
  [
    /^mounts\/(.+)$/s,
    {
      read: { id: 'mounts-read-configuration', handle: readMount, isFlat: true },
      write: { id: 'mounts-enable-secrets-engine', handle: mountEngine },
      delete: { id: 'mounts-disable-secrets-engine', handle: unmountEngine },
    },
  ],
  [/^auth$/, { read: { id: 'auth-list-enabled-methods', handle: listAuth, isFlat: true } }],
  [
    /^auth\/(.+)$/s,
    {
      write: { id: 'auth-enable-method', handle: enableAuth, needsSudo: true },
      delete: { id: 'auth-disable-method', handle: disableAuth, needsSudo: true },
    },
  ],
  [
    /^internal\/ui\/mounts\/?$/,
    { read: { id: 'internal-ui-list-enabled-visible-mounts', handle: listVisibleMounts, isOpen: true } },
  ],
  [
    /^internal\/ui\/mounts\/(.+)$/s,
    { read: { id: 'internal-ui-read-mount-information', handle: lookUpMount, isOpen: true } },
  ],
  [/^policies\/acl\/?$/, { list: { id: 'policies-list-acl-policies', handle: listPolicies } }],
  [
    /^policies\/acl\/(.+)$/s,
    {
      read: { id: 'policies-read-acl-policy', handle: readPolicy },
      write: { id: 'policies-write-acl-policy', handle: writePolicy },
      delete: { id: 'policies-delete-acl-policy', handle: deletePolicy },
    },
  ],
  [
    /^policy\/?$/,
    {
      read: { id: 'policies-list', handle: listPoliciesTwice, isFlat: true },
      list: { id: 'policies-list2', handle: listPoliciesTwice, isFlat: true },
    },
  ],
  [
    /^policy\/(.+)$/s,
    {
      read: { id: 'policies-read', handle: readRules, isFlat: true },
      write: { id: 'policies-write', handle: writePolicy },
      delete: { id: 'policies-delete', handle: deletePolicy },
    },
  ],
  [/^capabilities$/, { write: { id: 'query-token-capabilities', handle: capabilities, isFlat: true } }],
  [
    /^capabilities-self$/,
    { write: { id: 'query-token-self-capabilities', handle: capabilitiesOfSelf, isFlat: true } },
  ],
  [
    /^capabilities-accessor$/,
    { write: { id: 'query-token-accessor-capabilities', handle: capabilitiesOfAccessor, isFlat: true } },
  ],
  [/^leases\/renew$/, { write: { id: 'leases-renew-lease', handle: renewLease } }],
  [/^leases\/revoke$/, { write: { id: 'leases-revoke-lease', handle: revokeLease } }],
  [/^wrapping\/wrap$/, { write: { id: 'wrap', handle: wrapData } }],
  [/^wrapping\/unwrap$/, { write: { id: 'unwrap', handle: unwrap, isOpen: true } }],
  [/^wrapping\/rewrap$/, { write: { id: 'rewrap', handle: rewrap } }],
  [
    /^wrapping\/lookup$/,
    {
      read: { id: 'read-wrapping-properties2', handle: lookUpWrapping, isOpen: true },
      write: { id: 'read-wrapping-properties', handle: lookUpWrapping, isOpen: true },
    },
  ],
  [
    /^quotas\/config$/,
    {
      read: { id: 'rate-limit-quotas-read-configuration', handle: readQuotaConfig },
      write: { id: 'rate-limit-quotas-configure', handle: writeQuotaConfig },
    },
  ],
  [/^quotas\/rate-limit\/?$/, { list: { id: 'rate-limit-quotas-list', handle: listQuotas } }],
  [
    /^quotas\/rate-limit\/(.+)$/,
    {
      read: { id: 'rate-limit-quotas-read', handle: readQuota },
      write: { id: 'rate-limit-quotas-write', handle: writeQuota },
      delete: { id: 'rate-limit-quotas-delete', handle: deleteQuota },
    },
  ],
  [/^namespaces\/?$/, { list: { id: 'namespaces-list', handle: listNamespaces } }],
  [
    /^namespaces\/(.+)$/,
    {
      read: { id: 'namespaces-read', handle: readNamespace },
      write: { id: 'namespaces-write', handle: createNamespace },
      delete: { id: 'namespaces-delete', handle: deleteNamespace },
    },
  ],
]
