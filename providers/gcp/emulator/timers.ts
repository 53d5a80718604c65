import type { SecretDocument, World } from './model.js'
import { destroyNow } from './version-states.js'
import { announce, removeSecret, saveSecret } from './world.js'

/** Of rotations that were missed while the clock leapt, only the last are told. */
const maxMissedRotations = 1_000

/** Brings about what the clock has reached since the last request, in the order of its times. */
export function settle(world: World): void {
  for (;;) {
    const due = world.timers.entries().filter(([, { at }]) => at <= world.now)
    const [first] = due.sort(([, a], [, b]) => a.at - b.at)
    if (first === undefined) return
    const [key, { at }] = first
    fire({ ...world, now: at }, key, world.now)
  }
}

function fire(world: World, key: string, now: number): void {
  const secret = world.secrets.get(key)
  if (secret !== undefined) {
    if (secret.expireAt === world.now) expire(world, secret)
    else rotate(world, secret, now)
    return
  }
  const [name = '', number] = key.split('/versions/')
  const owner = world.secrets.get(name)
  const version = world.versions.get(key)
  if (owner !== undefined && version !== undefined && number !== undefined) destroyNow(world, owner, version)
  else world.timers.delete(key)
}

function expire(world: World, secret: SecretDocument): void {
  removeSecret(world, secret)
  announce(world, secret, { type: 'SECRET_DELETE', deleteType: 'EXPIRATION' })
}

/** Tells that it is time to rotate; nobody makes a new value. Without a period the time stays where it is. */
function rotate(world: World, secret: SecretDocument, now: number): void {
  const { nextAt = world.now, periodMs } = secret.rotation ?? {}
  if (periodMs === undefined) {
    announce(world, saveSecret(world, secret), { type: 'SECRET_ROTATE' })
    return
  }
  const missed = Math.floor((Math.min(now, secret.expireAt ?? now) - nextAt) / periodMs)
  const skipped = Math.max(0, missed - maxMissedRotations)
  const rotation = { nextAt: nextAt + (skipped + 1) * periodMs, periodMs }
  announce(world, saveSecret(world, { ...secret, rotation }), { type: 'SECRET_ROTATE' })
}
