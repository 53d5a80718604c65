import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import { expect, test } from 'vitest'
import { killedEmulators } from '../../support/killed-emulator.js'
import { base64, numbered, project, startHarness } from './harness.js'

const kills = Number(process.env['STRONGROOM_KILLS'] ?? 3)
const { folder, start, untilWritten } = killedEmulators(join(import.meta.dirname, 'child.ts'))

/** Sends until the server is gone. What was answered is in `acknowledged`, as the path of a version and its value. */
async function write(url: string, id: string, acknowledged: Map<string, string>): Promise<void> {
  const send = async (path: string, body: object): Promise<{ name: string }> => {
    const answer = await fetch(`${url}/v1/${path}`, { method: 'POST', body: JSON.stringify(body) })
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
    return (await answer.json()) as { name: string }
  }
  try {
    const { name } = await send(`${project}/secrets?secretId=${id}`, { replication: { automatic: {} } })
    for (let count = 0; ; count += 1) {
      const data = base64(`${id} ${count} ${'x'.repeat(randomInt(30_000))}`)
      const version = await send(`${name}:addVersion`, { payload: { data } })
      acknowledged.set(version.name, data)
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

test(`killed ${kills} times under load, it has every write that it acknowledged`, async () => {
  const dataDir = join(folder, 'data')
  const acknowledged = new Map<string, string>()
  for (let round = 0; round < kills; round += 1) {
    const emulator = await start(dataDir)
    const writers = Array.from({ length: 8 }, (_, i) => write(emulator.url, `r${round}-w${i}`, acknowledged))
    await untilWritten(acknowledged, acknowledged.size + randomInt(4, 60))
    await emulator.kill()
    await Promise.all(writers)
  }
  const survivor = await gcpEmulator({ dataDir })
  const lost: string[] = []
  for (const [name, data] of acknowledged) {
    const answer = await fetch(`${survivor.restUrl}/v1/${name}:access`)
    const { payload } = (await answer.json()) as { payload?: { data: string } }
    if (payload?.data !== data) lost.push(name)
  }
  await survivor.close()
  process.stdout.write(`${kills} kills, ${acknowledged.size} acknowledged writes, ${lost.length} lost\n`)
  expect(lost).toEqual([])
  expect(acknowledged.size).toBeGreaterThan(kills)
}, 240_000)

test('stopped and started again, it is the same to the byte, and its timers go on', async () => {
  const dataDir = join(folder, 'again')
  const first = await startHarness('grpc', { dataDir })
  const name = await first.make('a', ['one', 'two'], { ttl: '3600s', labels: { k: 'v' } })
  const update = { secret: { name, versionDestroyTtl: '86400s' }, updateMask: 'versionDestroyTtl' }
  await first.call('UpdateSecret', update)
  await first.call('DestroySecretVersion', { name: `${name}/versions/1` })
  await first.call('SetIamPolicy', {
    resource: name,
    policy: { bindings: [{ role: 'roles/viewer', members: ['allUsers'] }] },
  })
  const dump = first.emulator.state.dump()
  await first.close()
  const second = await startHarness('grpc', { dataDir })
  expect(second.emulator.state.dump()).toEqual(dump)
  second.advance(3_600_000)
  expect((await second.refusal('GetSecret', { name }))[0]).toBe('NOT_FOUND')
  await second.close()
})

test('a dump is loaded into another emulator', async () => {
  const first = await startHarness('grpc')
  await first.make('a', ['one'])
  const dump = JSON.parse(JSON.stringify(first.emulator.state.dump()))
  await first.close()
  const second = await startHarness('rest', { seed: { b: 'x' } })
  second.emulator.state.load(dump)
  const read = await second.call('AccessSecretVersion', { name: `${project}/secrets/a/versions/latest` })
  expect(read).toMatchObject({ name: `${numbered}/secrets/a/versions/1`, payload: { data: base64('one') } })
  expect((await second.refusal('GetSecret', { name: `${project}/secrets/b` }))[0]).toBe('NOT_FOUND')
  await second.close()
})

test('a folder in use is refused, and nothing keeps running', async () => {
  const dataDir = join(folder, 'locked')
  const first = await gcpEmulator({ dataDir })
  await expect(gcpEmulator({ dataDir })).rejects.toThrow(/is in use by process \d+/)
  await first.close()
  await (await gcpEmulator({ dataDir })).close()
})
