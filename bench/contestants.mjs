// The peers as their own pages show them: read a secret by name, kept for `ttlMs`. Those that only store things get the
// usual lines around them, "if it is not there, load it and keep it".
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import middy from '@middy/core'
import secretsManager from '@middy/secrets-manager'
import { createCache } from 'async-cache-dedupe'
import { Cacheable } from 'cacheable'
import Keyv from 'keyv'
import { LRUCache } from 'lru-cache'
import { cache, createStore, defaultLayers, openStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { createStorage } from 'unstorage'

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {(name: string) => Promise<unknown>} read
 * @property {() => Promise<void>} close
 */

/** @param {{ ttlMs: number, storeUrl: string }} options @returns {Promise<Contestant[]>} */
export async function contestants({ ttlMs, storeUrl }) {
  const client = new SecretsManagerClient({ maxAttempts: 1 })
  const load = async (/** @type {string} */ SecretId) =>
    (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString
  const store = await openStore(storeUrl, { layers: defaultLayers({ cache: { ttlMs } }) })
  const close = async () => {}
  return [
    {
      name: 'strongroom',
      read: async (name) => {
        const secret = await store.get(name)
        return secret.stale ? `${secret.value}, marked stale` : secret.value
      },
      close: () => store.close(),
    },
    powertools(client, ttlMs),
    ...middlewares(ttlMs),
    ...caches(load, ttlMs),
    { name: 'none (the SDK)', read: load, close: async () => client.destroy() },
  ].map((each) => ({ close, ...each }))
}

/**
 * @param {SecretsManagerClient} client
 * @param {number} ttlMs
 */
function powertools(client, ttlMs) {
  const provider = new SecretsProvider({ awsSdkV3Client: client })
  return {
    name: '@aws-lambda-powertools/parameters',
    read: (/** @type {string} */ name) => provider.get(name, { maxAge: ttlMs / 1_000 }),
  }
}

let made = 0

/** @param {number} ttlMs */
function middlewares(ttlMs) {
  // Its cache belongs to the process: a key of its own for each that is made here.
  made += 1
  const generation = made
  const handlerOf = (/** @type {string} */ name) => {
    const middleware = secretsManager({
      fetchData: { value: name },
      cacheKey: `bench ${generation} ${name}`,
      cacheExpiry: ttlMs,
      disablePrefetch: true,
      setToContext: true,
      awsClientOptions: { maxAttempts: 1 },
    })
    return middy(
      async (_, context) => /** @type {{ value: unknown }} */ (/** @type {unknown} */ (context)).value,
    ).use(middleware)
  }
  /** @type {Map<string, ReturnType<typeof handlerOf>>} */
  const handlers = new Map()
  return [
    {
      name: '@middy/secrets-manager',
      read: async (/** @type {string} */ name) => {
        const handler = handlers.get(name) ?? handlerOf(name)
        handlers.set(name, handler)
        const context = /** @type {never} */ ({ getRemainingTimeInMillis: () => 10_000 })
        return handler({}, context)
      },
    },
  ]
}

/**
 * Caches of anything, with the secret's loader around or in them.
 *
 * @param {(name: string) => Promise<string | undefined>} load
 * @param {number} ttlMs
 */
export function caches(load, ttlMs) {
  const keyv = new Keyv()
  const storage = createStorage()
  const cacheable = new Cacheable()
  const lru = new LRUCache({ max: 10_000, ttl: ttlMs, fetchMethod: (name) => load(name) })
  const dedupe = createCache({ ttl: ttlMs / 1_000, storage: { type: 'memory', options: { size: 10_000 } } })
  const fetching = dedupe.define('secret', (name) => load(name))
  return [
    { name: 'lru-cache', read: (/** @type {string} */ name) => lru.fetch(name) },
    {
      name: 'keyv',
      read: async (/** @type {string} */ name) => {
        const kept = await keyv.get(name)
        if (kept !== undefined) return kept
        const value = await load(name)
        await keyv.set(name, value, ttlMs)
        return value
      },
    },
    {
      name: 'unstorage',
      read: async (/** @type {string} */ name) => {
        const kept = /** @type {{ value: string, until: number } | null} */ (await storage.getItem(name))
        if (kept !== null && kept.until > Date.now()) return kept.value
        const value = await load(name)
        await storage.setItem(name, /** @type {never} */ ({ value, until: Date.now() + ttlMs }))
        return value
      },
    },
    {
      name: 'cacheable',
      read: (/** @type {string} */ name) => cacheable.getOrSet(name, () => load(name), { ttl: ttlMs }),
    },
    { name: 'async-cache-dedupe', read: (/** @type {string} */ name) => fetching.secret(name) },
  ]
}

/** A store on memory, for what a cached read costs. @param {Record<string, string>} seed */
export function storeOnMemory(seed) {
  return createStore({ provider: memory({ seed }), layers: [cache({ ttlMs: 3_600_000 })] })
}
