// What a read costs that the cache answers. The last line is what a program awaits before each request that it makes.
import { createStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { medians, report } from './rounds.mjs'

const turns = 50_000
const store = createStore({ provider: memory({ seed: { stripe: 'sk_test_1' } }) })
const bare = createStore({ provider: memory({ seed: { stripe: 'sk_test_1' } }), layers: [] })
const map = new Map([['stripe', { value: 'sk_test_1', until: Date.now() + 3_600_000 }]])
await store.get('stripe')
let length = 0

/** @param {() => unknown} read */
const timed = async (read) => {
  const since = process.hrtime.bigint()
  for (let turn = 0; turn < turns; turn += 1) read()
  return Number(process.hrtime.bigint() - since) / turns
}
/** @param {() => Promise<unknown>} read */
const awaited = async (read) => {
  const since = process.hrtime.bigint()
  for (let turn = 0; turn < turns; turn += 1) await read()
  return Number(process.hrtime.bigint() - since) / turns
}

const lookUp = () => {
  const entry = map.get('stripe')
  if (entry !== undefined && entry.until > Date.now()) length += entry.value.length
}
report(
  await medians(
    {
      'Map with a time to live': () => timed(lookUp),
      'the same behind an async function': () => awaited(async () => lookUp()),
      'store.peek': () => timed(() => store.peek('stripe')),
      'await store.get, cached': () => awaited(() => store.get('stripe')),
      'await store.get, memory, no layers': () => awaited(() => bare.get('stripe')),
    },
    15,
  ),
  'ns',
)
if (length === 0) throw new Error('the lookup found nothing')
await Promise.all([store.close(), bare.close()])
