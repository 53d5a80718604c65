import type { EmulatorRequest } from 'strongroom/testing'
import { VaultError } from './errors.js'
import { health, initStatus, leader, refuseInit, sealStatus, unseal } from './health.js'
import type { Answer, World } from './model.js'
import { readRequest } from './request.js'

interface BareOperation {
  readonly id: string
  readonly answer: (world: World, request: EmulatorRequest) => Answer
}

type Methods = Readonly<Partial<Record<string, BareOperation>>>

const readHealth: BareOperation = { id: 'read-health-status', answer: health }
const doUnseal: BareOperation = {
  id: 'unseal',
  answer: (world, request) => unseal(world, readRequest(request).data),
}
const doInit: BareOperation = { id: 'initialize', answer: refuseInit }

/** Operations of the node itself: they need no token, answer without an envelope, and also while it is sealed. */
const operations: Readonly<Record<string, Methods>> = {
  '/v1/sys/health': { GET: readHealth, HEAD: readHealth },
  '/v1/sys/seal-status': { GET: { id: 'seal-status', answer: sealStatus } },
  '/v1/sys/unseal': { PUT: doUnseal, POST: doUnseal },
  '/v1/sys/init': {
    GET: { id: 'read-initialization-status', answer: initStatus },
    PUT: doInit,
    POST: doInit,
  },
  '/v1/sys/leader': { GET: { id: 'leader-status', answer: leader } },
}

/** @throws {VaultError} 405 for another method on one of their paths. */
export function bareOperation({ path, method }: EmulatorRequest): BareOperation | undefined {
  const methods = operations[path]
  if (methods === undefined) return undefined
  const operation = methods[method]
  if (operation === undefined) throw new VaultError(405, [])
  return operation
}
