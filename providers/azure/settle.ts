import { type ProviderContext, refusal } from 'strongroom/provider'

const firstDelayMs = 250
/** The interval of the SDK's own pollers. */
const longestDelayMs = 2_000
const patienceMs = 120_000

/**
 * Looks again and again until something is found, at growing intervals of the store's clock.
 *
 * @throws `TIMEOUT` after two minutes.
 */
export async function settled<T>(context: ProviderContext, look: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = context.now() + patienceMs
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(2 * delayMs, longestDelayMs)) {
    const found = await look()
    if (found !== undefined) return found
    if (context.now() >= giveUpAt) {
      throw refusal(
        'TIMEOUT',
        'the vault has accepted it and is not done after two minutes; describe it later',
      )
    }
    await context.sleep(delayMs)
  }
}
