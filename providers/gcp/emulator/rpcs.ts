import type { MessageType } from './descriptor.js'
import { getIamPolicy, setIamPolicy, testIamPermissions } from './iam.js'
import { listSecrets, listSecretVersions } from './listing.js'
import { getLocation, listLocations } from './locations.js'
import { enableManagedRotation, rotateSecret } from './managed-rotation.js'
import type { World } from './model.js'
import { createSecret, deleteSecret, getSecretMetadata, updateSecret } from './secrets.js'
import { secret, secretVersion, types } from './types.js'
import { destroySecretVersion, disableSecretVersion, enableSecretVersion } from './version-states.js'
import { accessSecretVersion, addSecretVersion, getSecretVersion } from './versions.js'

/** What a path of REST names. */
export type Resource = 'project' | 'parent' | 'location' | 'secret' | 'version'

/** How REST calls a method: `GET /v1/{name of the resource}/versions`. */
export interface HttpRule {
  readonly verb: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly resource: Resource
  /** Where the name from the path goes in the request. */
  readonly nameField: string
  readonly suffix: string
  /** Which field the body is; `*` for the request itself. */
  readonly body?: string
}

/** One method of the service: what it takes and gives, and what it does. */
export interface Rpc {
  readonly name: string
  readonly service: string
  readonly request: MessageType
  readonly response: MessageType
  readonly http: HttpRule
  /** What a caller needs on the resource that {@link HttpRule.nameField} names. */
  readonly permission: string
  readonly isRead: boolean
  run(world: World, request: object): object
}

const secretManager = 'google.cloud.secretmanager.v1.SecretManagerService'
const locations = 'google.cloud.location.Locations'

function rpc<Q extends object, R extends object>(
  name: string,
  request: MessageType<Q>,
  response: MessageType<R>,
  run: (world: World, request: Q) => R,
  [verb, resource, nameField, suffix, body]: readonly [
    HttpRule['verb'],
    Resource,
    nameField: string,
    suffix: string,
    body?: string,
  ],
  permission: string,
  service: string = secretManager,
): Rpc {
  return {
    name,
    service,
    request,
    response,
    run: (world, message) => run(world, message as Q),
    http: { verb, resource, nameField, suffix, ...(body === undefined ? {} : { body }) },
    permission: `secretmanager.${permission}`,
    isRead: /^(Get|List|Access|Test)/.test(name),
  }
}

export const rpcs: readonly Rpc[] = [
  rpc(
    'ListSecrets',
    types.listRequest,
    types.listSecretsResponse,
    listSecrets,
    ['GET', 'parent', 'parent', '/secrets'],
    'secrets.list',
  ),
  rpc(
    'CreateSecret',
    types.createSecretRequest,
    secret,
    createSecret,
    ['POST', 'parent', 'parent', '/secrets', 'secret'],
    'secrets.create',
  ),
  rpc(
    'AddSecretVersion',
    types.addSecretVersionRequest,
    secretVersion,
    addSecretVersion,
    ['POST', 'secret', 'parent', ':addVersion', '*'],
    'versions.add',
  ),
  rpc('GetSecret', types.named, secret, getSecretMetadata, ['GET', 'secret', 'name', ''], 'secrets.get'),
  rpc(
    'UpdateSecret',
    types.updateSecretRequest,
    secret,
    updateSecret,
    ['PATCH', 'secret', 'secret.name', '', 'secret'],
    'secrets.update',
  ),
  rpc(
    'DeleteSecret',
    types.namedWithEtag,
    types.empty,
    deleteSecret,
    ['DELETE', 'secret', 'name', ''],
    'secrets.delete',
  ),
  rpc(
    'ListSecretVersions',
    types.listRequest,
    types.listSecretVersionsResponse,
    listSecretVersions,
    ['GET', 'secret', 'parent', '/versions'],
    'versions.list',
  ),
  rpc(
    'GetSecretVersion',
    types.named,
    secretVersion,
    getSecretVersion,
    ['GET', 'version', 'name', ''],
    'versions.get',
  ),
  rpc(
    'AccessSecretVersion',
    types.named,
    types.accessSecretVersionResponse,
    accessSecretVersion,
    ['GET', 'version', 'name', ':access'],
    'versions.access',
  ),
  rpc(
    'DisableSecretVersion',
    types.namedWithEtag,
    secretVersion,
    disableSecretVersion,
    ['POST', 'version', 'name', ':disable', '*'],
    'versions.disable',
  ),
  rpc(
    'EnableSecretVersion',
    types.namedWithEtag,
    secretVersion,
    enableSecretVersion,
    ['POST', 'version', 'name', ':enable', '*'],
    'versions.enable',
  ),
  rpc(
    'DestroySecretVersion',
    types.namedWithEtag,
    secretVersion,
    destroySecretVersion,
    ['POST', 'version', 'name', ':destroy', '*'],
    'versions.destroy',
  ),
  rpc(
    'SetIamPolicy',
    types.setIamPolicyRequest,
    types.policy,
    setIamPolicy,
    ['POST', 'secret', 'resource', ':setIamPolicy', '*'],
    'secrets.setIamPolicy',
  ),
  rpc(
    'GetIamPolicy',
    types.getIamPolicyRequest,
    types.policy,
    getIamPolicy,
    ['GET', 'secret', 'resource', ':getIamPolicy'],
    'secrets.getIamPolicy',
  ),
  rpc(
    'TestIamPermissions',
    types.testIamPermissionsRequest,
    types.testIamPermissionsResponse,
    testIamPermissions,
    ['POST', 'secret', 'resource', ':testIamPermissions', '*'],
    'secrets.getIamPolicy',
  ),
  rpc(
    'EnableManagedRotation',
    types.enableManagedRotationRequest,
    secretVersion,
    enableManagedRotation,
    ['POST', 'secret', 'parent', ':enableManagedRotation', '*'],
    'secrets.enableManagedRotation',
  ),
  rpc(
    'RotateSecret',
    types.rotateSecretRequest,
    secretVersion,
    rotateSecret,
    ['POST', 'secret', 'parent', ':rotateSecret', '*'],
    'secrets.rotate',
  ),
  rpc(
    'ListLocations',
    types.listLocationsRequest,
    types.listLocationsResponse,
    listLocations,
    ['GET', 'project', 'name', '/locations'],
    'locations.list',
    locations,
  ),
  rpc(
    'GetLocation',
    types.named,
    types.location,
    getLocation,
    ['GET', 'location', 'name', ''],
    'locations.get',
    locations,
  ),
]
