import { Fault } from 'strongroom/provider'

/** The socket was never open, so that nothing can have been carried out. */
const unsent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|^EPROTO$/

/** What failed below HTTP, by the code of the socket: its message and its request are left behind. */
export function networkFault(error: unknown): Fault {
  const code = socketCode(error)
  if (code !== undefined && untrusted.test(code)) {
    const detail = 'the certificate is not trusted; give its authority in caFile or VAULT_CACERT'
    return new Fault({ code: 'CONFIG_INVALID', providerCode: code, outcomeUnknown: false, detail })
  }
  const isUnsent = code !== undefined && unsent.test(code)
  return new Fault({
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
