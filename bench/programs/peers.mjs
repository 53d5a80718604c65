// What a read costs that the cache answers: ours with all default layers, and the peers, by mitata, side by side.
import { measure } from 'mitata'
import { contestants } from '../contestants.mjs'
import { isShort, nanoseconds, table } from '../report.mjs'
import { medians } from '../rounds.mjs'
import { start } from '../servers/start.mjs'

const emulator = await start('emulator')
Object.assign(process.env, emulator.env)
const peers = await contestants({ ttlMs: 3_600_000, storeUrl: emulator.storeUrl })
const map = new Map([['app/secret-0', 'value-0']])
const lookUp = async (/** @type {string} */ name) => map.get(name)
const readers = [
  { name: 'async function over a Map', read: lookUp },
  ...peers.filter(({ name }) => !name.startsWith('none')),
]
for (const { name, read } of readers) {
  if ((await read('app/secret-0')) !== 'value-0') throw new Error(`bench: ${name} did not read the secret`)
}
/** Every contestant warm before the first is measured. */
for (const { read } of readers) for (let turn = 0; turn < 5_000; turn += 1) await read('app/secret-0')
const found = await medians(
  Object.fromEntries(readers.map(({ name, read }) => [name, () => timed(() => read('app/secret-0'))])),
  isShort ? 3 : 5,
)
const base = found['async function over a Map'] ?? Number.NaN
table(
  'A cached read of one secret',
  ['', 'a read', 'beside the Map'],
  Object.entries(found)
    .toSorted(([, left], [, right]) => left - right)
    .map(([name, ns]) => [name, nanoseconds(ns), `${(ns / base).toFixed(1)} ×`]),
)
await Promise.all(peers.map(({ close }) => close()))
emulator.stop()
// Some peers keep timers of their own.
process.exit()

/** @param {() => Promise<unknown>} read */
async function timed(read) {
  const { p50 } = await measure(async () => await read(), { min_cpu_time: isShort ? 3e7 : 3e8 })
  return p50
}
