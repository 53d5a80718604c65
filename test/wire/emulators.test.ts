import { awsEmulator } from 'strongroom/aws/emulator'
import { azureEmulator } from 'strongroom/azure/emulator'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import { createClock, type Emulator, parseJson } from 'strongroom/testing'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type Cloud,
  clouds,
  differences,
  filled,
  sampleUuid,
  type WireRequest,
  witnesses,
} from './exchange.js'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

const start = Date.UTC(2026, 0, 1)
let emulator: Emulator
afterEach(() => emulator.close())

async function open(cloud: Cloud): Promise<Emulator> {
  const clock = createClock({ start, frozen: true })
  if (cloud === 'gcp') return gcpEmulator({ clock, projectNumbers: { 'my-project': '123456789012' } })
  let versions = 0
  const randomBytes = (size: number): Uint8Array => {
    versions += 1
    return Buffer.alloc(size).fill(versions, size - 1)
  }
  return cloud === 'aws'
    ? awsEmulator({ clock, region: 'eu-west-1', randomInt: () => 0 })
    : azureEmulator({ clock, randomBytes, facts: { notFoundText: 'short' } })
}

function send(cloud: Cloud, request: WireRequest, anonymous = false): Promise<Answer> {
  if (cloud === 'gcp') return sendToGoogle(request)
  return cloud === 'aws' ? sendToAws(request) : sendToAzure(request, anonymous)
}

async function sendToAws({ operation, body }: WireRequest): Promise<Answer> {
  const scope = 'x/20260101/eu-west-1/secretsmanager/aws4_request'
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `secretsmanager.${operation}`,
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
  }
  return answerOf(await fetch(emulator.url, { method: 'POST', headers, body: JSON.stringify(body) }))
}

async function sendToAzure({ method = 'GET', path, body }: WireRequest, anonymous: boolean): Promise<Answer> {
  const url = `${emulator.httpUrl}${path}?api-version=2025-07-01`
  const headers = {
    'content-type': 'application/json',
    ...(anonymous ? {} : { authorization: 'Bearer wire' }),
  }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  return answerOf(await fetch(url, { method, headers, ...sent }))
}

async function sendToGoogle({ method = 'GET', path, body }: WireRequest): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  return answerOf(await fetch(`${emulator.restUrl}${path}`, { method, headers, ...sent }))
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : parseJson(text),
  }
}

/** By which a support case names a request. */
const idHeaders: { readonly [C in Cloud]?: string } = { aws: 'x-amzn-requestid', azure: 'x-ms-request-id' }

describe.each(clouds)('the emulator of %s answers as the service was seen to', (cloud) => {
  it.each(witnesses(cloud))('$file: $title', async ({ before, exchanges }) => {
    emulator = await open(cloud)
    const bound = new Map([
      ['uuid:new', sampleUuid],
      ['vault', emulator.httpUrl ?? emulator.url],
    ])
    for (const request of before) {
      emulator.clock.advance(request.after ?? 0)
      expect((await send(cloud, request)).status).toBe(200)
    }
    for (const { request, response, after = 0, anonymous } of exchanges) {
      emulator.clock.advance(after)
      const answer = await send(cloud, { ...request, body: filled(request.body, bound) }, anonymous)
      expect(answer.status).toBe(response.status)
      expect(differences(response.body, answer.body, bound)).toEqual([])
      const id = idHeaders[cloud]
      if (id !== undefined) expect(answer.headers.get(id)).toMatch(/^[\w-]{20,}$/)
    }
  })
})
