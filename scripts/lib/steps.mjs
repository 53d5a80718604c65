import { spawn } from 'node:child_process'
import { root } from './files.mjs'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} command run by the shell in the checkout, with node_modules/.bin on the path
 */

/**
 * Runs steps one after the other: for each its name, its seconds and its last line. The first failure prints all that
 * the step said and ends the run.
 *
 * @param {readonly Step[]} steps
 * @returns {Promise<void>}
 */
export async function runSteps(steps) {
  const width = Math.max(...steps.map((step) => step.name.length))
  const started = performance.now()
  for (const [index, step] of steps.entries()) {
    process.stdout.write(`${step.name.padEnd(width)}  `)
    const since = performance.now()
    const { code, output } = await run(step.command)
    const took = seconds(since)
    if (code !== 0) {
      console.log(`${took}  FAILED (exit ${code})\n\n${output.trimEnd()}\n`)
      console.log(`${step.name} failed; run it alone with: npx --no -c '${step.command}'`)
      console.log(`${index} passed, 1 failed`)
      process.exitCode = 1
      return
    }
    console.log(`${took}  ${verdictOf(output)}`)
  }
  console.log(`all checks hold, ${seconds(started).trim()}`)
  console.log(`${steps.length} passed, 0 failed`)
}

/** @param {number} since */
function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(7)
}

/**
 * The line of vitest that counts the tests, else the last line.
 *
 * @param {string} output
 */
function verdictOf(output) {
  const lines = output.split('\n').map((line) => line.trim())
  return lines.find((line) => /^Tests {2}/.test(line)) ?? lines.findLast((line) => line !== '') ?? 'ok'
}

/**
 * @param {string} command
 * @returns {Promise<{ code: number, output: string }>}
 */
function run(command) {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', command], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${root}/node_modules/.bin:${process.env['PATH']}`,
        NO_COLOR: '1',
        FORCE_COLOR: '0',
      },
    })
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
