import type { SecretStore } from '../../store.js'
import type { Finding } from './finding.js'

/** A name that nobody has: reading it asks for no more than the permission that every reader needs. */
const probe = 'strongroom-doctor'
const deadlineMs = 10_000

/** Whether the store answers this identity. "No such secret" is the good answer. */
export async function checkStore(open: () => Promise<SecretStore>, signal: AbortSignal): Promise<Finding> {
  const { SecretError } = await import('strongroom')
  const id = 'store'
  try {
    const store = await open()
    try {
      await store.find(probe, { signal, deadlineMs })
      return { id, status: 'ok', message: 'the store answers' }
    } finally {
      await store.close()
    }
  } catch (error) {
    if (!SecretError.is(error)) throw error
    if (error.code === 'PERMISSION_DENIED') {
      const message = `the store answers; this identity may not read the name ${probe}, which is fine if it may read others`
      return { id, status: 'warn', message }
    }
    return { id, status: 'fail', message: `${error.message} [${error.code}]` }
  }
}
