import type { EmulatorRequest } from 'strongroom/testing'

/** What the token of a request must be. Without rules a request needs none, and any is taken as it is. */
export interface TokenRules {
  /** A request without a token is refused. Default true. */
  readonly required?: boolean
  /** The last word, on the text of the token. Default: accept it. */
  readonly accept?: (token: string) => boolean
}

/** The bearer token of a request, from its header or, in REST, its query. */
export function tokenOf({ headers, query }: EmulatorRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? query.get('access_token') ?? undefined
}
