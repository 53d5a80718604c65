import { openStore, type SecretReader } from 'strongroom'

// #region all
// Outside the handler: warm starts find the store open and its cache filled.
const secrets: Promise<SecretReader> = openStore(process.env['SECRETS'] ?? 'aws://eu-west-1/prod')

interface Answer {
  readonly statusCode: number
  readonly body: string
}

export async function handler(event: { readonly amount: number }): Promise<Answer> {
  const stripe = await (await secrets).get('stripe')
  const body = `would charge ${event.amount} with version ${stripe.version}`
  return { statusCode: 200, body }
}
// #endregion
