import type { Forged, Passing, Trick } from './fault-server.js'

/** The faults of the matrix, one row each; a status is in the words of the service, a foreign one those of a proxy. */
export const faults = [
  'refused',
  'dns',
  'tls',
  'reset-before',
  'reset-during',
  'reset-after',
  'cut-body',
  'bad-json',
  'wrong-type',
  '3xx',
  '400',
  '401',
  '403',
  '404',
  '409',
  '429',
  '429-retry-after',
  '500',
  '503',
  'hang',
  'reply-lost',
  'foreign-403',
  'foreign-404',
] as const

export type Fault = (typeof faults)[number]
export type ConnectionFault = 'refused' | 'dns' | 'tls'

/** Whether it strikes before there is a connection, at an address of its own. */
export function isConnectionFault(fault: Fault): fault is ConnectionFault {
  return fault === 'refused' || fault === 'dns' || fault === 'tls'
}

/** How a service words an error of a class of status. The text echoes what was sent, as some do. */
export type Dialect = (status: string, echo: string) => Forged

export const retryAfter = (status: string): Forged['headers'] =>
  status === '429-retry-after' ? { 'retry-after': '7' } : {}

/** JSON of a success that ends early, behind the value. */
export function cutJson(stored: string): Forged {
  const body = `{"SecretString":"${stored}","value":"${stored}`
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}

/** A page of somebody in the middle, with what it should not have. */
export function stranger(status: number, secret: string, headers: Forged['headers'] = {}): Forged {
  return {
    status,
    headers: { 'content-type': 'text/html', ...headers },
    body: `<html><body>${status} ${secret}</body></html>`,
  }
}

export function trickOf(
  fault: Exclude<Fault, ConnectionFault>,
  { dialect, undecodable = cutJson }: { readonly dialect: Dialect; readonly undecodable?: typeof cutJson },
  stored: string,
  elsewhere: string,
): Trick {
  const echo = ({ body }: Passing): string => body.slice(0, 2_000)
  switch (fault) {
    case 'reset-before':
    case 'reset-during':
    case 'reset-after':
    case 'cut-body':
    case 'hang':
    case 'reply-lost':
      return { kind: fault }
    case 'bad-json':
      return { kind: 'forge', answer: () => undecodable(stored) }
    case 'wrong-type':
      return { kind: 'forge', answer: () => stranger(200, stored) }
    case '3xx':
      return { kind: 'forge', answer: () => stranger(307, stored, { location: elsewhere }) }
    case 'foreign-403':
    case 'foreign-404':
      return { kind: 'forge', answer: () => stranger(Number(fault.slice(-3)), stored) }
    default:
      return { kind: 'forge', answer: (request) => dialect(fault, echo(request)) }
  }
}
