import { lstat } from 'node:fs/promises'
import { type ErrorCode, type Failure, refusal, SecretError } from 'strongroom/provider'

export function invalid(message: string): SecretError {
  return refusal('CONFIG_INVALID', `file: ${message}`)
}

/** The file cannot be understood, and reading it again will not help. */
export function damaged(message: string): SecretError {
  return new SecretError({ code: 'UNAVAILABLE', message, retryable: false, providerCode: 'DAMAGED' })
}

const codes: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
  EROFS: 'PERMISSION_DENIED',
  ENOTDIR: 'CONFIG_INVALID',
  EISDIR: 'CONFIG_INVALID',
  ENAMETOOLONG: 'CONFIG_INVALID',
}

/** What the operating system says, by its code; its sentence quotes paths only, and is not needed. */
export function classify(error: unknown): Failure {
  const providerCode = errnoOf(error)
  if (providerCode === undefined) return { code: 'UNKNOWN' }
  return { code: codes[providerCode] ?? 'UNAVAILABLE', providerCode }
}

/** The code of an error of the operating system, such as `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined
}

/** The answer, or `undefined` where the operating system answers with this code. */
export async function unless<T>(code: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (errnoOf(error) !== code) throw error
    return undefined
  }
}

export async function isThere(path: string): Promise<boolean> {
  return (await unless('ENOENT', lstat(path))) !== undefined
}
