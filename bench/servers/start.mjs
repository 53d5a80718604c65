import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

/**
 * Forks a server of this folder and waits for its first word.
 *
 * @param {string} name
 * @param {readonly string[]} [args]
 */
export async function start(name, args = []) {
  const child = fork(join(import.meta.dirname, `${name}.mjs`), [...args], { execArgv: [] })
  const [about] = await once(child, 'message')
  const ask = async (/** @type {string} */ word) => {
    child.send(word)
    const [answer] = await once(child, 'message')
    return answer
  }
  return {
    .../** @type {{ url: string, env: Record<string, string>, storeUrl: string }} */ (about),
    /** @returns {Promise<number>} microseconds of CPU so far */
    cpuMicros: async () => (await ask('cpu')).cpuMicros,
    /** @returns {Promise<Record<string, number>>} */
    calls: async () => (await ask('calls')).calls,
    stop: () => child.disconnect(),
  }
}

/** moto, where the interop lane has installed it; `undefined` where it has not. */
export async function startMoto() {
  const program = join(import.meta.dirname, '../../.cache/python/bin/moto_server')
  if (!existsSync(program)) return undefined
  const port = await freePort()
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  for (let turn = 0; turn < 200; turn += 1) {
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => undefined)
    if (answer?.ok) return { url, stop: () => child.kill() }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  child.kill()
  throw new Error('bench: moto did not answer')
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}
