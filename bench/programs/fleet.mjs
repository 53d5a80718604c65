// 5,000 instances that each read one secret every half minute, on a clock of their own: how even the calls are that
// reach the backend. They start in the course of a deployment of ten minutes; then, for comparison, all in one second.
import { createStore, defaultLayers } from 'strongroom'
import { memory } from 'strongroom/memory'
import { goal, isShort, table } from '../report.mjs'

const instances = isShort ? 1_000 : 5_000
const hours = isShort ? 1 : 1.5
const stepMs = 30_000
const bucketMs = 60_000

const rolling = await simulate(10 * 60_000)
const atOnce = await simulate(1_000)
const shape = (/** @type {number[]} */ calls) => {
  const mean = calls.reduce((sum, count) => sum + count, 0) / calls.length
  return { peak: Math.max(...calls), mean, ratio: Math.max(...calls) / mean }
}
const skip = Math.ceil((10 * 60_000 + 300_000) / bucketMs)
const steady = shape(rolling.slice(skip))
table(
  `Calls a minute of ${instances.toLocaleString('en')} instances`,
  ['start', 'mean', 'peak', 'peak to mean'],
  [
    ['over ten minutes, after the first quarter of an hour', steady],
    ['all in one second, after the first quarter of an hour', shape(atOnce.slice(skip))],
    ['all in one second, in the last half hour', shape(atOnce.slice(-30))],
  ].map(([start, { mean, peak, ratio }]) => [
    String(start),
    mean.toFixed(0),
    String(peak),
    `${ratio.toFixed(2)} ×`,
  ]),
)
goal({
  what: `${instances.toLocaleString('en')} simulated instances: peak to mean of backend calls`,
  measured: steady.ratio,
  atMost: 1.5,
  unit: ' ×',
  beside: `${steady.peak} calls in the busiest minute beside ${steady.mean.toFixed(0)}`,
})

/**
 * @param {number} deploymentMs
 * @returns {Promise<number[]>} calls in each minute
 */
async function simulate(deploymentMs) {
  const random = chance(7)
  let time = 1_700_000_000_000
  const provider = memory({ seed: { db: 'value' } })
  /** @type {number[]} */
  const calls = []
  const start = time
  const counting = {
    ...provider,
    operations: {
      ...provider.operations,
      get: (/** @type {Parameters<typeof provider.operations.get>} */ ...args) => {
        const bucket = Math.floor((time - start) / bucketMs)
        calls[bucket] = (calls[bucket] ?? 0) + 1
        return provider.operations.get(...args)
      },
    },
  }
  const timing = { now: () => time, random, after: () => () => {} }
  const fleet = Array.from({ length: instances }, () => ({
    startsAt: start + random() * deploymentMs,
    store: createStore({
      provider: counting,
      layers: defaultLayers({ rateLimit: { readsPerSecond: 1e6 } }),
      ...timing,
    }),
  }))
  for (let step = 0; step < (hours * 3_600_000) / stepMs; step += 1) {
    for (const { startsAt, store } of fleet) if (startsAt <= time) void store.get('db')
    await new Promise((resolve) => setImmediate(resolve))
    time += stepMs
  }
  return Array.from(calls, (count) => count ?? 0)
}

/** @param {number} seed */
function chance(seed) {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
