// #region all
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { openStore } from 'strongroom'
import { startEmulators } from 'strongroom/emulators'
import { charge } from './charge.mjs'

let cloud
let store

before(async () => {
  cloud = await startEmulators({ services: ['aws'] })
  store = await openStore(cloud.aws.storeUrl)
})
after(async () => {
  await store.close()
  await cloud.close()
})
beforeEach(async () => {
  cloud.aws.reset()
  await store.put('stripe', 'sk_test_1')
})

test('charges with the key of the store', async () => {
  assert.equal(await charge(store, 100), 'charged 100 with a key of 9 characters')
})

test('says that the key is not there', async () => {
  await store.delete('stripe')
  await assert.rejects(charge(store, 100), { code: 'PENDING_DELETION' })
})
// #endregion
