import { isAuthError, SecretError } from 'strongroom'

/** @typedef {import('strongroom').SecretStore} SecretStore */

const refused = Object.assign(new Error('refused'), { code: '28P01' })

/**
 * What a program may do with a store, each with its weight.
 *
 * @type {readonly [weight: number, run: (store: SecretStore, name: string, random: () => number) => Promise<unknown>][]}
 */
const acts = [
  [50, async (store, name) => (await store.get(name)).text().length],
  [12, async (store, name) => (await store.get(name, { maxAgeMs: 0 })).text().length],
  [3, (store, name) => store.find(`${name}-missing`)],
  [8, (store, name, random) => store.put(name, `value ${random()}`)],
  [3, (store, name) => store.describe(name)],
  [3, (store, name) => store.getMany([name, `${name}-missing`, 'soak/0', 'soak/1'])],
  [2, (store) => first(store.list({ prefix: 'soak/' }))],
  [2, (store, name) => first(store.versions(name))],
  [3, (store, name) => store.get(name, { signal: AbortSignal.timeout(5), maxAgeMs: 0 })],
  [3, (store, name) => store.get(name, { deadlineMs: 10, maxAgeMs: 0 })],
  [3, (store, name, random) => store.withSecret(name, () => (random() < 0.5 ? 1 : fail()), authentication)],
  [2, (store, name) => store.accepted(name, { overlapMs: 60_000 })],
  [2, (store, name) => tagged(store, name)],
  [2, async (store, name) => void store.prefetch([name, `${name}-missing`])],
  [2, async (store, name) => store.peek(name)],
]
const authentication = { isAuthError: isAuthError.pg, ladder: true }
const whole = acts.reduce((sum, [weight]) => sum + weight, 0)

/**
 * Works on a store until told to stop, an operation every `paceMs`, give or take.
 *
 * @param {SecretStore} store
 * @param {{ names: number, paceMs: number, random: () => number, turn: () => Promise<boolean>, done: (outcome: string) => void }} options `turn` waits while there is a break, and
 *   says whether to go on
 */
export async function work(store, { names, paceMs, random, turn, done }) {
  while (await turn()) {
    const name = `soak/${Math.floor(random() * names)}`
    done(await outcomeOf(pick(random)(store, name, random)))
    await new Promise((resolve) => setTimeout(resolve, paceMs * 2 * random()))
  }
}

/**
 * @param {SecretStore} store
 * @param {number} names
 */
export async function seed(store, names) {
  for (let at = 0; at < names; at += 1) await outcomeOf(store.put(`soak/${at}`, `value ${at}`))
}

/** @param {() => number} random */
function pick(random) {
  let left = random() * whole
  for (const [weight, run] of acts) {
    left -= weight
    if (left < 0) return run
  }
  throw new Error('soak: chance is not below 1')
}

/**
 * @param {Promise<unknown>} running
 * @returns {Promise<string>} `ok`, a code of ours, or `bug` and what it was
 */
async function outcomeOf(running) {
  try {
    await running
    return 'ok'
  } catch (error) {
    if (error === refused) return 'refused'
    return SecretError.is(error) ? error.code : `bug: ${error}`
  }
}

/** @returns {never} */
function fail() {
  throw refused
}

/** @param {AsyncIterableIterator<unknown>} items */
async function first(items) {
  for await (const item of items) return item
  return undefined
}

/**
 * @param {SecretStore} store
 * @param {string} name
 */
async function tagged(store, name) {
  if (store.capabilities.tagScope !== 'none') await store.tag(name, { set: { soak: 'yes' } })
}
