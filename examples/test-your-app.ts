import assert from 'node:assert/strict'
import { openStore, type SecretReader } from 'strongroom'
import { startEmulators } from 'strongroom/emulators'

/** The code under test: it takes a reader, and does not know which cloud stands behind it. */
async function charge(secrets: SecretReader, amount: number): Promise<string> {
  const { value } = await secrets.get('stripe')
  return `charged ${amount} with a key of ${value.length} characters`
}

// #region start
const cloud = await startEmulators({ services: ['aws'], seed: { stripe: 'sk_test_1' } })
const store = await openStore(cloud.aws.storeUrl, { now: () => cloud.clock.now() })
// #endregion

// #region fault
cloud.aws.faults.add({ operation: 'GetSecretValue', error: 'ThrottlingException', times: 2 })
console.log(await charge(store, 100)) // charged 100 with a key of 9 characters
assert.equal(cloud.aws.calls['GetSecretValue'], 3) // refused twice, answered the third time
// #endregion

// #region outage
cloud.aws.faults.add({ operation: '*', error: 'InternalServiceError' })
cloud.clock.advance(15 * 60_000)
assert.equal((await store.get('stripe')).stale, true) // an outage, and the app goes on
// #endregion

await store.close()
await cloud.close()
