import { type EmulatorReply, type EmulatorRequest, JsonError, parseJson } from 'strongroom/testing'
import { type Field, isMessage, type MessageType } from './descriptor.js'
import { detailsAsJson } from './details.js'
import { type GcpError, invalidArgument } from './errors.js'
import type { Exchange } from './exchange.js'
import { fromJson, MalformedJson, memberName, readValue, toJson, unknownName } from './json-form.js'
import { type Route, routeOf } from './routes.js'

type Fields = Record<string, unknown>

/** A call of REST; the page of the front end where the path is none of the service. */
export function restExchange(request: EmulatorRequest): Exchange | EmulatorReply {
  const route = routeOf(request.method, request.path)
  if (route === undefined) return notFoundPage(request)
  const style = { enumsAsNumbers: /;enum-encoding=int\b/.test(request.query.get('$alt') ?? '') }
  return {
    rpc: route.rpc,
    read: () => readRequest(request, route),
    answer: (message) => json(200, toJson(route.rpc.response, message, style)),
    refuse,
  }
}

/** `status` is in every error: clients that miss it guess a code. */
function refuse(error: GcpError): EmulatorReply {
  const details = detailsAsJson(error)
  const { retryAfterMs } = error.details
  return json(
    error.httpStatus,
    {
      error: {
        code: error.httpStatus,
        message: error.message,
        status: error.code,
        ...(details.length === 0 ? {} : { details }),
      },
    },
    {
      ...(error.code === 'UNAUTHENTICATED'
        ? { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' }
        : {}),
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
    },
  )
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): EmulatorReply {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'cache-control': 'private',
      vary: 'Origin, X-Origin, Referer',
      server: 'ESF',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: `${JSON.stringify(body, undefined, 2)}\n`,
  }
}

/** No JSON: Google's front end answers so what none of its services knows. */
function notFoundPage({ target }: EmulatorRequest): EmulatorReply {
  const url = target.slice(0, 500).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  return {
    status: 404,
    headers: { 'content-type': 'text/html; charset=UTF-8', 'referrer-policy': 'no-referrer' },
    body: `<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 404 (Not Found)!!1</title>\n  <p><b>404.</b> <ins>That’s an error.</ins>\n  <p>The requested URL <code>${url}</code> was not found on this server.  <ins>That’s all we know.</ins>\n`,
  }
}

function readRequest(request: EmulatorRequest, { rpc, name }: Route): object {
  const { nameField, body } = rpc.http
  try {
    const message = body === undefined ? {} : readBody(request, rpc.request, body)
    for (const [key, value] of request.query) {
      if (!isSystemParameter(key)) setParameter(rpc.request, message, key, value)
    }
    const [first = '', second] = nameField.split('.')
    message[first] = second === undefined ? name : { ...(message[first] as Fields), [second]: name }
    return message
  } catch (error) {
    if (error instanceof MalformedJson) throw payloadError(error)
    throw error
  }
}

function payloadError({ path, complaint }: MalformedJson): GcpError {
  const isValue = complaint.startsWith('Invalid value')
  const description = isValue ? complaint : `Invalid JSON payload received. ${complaint}`
  return invalidArgument(description, [{ field: path, description }])
}

function readBody({ body: bytes }: EmulatorRequest, type: MessageType, body: string): Fields {
  const text = bytes.toString('utf8').trim()
  const document = text === '' ? {} : parse(text)
  if (body === '*') return fromJson(type, document)
  const field = type.fields[body] as Field
  return { [body]: readValue(field.type, document, body) }
}

/** The error tells nothing of the text, which may hold a secret. */
function parse(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof JsonError) {
      throw invalidArgument('Invalid JSON payload received. Unable to parse the request as JSON.')
    }
    throw error
  }
}

/** They speak of the answer, the caller or the quota, and to the front end. */
function isSystemParameter(key: string): boolean {
  return /^(\$.*|alt|fields|key|access_token|oauth_token|callback|prettyPrint|quotaUser|userIp|upload_?[pP]rotocol|uploadType)$/.test(
    key,
  )
}

/** `pageSize=5`, `options.requestedPolicyVersion=3`; a list is given once for each item. */
function setParameter(type: MessageType, message: Fields, key: string, text: string): void {
  let place = message
  let here: MessageType | undefined = type
  const segments = key.split('.')
  for (const [index, segment] of segments.entries()) {
    const name: string | undefined = here === undefined ? undefined : memberName(here, segment)
    const field: Field | undefined = name === undefined ? undefined : here?.fields[name]
    if (name === undefined || field === undefined || field.label === 'map') throw unbound(key)
    if (index < segments.length - 1) {
      here = isMessage(field.type) && field.label === 'single' ? field.type : undefined
      place[name] = { ...(place[name] as Fields) }
      place = place[name] as Fields
      continue
    }
    if (isMessage(field.type)) throw unbound(key)
    const value = readValue(field.type, text, key)
    place[name] = field.label === 'list' ? [...((place[name] as unknown[] | undefined) ?? []), value] : value
  }
}

function unbound(key: string): MalformedJson {
  return unknownName(
    '',
    key.slice(0, 100),
    `Cannot bind query parameter. Field '${key.slice(0, 100)}' could not be found in request message.`,
  )
}
