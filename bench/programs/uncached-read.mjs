// CPU of this process for a read that goes to the backend: with the official SDK alone, and through a store with the
// default layers, against one emulator in another process.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { openStore } from 'strongroom'
import { goal, isShort } from '../report.mjs'
import { medians } from '../rounds.mjs'
import { start } from '../servers/start.mjs'

const reads = isShort ? 200 : 1_000
const emulator = await start('emulator')
Object.assign(process.env, emulator.env)
const client = new SecretsManagerClient({ maxAttempts: 1 })
const store = await openStore(emulator.storeUrl)
let length = 0

const spent = async (/** @type {(name: string) => Promise<number>} */ read) => {
  const before = process.cpuUsage()
  for (let turn = 0; turn < reads; turn += 1) length += await read(`app/secret-${turn % 100}`)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / reads
}
const bare = () =>
  spent(async (SecretId) => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }))
    return SecretString.length
  })
const ours = () => spent(async (name) => (await store.get(name, { maxAgeMs: 0 })).value.length)
await bare()
await ours()
const found = await medians({ bare, ours }, isShort ? 5 : 15)
if (length === 0) throw new Error('bench: nothing was read')
goal({
  what: 'CPU of an uncached `get` over the bare official SDK',
  measured: (found.ours / found.bare - 1) * 100,
  atMost: 5,
  unit: ' %',
  beside: `${found.ours.toFixed(0)} µs beside ${found.bare.toFixed(0)} µs`,
  digits: 1,
})
await store.close()
client.destroy()
emulator.stop()
