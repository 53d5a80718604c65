import { type Chapter, historyOf, refusalOf } from './step.js'

export const gcp: Chapter = {
  service: 'gcp',
  title: 'Google Cloud Secret Manager, over gRPC: numbered versions that can be switched off',
  steps: [
    {
      says: 'Store two values. Google makes a name first and adds a value then; for the store it is one put.',
      code: `await store.put('prod/api-key', 'key-1')`,
      async run({ store, versions }) {
        for (const value of ['key-1', 'key-2']) {
          versions.push((await store.put('prod/api-key', value)).version)
        }
        return historyOf(store, 'prod/api-key')
      },
    },
    {
      says: 'Switch the newest off. Every plain reader of Google breaks now, and the store says why.',
      code: `await store.setVersionState('prod/api-key', '2', 'disabled')`,
      async run({ store, versions }) {
        await store.setVersionState('prod/api-key', versions[1] ?? '', 'disabled')
        return refusalOf(store.get('prod/api-key'))
      },
    },
    {
      says: 'A reader that wants whatever works asks for the newest version that is enabled.',
      code: `await store.get('prod/api-key', { stage: 'newest-enabled' })`,
      async run({ store }) {
        const { value, version } = await store.get('prod/api-key', { stage: 'newest-enabled' })
        return `version ${version}: ${value}`
      },
    },
    {
      says: 'Delete it. Google has no trash, so nothing is deleted unless it is said to be for good.',
      code: `await store.delete('prod/api-key')`,
      run: ({ store }) => refusalOf(store.delete('prod/api-key')),
    },
  ],
}
