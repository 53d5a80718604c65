import { randomInt, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { awsEmulator } from 'strongroom/aws/emulator'
import { expect, test } from 'vitest'
import { killedEmulators } from '../../support/killed-emulator.js'
import { startHarness } from './harness.js'

const kills = Number(process.env['STRONGROOM_KILLS'] ?? 5)
const { folder, start, untilWritten } = killedEmulators(join(import.meta.dirname, 'child.ts'))

/** Sends until the server is gone. What was answered is in `acknowledged`, as version id and value. */
async function write(url: string, name: string, acknowledged: Map<string, string>): Promise<void> {
  for (let count = 0; ; count += 1) {
    const token = randomUUID()
    const value = `${name} ${count} ${'x'.repeat(randomInt(30_000))}`
    const body = { Name: name, SecretId: name, ClientRequestToken: token, SecretString: value }
    const operation = count === 0 ? 'CreateSecret' : 'PutSecretValue'
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'x-amz-target': `secretsmanager.${operation}` },
        body: JSON.stringify(body),
      })
      await answer.text()
      if (answer.status !== 200) throw new Error(`${operation} of ${name} answered ${answer.status}`)
    } catch (error) {
      if (error instanceof TypeError) return
      throw error
    }
    acknowledged.set(`${name}|${token}`, value)
  }
}

test(`killed ${kills} times under load, it has every write that it acknowledged`, async () => {
  const dataDir = join(folder, 'data')
  const acknowledged = new Map<string, string>()
  for (let round = 0; round < kills; round += 1) {
    const emulator = await start(dataDir)
    const writers = Array.from({ length: 8 }, (_, i) => write(emulator.url, `r${round}/w${i}`, acknowledged))
    await untilWritten(acknowledged, acknowledged.size + randomInt(9, 60))
    await emulator.kill()
    await Promise.all(writers)
  }
  const survivor = await awsEmulator({ dataDir })
  const lost: string[] = []
  for (const [key, value] of acknowledged) {
    const [SecretId, VersionId] = key.split('|')
    const answer = await fetch(survivor.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body: JSON.stringify({ SecretId, VersionId }),
    })
    const { SecretString } = (await answer.json()) as { SecretString?: string }
    if (SecretString !== value) lost.push(key)
  }
  await survivor.close()
  process.stdout.write(`${kills} kills, ${acknowledged.size} acknowledged writes, ${lost.length} lost\n`)
  expect(lost).toEqual([])
  expect(acknowledged.size).toBeGreaterThan(kills * 8)
}, 240_000)

test('stopped and started again, it is the same to the byte, deletions and dates included', async () => {
  const dataDir = join(folder, 'again')
  const first = await startHarness({ dataDir })
  await first.create('n', { SecretString: 'x', Tags: [{ Key: 'k', Value: 'v' }] })
  await first.put('n', 'y', ['MINE'])
  await first.create('gone')
  await first.ok('DeleteSecret', { SecretId: 'gone' })
  await first.ok('GetSecretValue', { SecretId: 'n' })
  const dump = first.emulator.state.dump()
  await first.close()
  const second = await startHarness({ dataDir })
  expect(second.emulator.state.dump()).toEqual(dump)
  await second.ok('RestoreSecret', { SecretId: 'gone' })
  await second.close()
})

test('a folder in use is refused, and nothing keeps running', async () => {
  const dataDir = join(folder, 'locked')
  const first = await awsEmulator({ dataDir })
  await expect(awsEmulator({ dataDir })).rejects.toThrow(
    /is in use by process \d+; stop it, or give another data folder/,
  )
  await first.close()
  await (await awsEmulator({ dataDir })).close()
})
