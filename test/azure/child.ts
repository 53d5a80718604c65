// A program of its own, for log.test.ts: uses a store under whatever the environment switches on, and prints nothing.
import { createStore, SecretError } from 'strongroom'
import { azure } from 'strongroom/azure'

const { ENDPOINT: endpoint = '', VALUE: value = '', TOKEN: token = '' } = process.env
const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) }
const store = createStore({ provider: azure({ endpoint, credential }), layers: [] })
const bytes = new TextEncoder().encode(value)

const calls = [
  () => store.put('a', value, { tags: { team: 'red' }, expiresAt: new Date('2040-01-01T00:00:00Z') }),
  () => store.put('b', bytes),
  () => store.get('a'),
  () => store.get('b'),
  () => store.list().next(),
  () => store.versions('a').next(),
  () => store.get('missing'),
  () => store.get('broken'),
  () => store.put('broken', value),
  () => store.delete('a'),
]
for (const call of calls) {
  try {
    await call()
  } catch (error) {
    if (!SecretError.is(error)) throw error
  }
}
await store.close()
