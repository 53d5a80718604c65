/** What a token may do to itself. The rules are those of the service's own policy of this name; the words are not. */
export const defaultPolicy: string = rules({
  'auth/token/lookup-self': ['read'],
  'auth/token/renew-self': ['update'],
  'auth/token/revoke-self': ['update'],
  'sys/capabilities-self': ['update'],
  'sys/internal/ui/resultant-acl': ['read'],
  'sys/leases/renew': ['update'],
  'sys/leases/lookup': ['update'],
  'cubbyhole/*': ['create', 'read', 'update', 'delete', 'list'],
  'sys/wrapping/wrap': ['update'],
  'sys/wrapping/lookup': ['update'],
  'sys/wrapping/unwrap': ['update'],
  'sys/tools/hash': ['update'],
  'sys/tools/hash/*': ['update'],
  'identity/oidc/provider/+/authorize': ['read', 'update'],
})

export const wrappingPolicyName = 'response-wrapping'

/** Of a wrapping token: it opens what it wraps, once. */
export const wrappingPolicy: string = rules({
  'cubbyhole/response': ['create', 'read'],
  'sys/wrapping/unwrap': ['update'],
})

function rules(capabilities: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(capabilities)
    .map(([path, list]) => `path ${JSON.stringify(path)} {\n  capabilities = ${JSON.stringify(list)}\n}\n`)
    .join('\n')
}
