// #region all
import { openStore } from 'strongroom'

const store = await openStore('memory:')
await store.put('stripe', 'sk_test_1')

const stripe = await store.get('stripe')
console.log(stripe.value) // sk_test_1
console.log(stripe) // Secret(stripe, version …): printing a secret never shows its value

await store.close()
// #endregion
