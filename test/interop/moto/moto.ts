import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

export interface Moto {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Starts the `moto_server` beside the interpreter in `STRONGROOM_PYTHON`, on a free port. */
export async function startMoto(): Promise<Moto> {
  const python = process.env['STRONGROOM_PYTHON']
  if (python === undefined) throw new Error('STRONGROOM_PYTHON is not set: start with run.sh')
  const port = await freePort()
  const server = spawn(join(dirname(python), 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  })
  const exited = once(server, 'exit')
  const url = `http://127.0.0.1:${port}`
  await ready(url, () => server.exitCode !== null)
  return {
    url,
    close: async () => {
      server.kill()
      await exited
    },
  }
}

/** Waits up to 30 seconds. */
async function ready(url: string, hasExited: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 300 && !hasExited(); attempt += 1) {
    const [answer] = await Promise.allSettled([fetch(`${url}/moto-api/data.json`)])
    if (answer.status === 'fulfilled' && answer.value.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('moto_server did not start')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
