import { SecretError } from './errors.js'
import type { GetManyOptions, GetOptions, PrefetchOptions } from './store.js'

type Get<T> = (name: string, options: GetOptions) => Promise<T>

/** Reads many names, at most `concurrency` at once, and settles every one. In the order of the names. */
export async function getMany<T>(
  get: Get<T>,
  names: readonly string[],
  { concurrency = 20, ...options }: GetManyOptions = {},
): Promise<Map<string, PromiseSettledResult<T>>> {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new TypeError('concurrency must be a whole number, 1 or more')
  }
  const unique = [...new Set(names)]
  const waiting = unique.entries()
  const results: [string, PromiseSettledResult<T>][] = []
  const worker = async (): Promise<void> => {
    for (const [index, name] of waiting) {
      const [settled] = await Promise.allSettled([get(name, options)])
      results[index] = [name, settled]
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return new Map(results)
}

/**
 * Reads names into the cache; missing ones that are required are reported all in one error. A prefetch that nobody
 * awaits must not end the process when it fails: the read that needs the value says what is wrong.
 */
export function prefetch(
  get: Get<unknown>,
  names: readonly string[],
  options: PrefetchOptions = {},
): Promise<void> {
  const done = warm(get, names, options)
  void Promise.allSettled([done])
  return done
}

async function warm(
  get: Get<unknown>,
  names: readonly string[],
  { required = true, ...options }: PrefetchOptions,
): Promise<void> {
  const missing: string[] = []
  for (const [name, result] of await getMany(get, names, options)) {
    if (result.status === 'fulfilled') continue
    if (!isMissing(result.reason)) throw result.reason
    missing.push(name)
  }
  if (!required || missing.length === 0) return
  const shown = missing.map((name) => JSON.stringify(name)).join(', ')
  throw new SecretError({
    code: 'NOT_FOUND',
    message: `prefetch: missing ${shown}; create them, or pass required: false`,
    ...(missing.length === 1 && { secret: missing[0] ?? '' }),
  })
}

export function isMissing(error: unknown): boolean {
  return SecretError.is(error) && error.code === 'NOT_FOUND'
}

export function undefinedIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}
