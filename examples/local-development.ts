import { firstOf, openStore } from 'strongroom'

process.env['APP_stripe'] = 'sk_from_my_shell'

// #region all
// A developer's environment first, then what everybody shares. Only NOT_FOUND falls through.
const shared = await openStore('memory:') // in production: aws://eu-west-1/prod
await shared.put('stripe', 'sk_shared')
await shared.put('sentry', 'dsn_shared')

const secrets = firstOf(await openStore('env:APP_'), shared)
console.log((await secrets.get('stripe')).value) // sk_from_my_shell
console.log((await secrets.get('sentry')).value) // dsn_shared
await secrets.close()
// #endregion
