import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * @typedef {object} Sample
 * @property {number} atMs since the start
 * @property {number} heapBytes after a forced collection
 * @property {number} externalBytes
 * @property {number} rssBytes
 * @property {number} timers
 * @property {number} sockets
 * @property {number} operations since the start
 * @property {number} unhandled rejections since the start
 */

/** What keeps this process busy, by kind; what the runtime itself holds (pipes to the parent, the child) left out. */
export function resources() {
  const names = process.getActiveResourcesInfo()
  return {
    timers: names.filter((name) => name === 'Timeout').length,
    sockets: names.filter((name) => /TCP|TLS|GetAddrInfo|ConnectWrap/.test(name)).length,
  }
}

/** @returns {number} bytes of the heap that are in use after what is garbage has gone */
export function heapAfterGc() {
  if (globalThis.gc === undefined) throw new Error('soak: run Node with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

/**
 * Keeps samples in memory and in a file, a JSON line each.
 *
 * @param {string} path
 */
export function recorder(path) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
  /** @type {Sample[]} */
  const samples = []
  return {
    samples,
    /** @param {Sample} sample */
    keep(sample) {
      samples.push(sample)
      appendFileSync(path, `${JSON.stringify(sample)}\n`)
    },
  }
}

/**
 * How fast the heap grows: the straight line that fits the samples best, as a share of the mean in ten minutes.
 *
 * @param {readonly Sample[]} samples
 * @returns {number} 0.01 is one hundredth in ten minutes
 */
export function slopeInTenMinutes(samples) {
  const count = samples.length
  const mean = (/** @type {(sample: Sample) => number} */ of) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / count
  const [atMs, heap] = [mean((sample) => sample.atMs), mean((sample) => sample.heapBytes)]
  const covariance = mean((sample) => (sample.atMs - atMs) * (sample.heapBytes - heap))
  const variance = mean((sample) => (sample.atMs - atMs) ** 2)
  return ((covariance / variance) * 600_000) / heap
}
