import { invalid } from './endpoint.js'

/** Under these names Google's packages write requests and answers, and what the token server says, to the log. */
const talkative = ['secret-manager', 'auth']

/**
 * The switch that makes Google's packages print what passes through them.
 *
 * @throws {SecretError} `CONFIG_INVALID` where it would print values or tokens.
 */
export function refuseDebugSwitch(env: Readonly<Record<string, string | undefined>>): void {
  const value = env['GOOGLE_SDK_NODE_LOGGING'] ?? ''
  const patterns = value === 'all' ? ['*'] : value.split(',').filter((each) => each !== '')
  const heard = talkative.find((name) => patterns.some((pattern) => matches(pattern, name)))
  if (heard === undefined) return
  throw invalid(
    `GOOGLE_SDK_NODE_LOGGING is set so that Google's packages print values and tokens (${heard}); unset it, or name what you look for, without ${talkative.join(' and ')}`,
  )
}

/** As `google-logging-utils` reads it: stars stand for anything, and case does not matter. */
function matches(pattern: string, name: string): boolean {
  const escaped = pattern.replace(/[|\\{}()[\]^$+?.]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`, 'i').test(name)
}
