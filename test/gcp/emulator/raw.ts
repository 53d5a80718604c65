import { connect, type IncomingHttpHeaders } from 'node:http2'
import { methodOf, rpcStatus } from './oracle.js'

export interface GrpcAnswer {
  readonly headers: IncomingHttpHeaders
  /** Of an error alone they are the headers. */
  readonly trailers: IncomingHttpHeaders
  readonly body: Buffer
}

/** One request of HTTP/2 on a connection of its own. */
export async function http2(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<GrpcAnswer> {
  const session = connect(`http://${url}`)
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject)
      session.on('close', () => reject(new Error('the connection was closed')))
      const stream = session.request({ ':method': 'POST', ...headers })
      const chunks: Buffer[] = []
      let answered: IncomingHttpHeaders = {}
      let trailers: IncomingHttpHeaders | undefined
      stream.on('response', (given) => {
        answered = given
      })
      stream.on('trailers', (given) => {
        trailers = given
      })
      stream.on('data', (chunk) => chunks.push(chunk))
      stream.on('error', reject)
      stream.on('end', () =>
        resolve({ headers: answered, trailers: trailers ?? answered, body: Buffer.concat(chunks) }),
      )
      stream.end(body)
    })
  } finally {
    session.close()
  }
}

export function framed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt8(flag)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

export const grpcHeaders: Readonly<Record<string, string>> = {
  'content-type': 'application/grpc',
  te: 'trailers',
}

/** A call as any gRPC client makes it, with JSON at both ends. */
export async function callGrpc(
  url: string,
  rpc: string,
  request: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { path, request: type, response } = methodOf(rpc)
  const { updateMask, ...rest } = request as { readonly updateMask?: string }
  const message = type.fromJson(rest) as object as Record<string, unknown>
  // As a client puts them there: in either spelling.
  if (updateMask !== undefined)
    message['updateMask'] = { paths: updateMask === '' ? [] : updateMask.split(',') }
  const bytes = type.encode(message).finish()
  const answer = await http2(url, { ':path': path, ...grpcHeaders, ...headers }, framed(bytes))
  const code = Number(answer.trailers['grpc-status'])
  if (code !== 0) return { error: errorOf(code, answer.trailers) }
  return { body: response.toJson(response.decode(answer.body.subarray(5))) }
}

export interface RawError {
  /** The number of gRPC. */
  readonly code: number
  readonly message: string
  // biome-ignore lint/suspicious/noExplicitAny: details of an error, looked into by a test
  readonly details: any[]
}

export interface Outcome {
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any method, looked into by a test
  readonly body?: any
  readonly error?: RawError
}

const statusType = rpcStatus.lookupType('google.rpc.Status')

function errorOf(code: number, trailers: IncomingHttpHeaders): RawError {
  const message = decodeURIComponent(String(trailers['grpc-message'] ?? ''))
  const bytes = trailers['grpc-status-details-bin']
  if (bytes === undefined) return { code, message, details: [] }
  const status = statusType.toJson(statusType.decode(Buffer.from(String(bytes), 'base64')))
  if (status.code !== code || status.message !== message) {
    throw new Error('the details speak of another error than the trailers')
  }
  return { code, message, details: status.details }
}
