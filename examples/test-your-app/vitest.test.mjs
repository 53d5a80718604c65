// #region all
import { openStore } from 'strongroom'
import { startEmulators } from 'strongroom/emulators'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest' // in jest: from '@jest/globals'
import { charge } from './charge.mjs'

let cloud
let store

beforeAll(async () => {
  cloud = await startEmulators({ services: ['gcp'] })
  store = await openStore(cloud.gcp.storeUrl)
})
afterAll(async () => {
  await store.close()
  await cloud.close()
})
beforeEach(async () => {
  cloud.gcp.reset()
  await store.put('stripe', 'sk_test_1')
})

test('charges with the key of the store', async () => {
  expect(await charge(store, 100)).toBe('charged 100 with a key of 9 characters')
})

test('outlives two moments without Google', async () => {
  cloud.gcp.faults.add({ operation: 'AccessSecretVersion', error: 'UNAVAILABLE', times: 2 })
  expect(await charge(store, 100)).toContain('charged')
  expect(cloud.gcp.calls).toMatchObject({ AccessSecretVersion: 3 })
})
// #endregion
