import { isAuthError, openStore } from 'strongroom'

/** Stands for the server whose password rotates. */
const server = { password: 'old' }
async function connect(password: string): Promise<string> {
  if (password === server.password) return 'connected'
  throw Object.assign(new Error('password authentication failed for user "app"'), { code: '28P01' })
}

const store = await openStore('memory:')
await store.put('db', 'old')
await store.get('db')
await store.put('db', 'new', { stage: 'pending' })
server.password = 'new'

// #region with-secret
const connection = await store.withSecret('db', ({ value }) => connect(value), {
  isAuthError: isAuthError.pg,
  ladder: true,
})
console.log(connection) // connected
// #endregion

// #region accepted
await store.put('webhook-key', 'first')
await store.put('webhook-key', 'second')
const keys = await store.accepted('webhook-key', { overlapMs: 15 * 60_000, maxAgeMs: 60_000 })
console.log(keys.map(({ value }) => value)) // [ 'second', 'first' ]
// #endregion

// #region watch
const stop = new AbortController()
const changes = store.watch('db', { intervalMs: 1_000, signal: stop.signal })
const firstChange = changes.next()
await store.put('db', 'newer')
const { value: change } = await firstChange
console.log(change.name, change.change) // db changed
stop.abort()
// #endregion

// #region stats
const { hits, requests, estimatedCostUsd } = store.stats()
console.log(typeof hits, requests.put, estimatedCostUsd) // number 5 0
// #endregion
await store.close()
