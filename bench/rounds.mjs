/**
 * Runs every contestant once a round, so that a slow moment of the machine meets them all.
 *
 * @template {string} Name
 * @param {Record<Name, () => Promise<number> | number>} contestants each gives what it measured
 * @param {number} rounds
 * @returns {Promise<Record<Name, number>>} the median of each
 */
export function medians(contestants, rounds) {
  return summaries(contestants, rounds, median)
}

/**
 * The same, with the least of each: for what others on the machine can only make slower, such as the start of a process.
 *
 * @template {string} Name
 * @param {Record<Name, () => Promise<number> | number>} contestants
 * @param {number} rounds
 * @returns {Promise<Record<Name, number>>}
 */
export function bests(contestants, rounds) {
  return summaries(contestants, rounds, (values) => Math.min(...values))
}

/**
 * @template {string} Name
 * @param {Record<Name, () => Promise<number> | number>} contestants
 * @param {number} rounds
 * @param {(values: readonly number[]) => number} summary
 * @returns {Promise<Record<Name, number>>}
 */
async function summaries(contestants, rounds, summary) {
  const names = /** @type {Name[]} */ (Object.keys(contestants))
  const measured = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]))
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) measured.get(name)?.push(await contestants[name]())
  }
  const entries = names.map((name) => [name, summary(measured.get(name) ?? [])])
  return Object.fromEntries(entries)
}

/** @param {readonly number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
