import { badRequest } from './errors.js'

/** Nothing here is leased but tokens, which are renewed by paths of their own. */
export function renewLease(): never {
  throw badRequest('lease not found')
}

/** What is not there is as good as revoked. */
export function revokeLease(): undefined {
  return undefined
}
