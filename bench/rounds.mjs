/**
 * Runs every contestant once a round, so that a slow moment of the machine meets them all.
 *
 * @template {string} Name
 * @param {Record<Name, () => Promise<number> | number>} contestants each gives what it measured
 * @param {number} rounds
 * @returns {Promise<Record<Name, number>>} the median of each
 */
export async function medians(contestants, rounds) {
  const names = /** @type {Name[]} */ (Object.keys(contestants))
  const measured = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]))
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) measured.get(name)?.push(await contestants[name]())
  }
  const entries = names.map((name) => [name, median(measured.get(name) ?? [])])
  return Object.fromEntries(entries)
}

/** @param {readonly number[]} values */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
