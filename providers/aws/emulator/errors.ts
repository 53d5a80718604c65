import { randomUUID } from 'node:crypto'
import type { EmulatorReply, Failure } from 'strongroom/testing'

/** An error as the service answers it. Thrown in an operation, it also takes back everything the request changed. */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  readonly code: string
  readonly status: number

  constructor(code: string, message = '', status: number = statusOf(code)) {
    super(message)
    this.code = code
    this.status = status
  }
}

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message)
export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message)
export const notFound = (message = "Secrets Manager can't find the specified secret."): AwsError =>
  new AwsError('ResourceNotFoundException', message)

const statuses: Readonly<Record<string, number>> = {
  InternalServiceError: 500,
  InternalFailure: 500,
  ServiceUnavailable: 503,
  InvalidClientTokenId: 403,
  MissingAuthenticationToken: 403,
}

const texts: Readonly<Record<string, string>> = {
  AccessDeniedException: 'User is not authorized to perform this operation on the resource.',
  DecryptionFailure: "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
  EncryptionFailure: "Secrets Manager can't encrypt the protected secret text using the provided KMS key.",
  ExpiredTokenException: 'The security token included in the request is expired',
  InternalServiceError: 'An error occurred on the server side.',
  ResourceNotFoundException: "Secrets Manager can't find the specified secret.",
  ServiceUnavailable: 'Service is unavailable. Please try again later.',
  ThrottlingException: 'Rate exceeded',
  UnrecognizedClientException: 'The security token included in the request is invalid.',
}

const codes: Readonly<Record<number, string>> = {
  400: 'InvalidRequestException',
  403: 'AccessDeniedException',
  429: 'ThrottlingException',
  503: 'ServiceUnavailable',
}

function statusOf(code: string): number {
  return statuses[code] ?? 400
}

/** `application/x-amz-json-1.1`, with the request id that SDKs report. */
export function reply(
  status: number,
  body: object | undefined,
  headers: Record<string, string> = {},
): EmulatorReply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID(), ...headers },
    body: body === undefined ? '' : JSON.stringify(body),
  }
}

/** A service that does not know the target names the code and nothing else. */
export function errorReply(
  { code, message, status }: AwsError,
  headers: Record<string, string> = {},
): EmulatorReply {
  return reply(status, { __type: code, ...(message === '' ? {} : { Message: message }) }, headers)
}

/** The answer that a fault rule asks for; where it names only a status, the code that goes with it. */
export function failureReply({ error, status, message, retryAfterMs }: Failure): EmulatorReply {
  const code = error ?? codes[status ?? 500] ?? 'InternalServiceError'
  const headers: Record<string, string> = {}
  if (retryAfterMs !== undefined) {
    headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000))
    headers['x-amz-retry-after'] = String(retryAfterMs)
  }
  return errorReply(new AwsError(code, message ?? texts[code] ?? '', status ?? statusOf(code)), headers)
}
