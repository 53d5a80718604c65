// #region all
import { createStore, defaultLayers, type Layer } from 'strongroom'
import { memory } from 'strongroom/memory'

/** Counts calls by operation: a layer sees every one of them, also of operations added later. */
function counting(counts: Map<string, number>): Layer {
  return {
    name: 'counting',
    wrap: (next) => (call) => {
      counts.set(call.operation, (counts.get(call.operation) ?? 0) + 1)
      return next(call)
    },
  }
}

const counts = new Map<string, number>()
const store = createStore({ provider: memory(), layers: [counting(counts), ...defaultLayers()] })
await store.put('stripe', 'sk_test_1')
await store.get('stripe')
await store.get('stripe')
console.log(Object.fromEntries(counts)) // { put: 1, get: 2 }
// #endregion
await store.close()
