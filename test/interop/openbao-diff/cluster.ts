import type { IncomingMessage, ServerResponse } from 'node:http'

interface Verdict {
  readonly authenticated: boolean
  readonly username?: string
}

const username = 'system:serviceaccount:apps:web'
const uid = '11111111-2222-3333-4444-555555555555'

/** A cluster with one service account. Its tokens are those that say so: the signature is for the server to check. */
export function review(jwt: string): Verdict {
  const payload = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')
  const { sub } = JSON.parse(payload === '' ? '{}' : payload) as { readonly sub?: unknown }
  return sub === username ? { authenticated: true, username } : { authenticated: false }
}

/** `POST /apis/authentication.k8s.io/v1/tokenreviews`, as OpenBao asks. */
export function answerReview(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { spec } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
      readonly spec: { readonly token: string; readonly audiences?: readonly string[] }
    }
    const { authenticated } = review(spec.token)
    const status = {
      authenticated,
      ...(authenticated
        ? { user: { username, uid, groups: ['system:serviceaccounts'] } }
        : { error: 'unknown' }),
      ...(spec.audiences === undefined ? {} : { audiences: spec.audiences }),
    }
    response
      .writeHead(201, { 'content-type': 'application/json' })
      .end(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status }))
  })
}
