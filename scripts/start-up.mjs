// How long `strongroom emulate SERVICE=0 --json` takes from the start of its process to its one line, and how much memory
// it then has, beside a bare Node HTTP server in the same run: node scripts/start-up.mjs [PATH OF THE COMMAND] [TURNS]
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/files.mjs'

const [command = join(root, 'dist/cli/main.js'), turns = '11'] = process.argv.slice(2)
const bareServer = `require('node:http').createServer().listen(0, '127.0.0.1', function () {
  console.log(this.address().port)
})`

const services = ['aws=0', 'azure=0', 'gcp=0', 'vault=0']

/** @type {Record<string, { args: string[], times: number[], megabytes: number[] }>} */
const programs = { 'bare HTTP server': { args: ['-e', bareServer], times: [], megabytes: [] } }
for (const started of [...services.map((service) => [service]), services]) {
  const args = [command, 'emulate', ...started, '--json']
  programs[`emulate ${started.join(' ')}`] = { args, times: [], megabytes: [] }
}
for (let turn = 0; turn < Number(turns); turn += 1) {
  for (const { args, times, megabytes } of Object.values(programs)) {
    const line = await untilFirstLine(args)
    times.push(line.ms)
    megabytes.push(line.megabytes)
  }
}
for (const [name, { times, megabytes }] of Object.entries(programs)) {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round)
  const median = sorted[Math.floor(sorted.length / 2)]
  const most = Math.round(Math.max(...megabytes))
  console.log(
    `${name.padEnd(38)} median ${median} ms of ${sorted.length} (${sorted[0]} to ${sorted.at(-1)}), at most ${most} MB`,
  )
}

/**
 * @param {string[]} args
 * @returns {Promise<{ ms: number, megabytes: number }>} memory is what is resident where the system tells, else 0
 */
function untilFirstLine(args) {
  return new Promise((resolve, reject) => {
    const since = performance.now()
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    /** @type {{ ms: number, megabytes: number } | undefined} */
    let line
    child.stdout.once('data', () => {
      line = { ms: performance.now() - since, megabytes: residentMegabytes(child.pid) }
      child.kill('SIGTERM')
    })
    child.on('error', reject)
    child.on('close', () => (line === undefined ? reject(new Error('it printed no line')) : resolve(line)))
  })
}

/** @param {number | undefined} pid */
function residentMegabytes(pid) {
  const file = `/proc/${pid}/status`
  const kilobytes = existsSync(file) ? /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined
  return Number(kilobytes ?? 0) / 1024
}
