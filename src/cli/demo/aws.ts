import { inspect } from 'node:util'
import { type Chapter, historyOf, refusalOf } from './step.js'

const minuteMs = 60_000

export const aws: Chapter = {
  service: 'aws',
  title: 'AWS Secrets Manager',
  steps: [
    {
      says: 'Store a value. The answer is its version.',
      code: `await store.put('stripe', 'sk_test_1')`,
      async run({ store, versions }) {
        const { version } = await store.put('stripe', 'sk_test_1')
        versions.push(version)
        return `version ${version.slice(0, 8)}`
      },
    },
    {
      says: 'Read it. Printing a secret never shows the value; `.value` does.',
      code: `const stripe = await store.get('stripe')`,
      async run({ store }) {
        const stripe = await store.get('stripe')
        return `console.log(stripe) prints ${inspect(stripe)} · stripe.value is ${stripe.value}`
      },
    },
    {
      says: 'Read it again: the cache answers, nothing is sent.',
      code: `await store.get('stripe')`,
      run: async ({ store }) => `still ${(await store.get('stripe')).value}`,
    },
    {
      says: 'Change it, on the condition that nobody else did since version 1.',
      code: `await store.put('stripe', 'sk_test_2', { ifVersion })`,
      async run({ store, versions }) {
        const { version } = await store.put('stripe', 'sk_test_2', { ifVersion: versions[0] })
        versions.push(version)
        return `version ${version.slice(0, 8)}, and a read gives ${(await store.get('stripe')).value}`
      },
    },
    {
      says: 'A second writer that still believes in version 1 is stopped.',
      code: `await store.put('stripe', 'sk_test_3', { ifVersion })`,
      run: ({ store, versions }) => refusalOf(store.put('stripe', 'sk_test_3', { ifVersion: versions[0] })),
    },
    {
      says: 'Look at the history. Values are not in it.',
      code: `for await (const version of store.versions('stripe')) …`,
      run: ({ store }) => historyOf(store, 'stripe'),
    },
    {
      says: 'Roll back, on the condition that version 2 is current.',
      code: `await store.rollback('stripe', { ifCurrent })`,
      async run({ store, versions }) {
        await store.rollback('stripe', { ifCurrent: versions[1] })
        return `a read gives ${(await store.get('stripe')).value} again`
      },
    },
    {
      says: 'A store that may touch app/** only. Denied is not the same as missing, and nothing is sent.',
      code: `openStore(url, { layers: defaultLayers({ policy: { rules: [{ effect: 'allow', names: ['app/**'] }] } }) })`,
      async run({ emulator }) {
        const { defaultLayers, openStore } = await import('strongroom')
        const rules = [{ effect: 'allow', names: ['app/**'] }] as const
        const narrow = await openStore(emulator.storeUrl, { layers: defaultLayers({ policy: { rules } }) })
        return refusalOf(narrow.get('stripe')).finally(() => narrow.close())
      },
    },
    {
      says: 'AWS throttles twice. The store waits and asks again; the program sees one answer.',
      code: `cloud.aws.faults.add({ operation: 'GetSecretValue', error: 'ThrottlingException', times: 2 })`,
      async run({ store, emulator }) {
        emulator.faults.add({ operation: 'GetSecretValue', error: 'ThrottlingException', times: 2 })
        return `a read that asks AWS gives ${(await store.get('stripe', { maxAgeMs: 0 })).value}`
      },
    },
    {
      says: 'AWS goes down, and the cached value is too old to be fresh. The store serves it and says that it is stale.',
      code: `cloud.aws.faults.add({ operation: '*', error: 'InternalServiceError' })`,
      async run({ store, emulator, cloud }) {
        cloud.clock.advance(15 * minuteMs)
        emulator.faults.add({ operation: '*', error: 'InternalServiceError' })
        const stripe = await store.get('stripe')
        emulator.faults.clear()
        return `after 15 minutes a read gives ${stripe.value}, stripe.stale is ${stripe.stale}`
      },
    },
  ],
}
