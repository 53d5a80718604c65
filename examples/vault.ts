import { createStore, openStore } from 'strongroom'
import { vault } from 'strongroom/vault'
import { vaultEmulator } from 'strongroom/vault/emulator'

const server = await vaultEmulator()
const url = new URL(server.url)

// #region open
// On a server: await openStore('vault://vault.example.com:8200/secret/prod')
const store = await openStore(`vault+http://${url.host}/secret/prod`)
await store.put('db', { password: 'correct horse', user: 'app' }, { tags: { team: 'payments' } })

const password = await store.get('db', { field: 'password' })
console.log(password.value, password.version, password.tags) // correct horse 1 { team: 'payments' }
// #endregion
await store.close()

// #region factory
const provider = vault({
  address: server.url,
  mount: 'secret',
  prefix: 'prod',
  auth: { method: 'approle', roleId: 'web', secretIdFile: '/run/secrets/secret-id' },
})
const app = createStore({ provider })
// #endregion
await app.close()
await server.close()
