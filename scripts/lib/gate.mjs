/**
 * Ends a gate: one line when nothing is wrong, else every breach and a count, and exit code 1.
 *
 * @param {string} verdict what holds, as a sentence without a full stop
 * @param {readonly string[]} breaches
 */
export function conclude(verdict, breaches) {
  if (breaches.length === 0) {
    console.log(verdict)
    return
  }
  for (const breach of breaches) console.error(breach)
  console.error(`${breaches.length} ${breaches.length === 1 ? 'breach' : 'breaches'}`)
  process.exitCode = 1
}
