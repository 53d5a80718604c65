import { GcpError, invalidArgument } from './errors.js'
import { camelCase } from './json-form.js'
import type {
  GetIamPolicyRequest,
  Policy,
  SetIamPolicyRequest,
  TestIamPermissionsRequest,
  TestIamPermissionsResponse,
} from './messages.js'
import type { PolicyDocument, World } from './model.js'
import { secretName } from './names.js'
import { getSecret, newEtag } from './world.js'

const rolePattern = /^(roles|projects\/[^/]+\/roles|organizations\/[^/]+\/roles)\/[A-Za-z0-9_.]+$/
const memberPattern = /^(allUsers|allAuthenticatedUsers|[A-Za-z]+:.+|principal(Set)?:\/\/.+)$/
/** Of a policy that was never set. */
const noEtag = 'ACAB'
const maxMembers = 1_500

/** Stores a policy. It is not enforced: the emulator's caller may do everything. */
export function setIamPolicy(
  world: World,
  { resource, policy = {}, updateMask }: SetIamPolicyRequest,
): Policy {
  const { name } = getSecret(world, secretName(world.settings, resource))
  const { version = 0, bindings = [], etag } = policy
  const mask = readPolicyMask(updateMask)
  if (![0, 1, 3].includes(version)) throw invalidArgument('The version of a policy is 0, 1 or 3.')
  const before = world.policies.get(name)
  if (etag !== undefined && etag.toString('base64') !== (before?.etag ?? noEtag)) {
    throw new GcpError(
      'ABORTED',
      'There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.',
    )
  }
  checkBindings(policy)
  const document: PolicyDocument = {
    etag: Buffer.from(newEtag(world).slice(1, -1)).toString('base64'),
    version: bindings.some(({ condition }) => condition !== undefined) ? 3 : Math.max(1, version),
    bindings: mask.has('bindings') ? bindings : (before?.bindings ?? []),
    auditConfigs: mask.has('auditConfigs') ? (policy.auditConfigs ?? []) : (before?.auditConfigs ?? []),
  }
  world.policies.set(name, document)
  return policyOf(document)
}

/** What is changed: without a mask the bindings, and the etag is compared. */
function readPolicyMask(paths: readonly string[] = ['bindings', 'etag']): ReadonlySet<string> {
  const mask = new Set(paths.map((path) => camelCase(path.trim())))
  const bad = [...mask].find((path) => !['bindings', 'etag', 'version', 'auditConfigs'].includes(path))
  if (bad !== undefined) throw invalidArgument(`The field mask path [${bad}] names no field of a policy.`)
  return mask
}

function checkBindings({ version = 0, bindings = [] }: Policy): void {
  for (const { role = '', members = [], condition } of bindings) {
    if (!rolePattern.test(role)) throw invalidArgument(`Role ${role} is not supported for this resource.`)
    const bad = members.find((member) => !memberPattern.test(member))
    if (bad !== undefined) {
      throw invalidArgument(
        `The member ${bad} is of an unknown type. Please set a valid type prefix for the member.`,
      )
    }
    if (condition !== undefined && version !== 3) {
      throw invalidArgument('A policy with a condition must have version 3.')
    }
  }
  const count = bindings.reduce((sum, { members = [] }) => sum + members.length, 0)
  if (count > maxMembers) throw invalidArgument(`A policy has at most ${maxMembers} members.`)
}

export function getIamPolicy(world: World, { resource, options }: GetIamPolicyRequest): Policy {
  const { name } = getSecret(world, secretName(world.settings, resource))
  const { requestedPolicyVersion = 0 } = options ?? {}
  if (![0, 1, 3].includes(requestedPolicyVersion)) {
    throw invalidArgument('The requested version of a policy is 0, 1 or 3.')
  }
  const document = world.policies.get(name)
  return document === undefined ? { etag: Buffer.from(noEtag, 'base64') } : policyOf(document)
}

function policyOf({ etag, version, bindings, auditConfigs }: PolicyDocument): Policy {
  return { version, etag: Buffer.from(etag, 'base64'), bindings, auditConfigs }
}

/** All that is asked for on a secret that is there, and nothing, without an error, on one that is not. */
export function testIamPermissions(
  world: World,
  { resource, permissions = [] }: TestIamPermissionsRequest,
): TestIamPermissionsResponse {
  const name = secretName(world.settings, resource)
  const bad = permissions.find((permission) => !/^[a-z]+(\.[A-Za-z]+){2}$/.test(permission))
  if (bad !== undefined) throw invalidArgument(`Permission ${bad} is not valid for this resource.`)
  return { permissions: world.secrets.get(name) === undefined ? [] : permissions }
}
