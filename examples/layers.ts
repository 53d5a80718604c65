// #region all
import { cache, createStore, deadline, policy, rateLimit, retry, timeout } from 'strongroom'
import { memory } from 'strongroom/memory'

const store = createStore({
  provider: memory({ seed: { 'app/stripe': 'sk_test_1', 'admin/root': 'pw' } }),
  layers: [
    deadline({ defaultMs: 20_000 }),
    policy({ rules: [{ effect: 'allow', names: ['app/**'], operations: ['read'] }] }),
    cache({ ttlMs: 60_000 }),
    retry({ attempts: 5 }),
    rateLimit({ readsPerSecond: 50 }),
    timeout({ readMs: 5_000 }),
  ],
})
console.log((await store.get('app/stripe')).value) // sk_test_1
// #endregion
await store.get('admin/root').catch((error: { code: string }) => console.log(error.code)) // PERMISSION_DENIED
await store.close()
