import type { EmulatorReply, Service } from 'strongroom/testing'

interface Note {
  readonly text: string
}

/** A service of three operations, on which the kit is tried: `PUT`, `GET` and `LIST` of notes by path. */
export const toyService: Service = {
  name: 'toy',
  operation: (request) => (request.path === '/challenge' ? undefined : operations[request.method]),
  isRead: (operation) => operation !== 'PutNote',
  handle(request, context) {
    const notes = context.collection<Note>('notes')
    switch (operations[request.method]) {
      case 'PutNote':
        notes.set(request.path, { text: request.body.toString('utf8') })
        if (request.query.has('explode')) throw new Error('a bug that quotes sk_live_1')
        notes.set('last', { text: request.path })
        return json(200, { at: context.now })
      case 'GetNote': {
        const note = notes.get(request.path)
        return note === undefined ? json(404, {}) : json(200, { ...note, origin: request.origin })
      }
      case 'ListNotes':
        return json(200, { keys: context.emptyPage ? [] : notes.entries().map(([key]) => key) })
      default:
        return json(401, { challenge: true })
    }
  },
  failure: (
    _request,
    { error = 'Broken', status = error === 'Slow' ? 429 : 500, message = '', retryAfterMs },
  ) =>
    json(
      status,
      { error, message },
      retryAfterMs === undefined ? {} : { 'retry-after-ms': String(retryAfterMs) },
    ),
  seed(secrets, context) {
    for (const [name, value] of Object.entries(secrets)) {
      context
        .collection<Note>('notes')
        .set(`/${name}`, { text: typeof value === 'string' ? value : JSON.stringify(value) })
    }
  },
  connect: ({ url }) => ({ env: { TOY_URL: url }, storeUrl: `toy:${url}` }),
}

const operations: Readonly<Record<string, string>> = { PUT: 'PutNote', GET: 'GetNote', POST: 'ListNotes' }

function json(status: number, body: object, headers: Record<string, string> = {}): EmulatorReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}
