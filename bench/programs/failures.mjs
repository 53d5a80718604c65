// What goes wrong in the first hour and on the worst night, done to us and to the peers: many readers at once, a version
// that is asked for by name, a backend that is down, a read that is denied, a prefetch that fails.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { openStore } from 'strongroom'
import { startEmulators } from 'strongroom/emulators'
import { contestants } from '../contestants.mjs'
import { goal, table } from '../report.mjs'

const readers = 1_000
const ttlMs = 1_000
const cloud = await startEmulators({ services: ['aws'], seed: { stripe: 'sk_1' } })
Object.assign(process.env, cloud.aws.env)
process.on('unhandledRejection', () => {})
/** @type {Map<string, string[]>} */
const results = new Map()
const note = (/** @type {string} */ name, /** @type {string} */ text) =>
  results.set(name, [...(results.get(name) ?? []), text])

// Cold, many at once: a secret that is there, and one that is not.
for (const secret of ['stripe', 'missing']) {
  for (const { name, read, close } of await contestants({ ttlMs: 60_000, storeUrl: cloud.aws.storeUrl })) {
    const before = cloud.aws.calls['GetSecretValue'] ?? 0
    await Promise.allSettled(Array.from({ length: readers }, () => read(secret)))
    const calls = (cloud.aws.calls['GetSecretValue'] ?? 0) - before
    note(name, `${calls.toLocaleString('en')}`)
    if (name === 'strongroom') {
      const failing = secret === 'missing' ? ', also when it fails' : ''
      goal({
        what: `1,000 concurrent cold gets${failing}`,
        measured: calls,
        atMost: 1,
        unit: ' calls',
        certain: true,
        digits: 0,
      })
    }
    await close()
  }
}

// The backend is down after the time to live has passed; then it says no.
for (const error of ['InternalServiceError', 'AccessDeniedException']) {
  const all = await contestants({ ttlMs, storeUrl: cloud.aws.storeUrl })
  for (const { read } of all) await read('stripe')
  cloud.aws.faults.add({ operation: 'GetSecretValue', error })
  // Twice the time to live: by then ours waits for the refresh too, and a peer's timer has refreshed by itself.
  await new Promise((resolve) => setTimeout(resolve, 2 * ttlMs + 500))
  for (const { name, read } of all) note(name, await outcomeOf(() => read('stripe')))
  cloud.aws.faults.clear()
  await Promise.all(all.map(({ close }) => close()))
}
const [ours = []] = results.values()
certain('a backend that is down: the last value, marked stale', ours[2] === 'sk_1, marked stale')
certain('a read that is denied: an error, never the old value', ours[3] === 'throws PERMISSION_DENIED')

// The pending version, asked for after the current one was read.
const client = new SecretsManagerClient()
await client.send(
  new PutSecretValueCommand({ SecretId: 'stripe', SecretString: 'sk_2', VersionStages: ['AWSPENDING'] }),
)
const powertools = new SecretsProvider({ awsSdkV3Client: client })
await powertools.get('stripe', { maxAge: 60 })
const theirs = await powertools.get('stripe', { maxAge: 60, sdkOptions: { VersionStage: 'AWSPENDING' } })
const store = await openStore(cloud.aws.storeUrl)
await store.get('stripe')
const { value: pending } = await store.get('stripe', { stage: 'pending' })
const asked = new GetSecretValueCommand({ SecretId: 'stripe', VersionStage: 'AWSPENDING' })
const { SecretString: truth } = await client.send(asked)
const verdict = (/** @type {unknown} */ value) =>
  value === truth ? 'the pending value' : '**the current value**'
certain('the pending version, asked for after the current one', pending === truth)

// A prefetch of a secret that is not there, which nobody awaits yet.
const killed = {
  strongroom: await exitOf(`
    import { openStore } from 'strongroom'
    const store = await openStore(${JSON.stringify(cloud.aws.storeUrl)})
    void store.prefetch(['missing'])
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await store.close()`),
  '@middy/secrets-manager': await exitOf(`
    import secretsManager from '@middy/secrets-manager'
    secretsManager({ fetchData: { value: 'missing' } })
    await new Promise((resolve) => setTimeout(resolve, 1000))`),
}
// A refresh that fails, on a backend that is down, while the program does something else.
const outage = (/** @type {string} */ begin) =>
  exitOf(`
    import { startEmulators } from 'strongroom/emulators'
    const cloud = await startEmulators({ services: ['aws'], seed: { stripe: 'sk_1' } })
    Object.assign(process.env, cloud.aws.env)
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    ${begin}
    cloud.aws.faults.add({ operation: 'GetSecretValue', error: 'InternalServiceError' })
    await again()
    await pause(3000)
    await again()
    await pause(3000)
    process.exit(0)`)
const refreshed = {
  strongroom: await outage(`
    import { defaultLayers, openStore } from 'strongroom'
    const layers = defaultLayers({ cache: { ttlMs: 1000 } })
    const store = await openStore(cloud.aws.storeUrl, { layers })
    const again = () => store.get('stripe')
    await again()`),
  '@middy/secrets-manager': await outage(`
    import middy from '@middy/core'
    import secretsManager from '@middy/secrets-manager'
    const fetching = secretsManager({ fetchData: { value: 'stripe' }, cacheExpiry: 1000, disablePrefetch: true, setToContext: true })
    const handler = middy(async () => 1).use(fetching)
    const again = () => handler({}, { getRemainingTimeInMillis: () => 10000 }).catch(() => {})
    await again()`),
}
certain('a refresh that fails does not end the process', refreshed.strongroom === 'goes on')
certain('a prefetch that fails does not end the process', killed.strongroom === 'goes on')

table(
  `${readers.toLocaleString('en')} readers at once, and an outage`,
  ['', 'calls, cold', 'calls, missing', 'the backend is down', 'the read is denied'],
  [...results].map(([name, cells]) => [name, ...cells]),
)
table(
  'What else goes wrong',
  ['', 'strongroom', 'peer'],
  [
    [
      '`AWSPENDING` after the current one was read',
      verdict(pending),
      `@aws-lambda-powertools/parameters: ${verdict(theirs)}`,
    ],
    [
      'a prefetch fails',
      `the process ${killed.strongroom}`,
      `@middy/secrets-manager: the process ${killed['@middy/secrets-manager']}`,
    ],
    [
      'a refresh fails while nobody waits',
      `the process ${refreshed.strongroom}`,
      `@middy/secrets-manager: the process ${refreshed['@middy/secrets-manager']}`,
    ],
    [
      'stale without bound',
      'an hour, then an error',
      'aws-secretsmanager-agent: not run here, a program in Rust',
    ],
  ],
)
await store.close()
client.destroy()
await cloud.close()
// Some peers keep timers of their own.
process.exit()

/**
 * @param {string} what
 * @param {boolean} holds
 */
function certain(what, holds) {
  goal({ what, measured: holds ? 1 : 0, atLeast: 1, certain: true, digits: 0 })
}

/** @param {() => Promise<unknown>} read */
async function outcomeOf(read) {
  try {
    const value = await read()
    return value === undefined ? '**gives undefined**' : `${value}`
  } catch (error) {
    const { code, name } = /** @type {{ code?: string, name?: string }} */ (error)
    return `throws ${code ?? name}`
  }
}

/**
 * What becomes of a process that runs a program.
 *
 * @param {string} program
 */
async function exitOf(program) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    stdio: 'ignore',
    env: { ...process.env, NODE_CHANNEL_FD: undefined },
  })
  const [code] = await once(child, 'exit')
  return code === 0 ? 'goes on' : `**is killed, exit code ${code}**`
}
