// How long `strongroom emulate aws=0 --json` takes from the start of its process to its one line, beside a bare Node
// HTTP server in the same run: node scripts/start-up.mjs [PATH OF THE COMMAND] [TURNS]
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './lib/files.mjs'

const [command = join(root, 'dist/cli/main.js'), turns = '11'] = process.argv.slice(2)
const bareServer = `require('node:http').createServer().listen(0, '127.0.0.1', function () {
  console.log(this.address().port)
})`

/** @type {Record<string, { args: string[], times: number[] }>} */
const programs = {
  'bare HTTP server': { args: ['-e', bareServer], times: [] },
  'emulate aws=0': { args: [command, 'emulate', 'aws=0', '--json'], times: [] },
}
for (let turn = 0; turn < Number(turns); turn += 1) {
  for (const { args, times } of Object.values(programs)) times.push(await untilFirstLine(args))
}
for (const [name, { times }] of Object.entries(programs)) {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round)
  const median = sorted[Math.floor(sorted.length / 2)]
  console.log(`${name.padEnd(17)} median ${median} ms of ${sorted.length} (${sorted[0]} to ${sorted.at(-1)})`)
}

/**
 * @param {string[]} args
 * @returns {Promise<number>} milliseconds
 */
function untilFirstLine(args) {
  return new Promise((resolve, reject) => {
    const since = performance.now()
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let took = Number.NaN
    child.stdout.once('data', () => {
      took = performance.now() - since
      child.kill('SIGTERM')
    })
    child.on('error', reject)
    child.on('close', () => (Number.isNaN(took) ? reject(new Error('it printed no line')) : resolve(took)))
  })
}
