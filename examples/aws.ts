import { startEmulators } from 'strongroom/emulators'

// Leave this out, and the rest of the program speaks to AWS.
const cloud = await startEmulators({
  services: ['aws'],
  aws: { region: 'eu-west-1' },
  seed: { 'prod/stripe': 'sk_test_1' },
})
Object.assign(process.env, cloud.aws.env)

const { openStore } = await import('strongroom')
// #region open
const store = await openStore('aws://eu-west-1/prod')
const stripe = await store.get('stripe')
// #endregion
console.log(stripe.name, stripe.value.length)

await store.close()
await cloud.close()
