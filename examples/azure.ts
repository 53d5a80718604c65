import { openStore } from 'strongroom'
import { startEmulators } from 'strongroom/emulators'

const cloud = await startEmulators({ services: ['azure'] })

// #region open
// On Azure: await openStore('azure://my-vault/prod')
const store = await openStore(cloud.azure.storeUrl)
await store.put('db/password', 'correct horse', { tags: { team: 'payments' } })

const password = await store.get('db/password')
console.log(password.value, password.tags) // correct horse { team: 'payments' }
// #endregion

await store.close()
await cloud.close()
