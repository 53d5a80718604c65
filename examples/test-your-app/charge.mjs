/**
 * The code under test. It takes a reader, and does not know which cloud stands behind it.
 *
 * @param {import('strongroom').SecretReader} secrets
 * @param {number} amount
 */
export async function charge(secrets, amount) {
  const { value } = await secrets.get('stripe')
  return `charged ${amount} with a key of ${value.length} characters`
}
