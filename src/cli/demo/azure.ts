import { type Chapter, historyOf } from './step.js'

export const azure: Chapter = {
  service: 'azure',
  title: 'Azure Key Vault: the same calls on a backend that works differently',
  steps: [
    {
      says: 'Store a value under a path. Azure has no slashes in names; the store spells them.',
      code: `await store.put('prod/db', { user: 'app', password: 'pw-1' })`,
      async run({ store, versions }) {
        versions.push((await store.put('prod/db', { user: 'app', password: 'pw-1' })).version)
        return `stored in Azure as ${(await store.describe('prod/db')).canonical}`
      },
    },
    {
      says: 'Change it and look at the history: random ids, no order of their own.',
      code: `await store.put('prod/db', { user: 'app', password: 'pw-2' })`,
      async run({ store, cloud, versions }) {
        cloud.clock.advance(1_000)
        versions.push((await store.put('prod/db', { user: 'app', password: 'pw-2' })).version)
        return historyOf(store, 'prod/db')
      },
    },
    {
      says: 'Roll back. Azure cannot move a label, so the old value is stored again as a new version.',
      code: `await store.rollback('prod/db', { ifCurrent })`,
      async run({ store, cloud, versions }) {
        cloud.clock.advance(1_000)
        await store.rollback('prod/db', { ifCurrent: versions[1] })
        return `the field password is ${(await store.get('prod/db', { field: 'password' })).value} again`
      },
    },
    {
      says: 'What a backend cannot do is data, known before anything is sent.',
      code: `store.capabilities`,
      run: async ({ store: { capabilities } }) =>
        `pending: ${capabilities.pending} · putIfVersion: ${capabilities.putIfVersion} · versionOrder: ${capabilities.versionOrder}`,
    },
  ],
}
