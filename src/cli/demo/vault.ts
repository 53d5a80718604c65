import type { Chapter } from './step.js'
import { historyOf } from './step.js'

export const vault: Chapter = {
  service: 'vault',
  title: 'HashiCorp Vault and OpenBao: numbered versions, and a document where others keep text',
  steps: [
    {
      says: 'Store an object. Its fields are the keys of the document, as `vault kv get` shows them.',
      code: `await store.put('prod/db', { user: 'app', password: 'pw-1' })`,
      async run({ store, versions }) {
        versions.push((await store.put('prod/db', { user: 'app', password: 'pw-1' })).version)
        return `version ${versions[0]}`
      },
    },
    {
      says: 'Change it, if version 1 is still current: Vault compares by itself.',
      code: `await store.put('prod/db', { user: 'app', password: 'pw-2' }, { ifVersion })`,
      async run({ store, versions }) {
        const options = { ifVersion: versions[0] }
        versions.push((await store.put('prod/db', { user: 'app', password: 'pw-2' }, options)).version)
        return historyOf(store, 'prod/db')
      },
    },
    {
      says: 'Delete it. Vault keeps the versions, so that it can come back.',
      code: `await store.delete('prod/db'); await store.restore('prod/db')`,
      async run({ store }) {
        await store.delete('prod/db')
        const gone = await store.get('prod/db').then(
          () => 'still there',
          (error: { readonly code: string }) => error.code,
        )
        await store.restore('prod/db')
        return `in between a read gives ${gone}; the field password is ${(await store.get('prod/db', { field: 'password' })).value} again`
      },
    },
  ],
}
