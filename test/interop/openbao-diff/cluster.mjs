// A cluster of Kubernetes as far as a login asks one: whose a token of a service account is.
const { subject, uid } = {
  subject: 'system:serviceaccount:apps:web',
  uid: '11111111-2222-3333-4444-555555555555',
}

/** Knows the one account; its tokens are those that say so, since the signature is for the server to check. */
function review(jwt) {
  const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8') || '{}')
  return claims.sub === subject ? { authenticated: true, username: subject } : { authenticated: false }
}

/** `POST /apis/authentication.k8s.io/v1/tokenreviews`. */
function answer(request, response) {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const { spec } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    const { authenticated, username } = review(spec.token)
    response.writeHead(201, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        status: {
          authenticated,
          ...(authenticated
            ? { user: { username, uid, groups: ['system:serviceaccounts'] } }
            : { error: 'unknown' }),
          ...(spec.audiences === undefined ? {} : { audiences: spec.audiences }),
        },
      }),
    )
  })
}

export const cluster = { review, answer }
