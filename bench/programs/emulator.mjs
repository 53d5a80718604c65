// What GetSecretValue costs the emulator, beside a server on bare node:http that answers the same bytes, and how many it
// answers beside moto. The load is the same signed request, again and again, over eight kept connections.
import { Agent, request } from 'node:http'
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { goal, isShort, notRun } from '../report.mjs'
import { medians } from '../rounds.mjs'
import { start, startMoto } from '../servers/start.mjs'

const requests = isShort ? 1_000 : 5_000
const motoRequests = isShort ? 100 : 400
const connections = 8
const rounds = isShort ? 3 : 9

const emulator = await start('emulator')
Object.assign(process.env, emulator.env)
const ofEmulator = await recorded(emulator.url)
const bare = await start('bare', [ofEmulator.answer])
const ofBare = { ...ofEmulator, url: bare.url }

/** @param {{ cpuMicros: () => Promise<number> }} server @param {Recorded} load */
const cpu = (server, load) => async () => {
  const before = await server.cpuMicros()
  await send(load, requests)
  return ((await server.cpuMicros()) - before) / requests
}
await send(ofEmulator, requests)
await send(ofBare, requests)
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
    { emulator: () => send(ofEmulator, requests), moto: () => send(ofMoto, motoRequests) },
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

/** @typedef {{ url: string, headers: Record<string, string>, body: string, answer: string }} Recorded */

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
      const { headers, body } = /** @type {{ headers: Record<string, string>, body: string }} */ (
        args.request
      )
      sent = { headers, body }
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  await client.send(new GetSecretValueCommand({ SecretId: 'app/secret-0' }))
  client.destroy()
  if (sent === undefined) throw new Error('bench: the SDK sent nothing')
  const load = { url: endpoint, headers: sent.headers, body: sent.body, answer: '' }
  const agent = new Agent({ keepAlive: true })
  const answer = await once(load, agent)
  agent.destroy()
  return { ...load, answer }
}

/**
 * @param {Recorded} load
 * @param {number} count
 * @returns {Promise<number>} requests a second
 */
async function send(load, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const since = performance.now()
  let left = count
  const worker = async () => {
    while (left > 0) {
      left -= 1
      await once(load, agent)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  const seconds = (performance.now() - since) / 1_000
  agent.destroy()
  return count / seconds
}

/**
 * @param {Recorded} load
 * @param {Agent} agent
 * @returns {Promise<string>}
 */
function once({ url, headers, body }, agent) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`bench: status ${response.statusCode}`))
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
