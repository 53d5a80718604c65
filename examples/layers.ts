// #region all
import { createStore, defaultLayers } from 'strongroom'
import { memory } from 'strongroom/memory'

const store = createStore({
  provider: memory({ seed: { 'app/stripe': 'sk_test_1', 'admin/root': 'pw' } }),
  layers: defaultLayers({
    policy: { rules: [{ effect: 'allow', names: ['app/**'], operations: ['read'] }] },
    cache: { ttlMs: 60_000 },
    retry: { attempts: 5 },
  }),
})
console.log((await store.get('app/stripe')).value) // sk_test_1
await store.get('admin/root').catch((error: { code: string }) => console.log(error.code)) // PERMISSION_DENIED
// #endregion
await store.close()
