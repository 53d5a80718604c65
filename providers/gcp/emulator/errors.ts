import type { Failure } from 'strongroom/testing'

export type Code =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED'

/** The numbers of the codes in gRPC, and the HTTP status that REST has for each. */
const codes: Readonly<Record<Code, readonly [number: number, httpStatus: number]>> = {
  CANCELLED: [1, 499],
  UNKNOWN: [2, 500],
  INVALID_ARGUMENT: [3, 400],
  DEADLINE_EXCEEDED: [4, 504],
  NOT_FOUND: [5, 404],
  ALREADY_EXISTS: [6, 409],
  PERMISSION_DENIED: [7, 403],
  RESOURCE_EXHAUSTED: [8, 429],
  FAILED_PRECONDITION: [9, 400],
  ABORTED: [10, 409],
  OUT_OF_RANGE: [11, 400],
  UNIMPLEMENTED: [12, 501],
  INTERNAL: [13, 500],
  UNAVAILABLE: [14, 503],
  DATA_LOSS: [15, 500],
  UNAUTHENTICATED: [16, 401],
}

/** What a program can read of an error, beside its code. */
export interface Reason {
  readonly reason: string
  readonly domain: string
  readonly metadata: Readonly<Record<string, string>>
}

export interface Violation {
  readonly field: string
  readonly description: string
}

interface Details {
  readonly reason?: Reason
  readonly violations?: readonly Violation[]
  readonly retryAfterMs?: number
  readonly httpStatus?: number
}

/** An error as the service answers it. Thrown in an operation, it also takes back everything the request changed. */
export class GcpError extends Error {
  override readonly name = 'GcpError'
  readonly code: Code
  readonly details: Details

  constructor(code: Code, message: string, details: Details = {}) {
    super(message)
    this.code = code
    this.details = details
  }

  get number(): number {
    return codes[this.code][0]
  }

  get httpStatus(): number {
    return this.details.httpStatus ?? codes[this.code][1]
  }
}

export const invalidArgument = (message: string, violations?: readonly Violation[]): GcpError =>
  new GcpError('INVALID_ARGUMENT', message, violations === undefined ? {} : { violations })
export const notFound = (message: string): GcpError => new GcpError('NOT_FOUND', message)
export const failedPrecondition = (message: string): GcpError => new GcpError('FAILED_PRECONDITION', message)

/** What a request is about, as far as an error speaks of it. */
export interface Subject {
  /** The name of the method: `AccessSecretVersion`. */
  readonly method: string
  readonly permission: string
  /** As the request names it. */
  readonly resource: string
  /** `projects/123456789012`. */
  readonly consumer: string
}

const service = 'secretmanager.googleapis.com'
const fullMethod = (method: string): string => `google.cloud.secretmanager.v1.SecretManagerService.${method}`

export function permissionDenied({ permission, resource }: Subject): GcpError {
  return new GcpError(
    'PERMISSION_DENIED',
    `Permission '${permission}' denied for resource '${resource}' (or it may not exist).`,
    {
      reason: {
        reason: 'IAM_PERMISSION_DENIED',
        domain: 'iam.googleapis.com',
        metadata: { permission, resource },
      },
    },
  )
}

function serviceDisabled({ consumer }: Subject): GcpError {
  const project = consumer.replace(/^projects\//, '')
  return new GcpError(
    'PERMISSION_DENIED',
    `Secret Manager API has not been used in project ${project} before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/${service}/overview?project=${project} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
    {
      reason: {
        reason: 'SERVICE_DISABLED',
        domain: 'googleapis.com',
        metadata: { service, consumer, serviceTitle: 'Secret Manager API' },
      },
    },
  )
}

export function unauthenticated({ method }: Subject, hasToken: boolean): GcpError {
  const [text, reason] = hasToken
    ? ['Request had invalid authentication credentials.', 'ACCESS_TOKEN_TYPE_UNSUPPORTED']
    : ['Request is missing required authentication credential.', 'CREDENTIALS_MISSING']
  return new GcpError(
    'UNAUTHENTICATED',
    `${text} Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.`,
    { reason: { reason, domain: 'googleapis.com', metadata: { method: fullMethod(method), service } } },
  )
}

function rateLimited({ consumer, method }: Subject): GcpError {
  const quota = method === 'AccessSecretVersion' ? 'AccessRequests' : 'Requests'
  const metric = `${service}/${method === 'AccessSecretVersion' ? 'access_requests' : 'requests'}`
  const limit = `${quota}PerMinutePerProject`
  return new GcpError(
    'RESOURCE_EXHAUSTED',
    `Quota exceeded for quota metric '${metric}' and limit '${limit}' of service '${service}' for consumer '${consumer.replace('projects/', 'project_number:')}'.`,
    {
      reason: {
        reason: 'RATE_LIMIT_EXCEEDED',
        domain: 'googleapis.com',
        metadata: { service, consumer, quota_metric: metric, quota_limit: limit },
      },
    },
  )
}

const plain: Readonly<Partial<Record<Code, string>>> = {
  CANCELLED: 'The operation was cancelled.',
  INVALID_ARGUMENT: 'Request contains an invalid argument.',
  DEADLINE_EXCEEDED: 'Deadline expired before operation could complete.',
  NOT_FOUND: 'Requested entity was not found.',
  ALREADY_EXISTS: 'Requested entity already exists',
  FAILED_PRECONDITION: 'Precondition check failed.',
  ABORTED: 'The operation was aborted.',
  UNIMPLEMENTED: 'Operation is not implemented, or supported, or enabled.',
  INTERNAL: 'Internal error encountered.',
  UNAVAILABLE: 'The service is currently unavailable.',
}

const named: ReadonlyMap<string, (subject: Subject) => GcpError> = new Map(
  Object.entries<(subject: Subject) => GcpError>({
    PERMISSION_DENIED: permissionDenied,
    IAM_PERMISSION_DENIED: permissionDenied,
    SERVICE_DISABLED: serviceDisabled,
    UNAUTHENTICATED: (subject) => unauthenticated(subject, true),
    CREDENTIALS_MISSING: (subject) => unauthenticated(subject, false),
    RESOURCE_EXHAUSTED: rateLimited,
    RATE_LIMIT_EXCEEDED: rateLimited,
  }),
)

const codeOfStatus: Readonly<Record<number, Code>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** The error that a fault rule asks for: a code, a reason of `ErrorInfo`, or an HTTP status and what goes with it. */
export function failureError(failure: Failure, subject: Subject): GcpError {
  const { status = 500, message, retryAfterMs } = failure
  const word = failure.error ?? codeOfStatus[status] ?? 'INTERNAL'
  const base = named.get(word)?.(subject) ?? codeError(word)
  return new GcpError(base.code, message ?? base.message, {
    ...base.details,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(failure.status === undefined ? {} : { httpStatus: failure.status }),
  })
}

function codeError(word: string): GcpError {
  if (!Object.hasOwn(codes, word)) return new GcpError('UNKNOWN', word)
  const code = word as Code
  return new GcpError(code, plain[code] ?? code)
}
