// What GetSecretValue costs the emulator, beside a server on bare node:http that answers the same bytes at the same rate, and how many it
// answers beside moto. The load is the same signed request, again and again, over eight kept connections.
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { goal, isShort, notRun } from '../report.mjs'
import { medians } from '../rounds.mjs'
import { send } from '../servers/client.mjs'
import { start, startMoto } from '../servers/start.mjs'

const requests = isShort ? 1_000 : 3_000
const motoRequests = isShort ? 100 : 400
const connections = 8
/** For CPU: far below what either server could answer. */
const perSecond = 2_000
const rounds = isShort ? 3 : 9

const emulator = await start('emulator')
Object.assign(process.env, emulator.env)
const ofEmulator = await recorded(emulator.url)
const bare = await start('bare', [ofEmulator.answer])
const ofBare = { ...ofEmulator, url: bare.url }

/** @param {{ cpuMicros: () => Promise<number> }} server @param {Recorded} load */
const cpu = (server, load) => async () => {
  const before = await server.cpuMicros()
  await send(load, requests, { connections, perSecond })
  return ((await server.cpuMicros()) - before) / requests
}
await send(ofEmulator, requests, { connections })
await send(ofBare, requests, { connections })
const found = await medians({ emulator: cpu(emulator, ofEmulator), bare: cpu(bare, ofBare) }, rounds)
goal({
  what: "the AWS emulator's CPU per GetSecretValue beside a bare `node:http` server",
  measured: found.emulator / found.bare,
  atMost: 2,
  unit: ' ×',
  beside: `${found.emulator.toFixed(0)} µs beside ${found.bare.toFixed(0)} µs`,
})

const moto = await startMoto()
const what = 'GetSecretValue a second, beside moto'
if (moto === undefined) {
  notRun(what, '≥ 20 ×', 'moto is not installed: test/interop/python.sh installs it')
} else {
  const ofMoto = await recorded(moto.url)
  const rates = await medians(
    {
      emulator: () => send(ofEmulator, requests, { connections }),
      moto: () => sendByFetch(ofMoto, motoRequests),
    },
    isShort ? 3 : 5,
  )
  goal({
    what,
    measured: rates.emulator / rates.moto,
    atLeast: 20,
    unit: ' ×',
    beside: `${rates.emulator.toFixed(0)}/s beside ${rates.moto.toFixed(0)}/s`,
    digits: 1,
  })
  moto.stop()
}
emulator.stop()
bare.stop()

/**
 * moto ends its connections, which the bare client does not know. What a client costs does not show beside it.
 *
 * @param {Recorded} load
 * @param {number} count
 * @returns {Promise<number>} requests a second
 */
async function sendByFetch({ url, headers, body }, count) {
  const since = performance.now()
  let left = count
  const worker = async () => {
    while (left > 0) {
      left -= 1
      const { host, ...own } = headers
      const answer = await fetch(url, { method: 'POST', headers: own, body })
      if (!answer.ok) throw new Error(`bench: ${host} answered ${answer.status}`)
      await answer.text()
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return count / ((performance.now() - since) / 1_000)
}

/** @typedef {import('../servers/client.mjs').Load & { answer: string }} Recorded */

/**
 * One request as the official SDK sends it, and the answer to it.
 *
 * @param {string} endpoint
 * @returns {Promise<Recorded>}
 */
async function recorded(endpoint) {
  const client = new SecretsManagerClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const made = client.send(new CreateSecretCommand({ Name: 'app/secret-0', SecretString: 'value-0' }))
  await made.catch((error) => {
    if (error.name !== 'ResourceExistsException') throw error
  })
  /** @type {{ headers: Record<string, string>, body: string } | undefined} */
  let sent
  client.middlewareStack.add(
    (next) => async (args) => {
      const { headers, body } = /** @type {{ headers: Record<string, string>, body: Uint8Array }} */ (
        args.request
      )
      sent = { headers, body: Buffer.from(body).toString() }
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  const { SecretString, VersionId, ARN } = await client.send(
    new GetSecretValueCommand({ SecretId: 'app/secret-0' }),
  )
  client.destroy()
  if (sent === undefined) throw new Error('bench: the SDK sent nothing')
  const about = { ARN, Name: 'app/secret-0', VersionId, VersionStages: ['AWSCURRENT'], CreatedDate: 1.5e9 }
  const answer = JSON.stringify({ ...about, SecretString })
  return { url: endpoint, headers: sent.headers, body: sent.body, answer }
}
