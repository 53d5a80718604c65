import type { ErrorCode, Failure } from 'strongroom/provider'

/** A failed request: the facts that may be said of it, and nothing of the client's own error. */
export class VaultFault extends Error {
  override readonly name = 'VaultFault'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.code)
    this.failure = failure
  }
}

/** For `defineProvider`. What is no fault comes from nowhere near the wire. */
export function classify(error: unknown): Failure {
  return error instanceof VaultFault ? error.failure : { code: 'UNKNOWN' }
}

export function isFault(error: unknown, code: ErrorCode): error is VaultFault {
  return error instanceof VaultFault && error.failure.code === code
}

/** For a request that follows one which has taken effect: its failure leaves the whole half done. */
export function afterEffect<T>(request: Promise<T>): Promise<T> {
  return request.catch((error: unknown) => {
    throw error instanceof VaultFault ? new VaultFault({ ...error.failure, outcomeUnknown: true }) : error
  })
}

/** For a request that changes nothing: whatever becomes of it, nothing is in doubt. */
export async function withoutEffect<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw error instanceof VaultFault ? new VaultFault({ ...error.failure, outcomeUnknown: false }) : error
  }
}

/** The socket was never open, so that nothing can have been carried out. */
const unsent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|^EPROTO$/

/** What failed below HTTP, by the code of the socket: its message and its request are left behind. */
export function networkFault(error: unknown): VaultFault {
  const code = socketCode(error)
  if (code !== undefined && untrusted.test(code)) {
    const detail = 'the certificate is not trusted; give its authority in caFile or VAULT_CACERT'
    return new VaultFault({ code: 'CONFIG_INVALID', providerCode: code, outcomeUnknown: false, detail })
  }
  const isUnsent = code !== undefined && unsent.test(code)
  return new VaultFault({
    code: 'UNAVAILABLE',
    providerCode: code,
    ...(isUnsent && { outcomeUnknown: false }),
  })
}

/** Of several addresses that were tried, each has an error of its own. */
function socketCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined
}
