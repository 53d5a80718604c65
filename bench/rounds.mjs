/**
 * Runs every contestant once a round, so that a slow moment of the machine meets them all.
 *
 * @param {Record<string, () => Promise<number>>} contestants each gives what it measured
 * @param {number} rounds
 * @returns {Promise<Record<string, number>>} the median of each
 */
export async function medians(contestants, rounds) {
  /** @type {Record<string, number[]>} */
  const measured = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) measured[name]?.push(await run())
  }
  return Object.fromEntries(
    Object.entries(measured).map(([name, values]) => [
      name,
      values.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN,
    ]),
  )
}

/**
 * Prints each median and how many times the first one it is.
 *
 * @param {Record<string, number>} results
 * @param {string} unit
 */
export function report(results, unit) {
  const [base = Number.NaN] = Object.values(results)
  const width = Math.max(...Object.keys(results).map((name) => name.length))
  for (const [name, value] of Object.entries(results)) {
    console.log(
      `${name.padEnd(width)}  ${value.toFixed(value < 100 ? 1 : 0).padStart(7)} ${unit}  ${(value / base).toFixed(1)}x`,
    )
  }
}
