// Whether a cached read costs the same in time and memory with 10 names and with 100,000. A Map grows slower too, by
// missing the processor's caches: what is judged is our growth beside its own.
import { createStore, defaultLayers } from 'strongroom'
import { memory } from 'strongroom/memory'
import { goal, isShort, nanoseconds, table } from '../report.mjs'
import { medians } from '../rounds.mjs'

const sizes = [10, 1_000, 10_000, 100_000]
const turns = isShort ? 20_000 : 100_000
const layers = () => defaultLayers({ cache: { ttlMs: 3_600_000, maxEntries: 200_000, maxBytes: 2 ** 30 } })
let length = 0
/** @type {string[][]} */
const rows = []
/** @type {{ size: number, get: number, map: number, bytesPerName: number }[]} */
const found = []

for (const size of sizes) {
  const names = Array.from({ length: size }, (_, at) => `app/secret-${at}`)
  const provider = memory({ seed: Object.fromEntries(names.map((name) => [name, `value of ${name}`])) })
  const map = new Map(names.map((name) => [name, { value: `value of ${name}` }]))
  const order = Array.from({ length: turns }, (_, at) => names[(at * 7_919) % size] ?? '')
  const lookUp = async (/** @type {string} */ name) => map.get(name)
  const store = createStore({ provider, layers: layers() })
  const before = heap()
  for (const name of names) length += (await store.get(name)).value.length
  const bytesPerName = (heap() - before) / size
  const timed = async (/** @type {(name: string) => Promise<number>} */ read) => {
    const since = performance.now()
    for (const name of order) length += await read(name)
    return ((performance.now() - since) * 1e6) / turns
  }
  const { get, asyncMap } = await medians(
    {
      get: () => timed(async (name) => (await store.get(name)).value.length),
      asyncMap: () => timed(async (name) => (await lookUp(name))?.value.length ?? 0),
    },
    isShort ? 3 : 9,
  )
  await store.close()
  found.push({ size, get, map: asyncMap, bytesPerName })
  rows.push([
    size.toLocaleString('en'),
    nanoseconds(get),
    nanoseconds(asyncMap),
    size < 1_000 ? 'too few to weigh' : `${(bytesPerName / 1_024).toFixed(2)} KiB`,
  ])
}
if (length === 0) throw new Error('bench: nothing was read')
table('Names in one store', ['names', 'cached get', 'async Map', 'heap a name'], rows)
const [few, thousand, , many] = found
if (few === undefined || thousand === undefined || many === undefined)
  throw new Error('bench: a size is missing')
goal({
  what: 'time of a cached get at 100,000 names beside 10, over what a Map loses',
  measured: many.get / few.get / (many.map / few.map),
  atMost: 1.5,
  unit: ' ×',
  beside: `${(many.get / few.get).toFixed(2)} × beside ${(many.map / few.map).toFixed(2)} × of a Map`,
})
goal({
  what: 'heap a cached name at 100,000 names beside 1,000',
  measured: many.bytesPerName / thousand.bytesPerName,
  atMost: 1.1,
  unit: ' ×',
  beside: `${(many.bytesPerName / 1_024).toFixed(2)} KiB beside ${(thousand.bytesPerName / 1_024).toFixed(2)} KiB`,
})

function heap() {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
