import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type JsonObject, parseJson } from 'strongroom/provider'
import { createCertificate } from 'strongroom/testing'

export interface Cluster {
  readonly url: string
  /** The authority of its certificate, PEM. */
  readonly ca: string
  readonly close: () => Promise<void>
}

const uid = '11111111-2222-3333-4444-555555555555'

/** The token of a service account in the namespace `shop`, as far as Vault reads it. */
export function accountToken(name: string): string {
  const claims = {
    iss: 'kubernetes/serviceaccount',
    sub: `system:serviceaccount:shop:${name}`,
    aud: ['https://kubernetes.default.svc'],
    iat: 1_700_000_000,
    nbf: 1_700_000_000,
    exp: 4_102_444_800,
    'kubernetes.io': { namespace: 'shop', serviceaccount: { name, uid } },
  }
  return [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('c2lnbmVk')
    .join('.')
}

/** The one endpoint of Kubernetes that a login needs: it takes every token that reads as one. */
export async function startCluster(): Promise<Cluster> {
  const { ca, cert, key } = createCertificate()
  const server = createServer({ cert, key }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const review = parseJson(Buffer.concat(chunks).toString('utf8')) as {
      readonly spec: { readonly token: string }
    }
    const [, payload = ''] = review.spec.token.split('.')
    const { sub } = parseJson(Buffer.from(payload, 'base64url').toString('utf8')) as JsonObject
    const status = { authenticated: true, user: { username: sub, uid, groups: ['system:serviceaccounts'] } }
    response.writeHead(201, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    ca,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
