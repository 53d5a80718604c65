// Adds up what the lanes of .ci/run counted, and ends with one plain line.
//   node scripts/ci-total.mjs FOLDER-OF-LOGS [FAILED-LANE…]
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...failedLanes] = process.argv.slice(2)
if (folder === undefined) throw new TypeError('ci-total: name the folder of the logs')

let passed = 0
let failed = 0
for (const lane of readdirSync(folder)) {
  const counts = countsOf(readFileSync(join(folder, lane), 'utf8'))
  const sum = (/** @type {'passed' | 'failed'} */ key) =>
    counts.reduce((total, count) => total + count[key], 0)
  const isFailed = failedLanes.includes(lane)
  // A lane that counts nothing counts as one; one that failed without counting a failure failed once.
  passed += counts.length === 0 && !isFailed ? 1 : sum('passed')
  failed += isFailed ? Math.max(1, sum('failed')) : sum('failed')
}
if (failedLanes.length > 0) console.log(`failed: ${failedLanes.join(', ')}`)
console.log(`${passed} passed, ${failed} failed`)

/**
 * Lines such as `Tests  1 failed | 12 passed (13)`, `== 12 passed, 1 failed in 3.1s ==` and `12 passed, 0 failed`.
 *
 * @param {string} text
 * @returns {{ passed: number, failed: number }[]}
 */
function countsOf(text) {
  return text
    .split('\n')
    .filter((line) => /^ *(Tests {2}|=+ )?\d+ (passed|failed)\b/.test(line))
    .map((line) => ({
      passed: Number(line.match(/(\d+) passed/)?.[1] ?? 0),
      failed: Number(line.match(/(\d+) failed/)?.[1] ?? 0),
    }))
}
