// Runs every program in a process of its own, one after the other, and prints what they found as two tables: goals with
// their measured numbers, and neighbours side by side. `--short` takes fewer rounds; `--only NAME` runs one program.
//
// Numbers of a shared machine do not fail a run. What cannot depend on the machine does: counts of calls, and whether a
// failure is handled.
import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values: options } = parseArgs({
  options: { short: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const programs = [
  'cached-reads',
  'peers',
  'failures',
  'start-up',
  'uncached-read',
  'emulator',
  'scale',
  'fleet',
].filter((name) => options.only === undefined || options.only === name)
if (programs.length === 0) throw new Error(`bench: there is no program ${options.only}`)

/** @type {import('./report.mjs').Goal[]} */
const goals = []
/** @type {import('./report.mjs').Table[]} */
const tables = []
let crashed = 0
for (const name of programs) {
  console.log(`${name} …`)
  const code = await run(name)
  if (code === 0) continue
  crashed += 1
  console.log(`${name} ended with exit code ${code}`)
}

const text = [heading(), ...tables.map(tableText), goalsText()].join('\n\n')
console.log(`\n${text}`)
const folder = join(import.meta.dirname, '../.cache/bench')
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'results.md'), `${text}\n`)
const broken = goals.filter(({ met, certain }) => certain && !met)
const missed = goals.filter(({ met }) => met === false)
console.log(
  `\n${goals.filter(({ met }) => met).length} goals met, ${missed.length} not met on this machine and in this run`,
)
console.log(`${goals.length - broken.length} passed, ${broken.length + crashed} failed`)
if (broken.length + crashed > 0) process.exitCode = 1

/** @param {string} name */
function run(name) {
  return new Promise((resolve) => {
    const child = fork(join(import.meta.dirname, `programs/${name}.mjs`), {
      execArgv: ['--expose-gc'],
      env: {
        ...process.env,
        STRONGROOM_BENCH_SHORT: options.short ? '1' : '',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      },
    })
    child.on('message', (message) => {
      const { goal, table } = /** @type {import('./report.mjs').Message} */ (message)
      if (goal !== undefined) goals.push(goal)
      if (table !== undefined) tables.push(table)
    })
    child.on('exit', resolve)
  })
}

function heading() {
  const [cpu] = cpus()
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ')
  return `${date} UTC, Node ${process.version}, ${cpus().length} × ${cpu?.model.trim()}, npm run bench${options.short ? ' -- --short' : ''}`
}

/** @param {import('./report.mjs').Table} table */
function tableText({ title, columns, rows }) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [`### ${title}\n`, line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

function goalsText() {
  const rows = goals.map(({ what, limit, measured, beside, met }) => [
    what,
    limit,
    measured,
    beside,
    met === undefined ? 'not run' : met ? 'met' : '**not met**',
  ])
  return tableText({ title: 'Goals', columns: ['goal', 'limit', 'measured', 'beside', ''], rows })
}
