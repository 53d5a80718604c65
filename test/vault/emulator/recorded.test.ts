import { readFileSync } from 'node:fs'
import { vaultEmulator } from 'strongroom/vault/emulator'
import { expect, test } from 'vitest'
import { review } from '../../interop/openbao-diff/cluster.js'
import { type Answer, play, type RecordedRequest } from '../../interop/openbao-diff/player.js'

const folder = new URL('../../interop/openbao-diff/', import.meta.url)
const lines = <T>(name: string): T[] =>
  readFileSync(new URL(name, folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

test('answers recorded requests as OpenBao answered them', async () => {
  const requests = lines<RecordedRequest>('requests.jsonl')
  const explained = new Set(lines<{ id: string }>('differences.jsonl').map(({ id }) => id))
  const emulator = await vaultEmulator({ tokenReview: review })
  const known = {
    unsealKey: Buffer.from('32 bytes that unseal an emulator').toString('base64'),
    kubernetesHost: 'https://127.0.0.1:9',
    kubernetesCa: 'none',
  }
  const answers = await play(emulator.url, requests, known, async (ms) => emulator.clock.advance(ms))
  await emulator.close()
  const recorded = lines<Answer & { readonly id: string }>('answers.jsonl')
  expect(recorded.map(({ id }) => id)).toEqual(requests.map(({ id }) => id))
  expect(requests.length).toBeGreaterThan(600)
  for (const { id, ...answer } of recorded) {
    if (explained.has(id)) expect(answers.get(id), id).not.toEqual(answer)
    else expect(answers.get(id), id).toEqual(answer)
  }
})
