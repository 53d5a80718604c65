import { openStore, SecretError } from 'strongroom'

const store = await openStore('memory:')

// #region all
try {
  await store.get('stripe')
} catch (error) {
  if (!SecretError.is(error)) throw error
  console.log(error.code, error.retryable) // NOT_FOUND false
}
// #endregion

await store.close()
