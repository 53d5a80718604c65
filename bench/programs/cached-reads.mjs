// What a read costs that the cache answers, on 1,000 names with audit and policy on, the value really read, beside a Map
// of the same names: behind an async function for `get`, bare for `peek`.
import { createStore, defaultLayers } from 'strongroom'
import { memory } from 'strongroom/memory'
import { goal, isShort, nanoseconds } from '../report.mjs'
import { medians } from '../rounds.mjs'

const count = 1_000
const turns = isShort ? 20_000 : 200_000
const macrotasks = isShort ? 1_000 : 10_000
const rounds = isShort ? 5 : 21
const names = Array.from({ length: count }, (_, at) => `app/secret-${at}`)
const seed = Object.fromEntries(names.map((name, at) => [name, `value-${at}`]))
/** The same order for all: one that a processor cannot guess. */
const order = Array.from({ length: 4_096 }, (_, at) => names[(at * 7_919) % count] ?? '')

const store = createStore({
  provider: memory({ seed }),
  layers: defaultLayers({
    cache: { ttlMs: 3_600_000 },
    audit: { record: () => {} },
    policy: { rules: [{ effect: 'allow', names: ['app/**'], operations: ['read'] }] },
  }),
})
const map = new Map(names.map((name) => [name, { value: seed[name] ?? '' }]))
const lookUp = async (/** @type {string} */ name) => map.get(name)
await store.prefetch(names)
let length = 0

const contestants = {
  asyncMap: async () => {
    const since = performance.now()
    for (let turn = 0; turn < turns; turn += 1) {
      length += (await lookUp(order[turn & 4_095] ?? ''))?.value.length ?? 0
    }
    return perTurn(since)
  },
  get: async () => {
    const since = performance.now()
    for (let turn = 0; turn < turns; turn += 1) {
      length += (await store.get(order[turn & 4_095] ?? '')).value.length
    }
    return perTurn(since)
  },
  map: () => {
    const since = performance.now()
    for (let turn = 0; turn < turns; turn += 1)
      length += map.get(order[turn & 4_095] ?? '')?.value.length ?? 0
    return perTurn(since)
  },
  peek: () => {
    const since = performance.now()
    for (let turn = 0; turn < turns; turn += 1)
      length += store.peek(order[turn & 4_095] ?? '')?.value.length ?? 0
    return perTurn(since)
  },
  clock: () => macrotasked(async () => 0),
  asyncMapOnce: () => macrotasked(async (name) => (await lookUp(name))?.value.length ?? 0),
  getOnce: () => macrotasked(async (name) => (await store.get(name)).value.length),
}
const found = await medians(contestants, rounds)
if (length === 0) throw new Error('bench: nothing was read')
await store.close()

ratio('cached `await get`, tight loop, beside `await` of an async Map look-up', 'get', 'asyncMap', 1.15)
goal({
  what: 'the same with one get a macrotask',
  measured: (found.getOnce - found.clock) / (found.asyncMapOnce - found.clock),
  atMost: 1.6,
  unit: ' ×',
  beside: `${nanoseconds(found.getOnce - found.clock)} beside ${nanoseconds(found.asyncMapOnce - found.clock)}`,
})
ratio('`peek` beside `Map.get`, within a turn', 'peek', 'map', 1.5)

/**
 * @param {string} what
 * @param {keyof typeof found} ours
 * @param {keyof typeof found} theirs
 * @param {number} atMost
 */
function ratio(what, ours, theirs, atMost) {
  const beside = `${nanoseconds(found[ours])} beside ${nanoseconds(found[theirs])}`
  goal({ what, measured: found[ours] / found[theirs], atMost, unit: ' ×', beside })
}

/** @param {number} since */
function perTurn(since) {
  return ((performance.now() - since) * 1e6) / turns
}

/**
 * Nanoseconds of one read in a macrotask of its own, with what looking at the clock costs.
 *
 * @param {(name: string) => Promise<number>} read
 */
async function macrotasked(read) {
  let spentMs = 0
  for (let turn = 0; turn < macrotasks; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    const since = performance.now()
    length += await read(order[turn & 4_095] ?? '')
    spentMs += performance.now() - since
  }
  return (spentMs * 1e6) / macrotasks
}
