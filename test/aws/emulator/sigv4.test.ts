import { ListSecretsCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientFor, type Harness, startHarness } from './harness.js'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/key+1' }
const minute = 60_000
let wallClock = Date.now
let h: Harness
beforeEach(async () => {
  wallClock = Date.now
  h = await startHarness({ credentials, wallClock: () => wallClock() })
})
afterEach(() => h.close())

const list = async (client: SecretsManagerClient) => {
  try {
    return (await client.send(new ListSecretsCommand({}))).$metadata.httpStatusCode
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata: { httpStatusCode?: number } }
    return [$metadata.httpStatusCode, name, message]
  } finally {
    client.destroy()
  }
}
const mismatch = [
  400,
  'InvalidSignatureException',
  expect.stringContaining('The request signature we calculated does not match the signature you provided.'),
]
const unknown = [400, 'UnrecognizedClientException', 'The security token included in the request is invalid.']

describe('with a key', () => {
  test('the SDK signs and is let in, whatever the region', async () => {
    expect(h.emulator.env).toMatchObject({
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret/key+1',
    })
    expect(await list(clientFor(h.emulator.url, credentials))).toBe(200)
    expect(await list(clientFor(h.emulator.url, credentials, 'ap-southeast-2'))).toBe(200)
  })

  test('another secret, key or session token is not', async () => {
    expect(await list(clientFor(h.emulator.url, { ...credentials, secretAccessKey: 'wrong' }))).toEqual(
      mismatch,
    )
    expect(await list(clientFor(h.emulator.url, { ...credentials, accessKeyId: 'AKOTHER' }))).toEqual(unknown)
    expect(await list(clientFor(h.emulator.url, { ...credentials, sessionToken: 'stray' }))).toEqual(unknown)
  })

  test('a request that changes after signing is not', async () => {
    const tampering = clientFor(h.emulator.url, credentials)
    tampering.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: string; headers: Record<string, string> }
        request.body = '{"MaxResults":1}'
        request.headers['content-length'] = String(request.body.length)
        return next(args)
      },
      { step: 'deserialize', priority: 'low' },
    )
    expect(await list(tampering)).toEqual(mismatch)
  })

  test('none at all is a missing token, and half of one incomplete', async () => {
    expect(await h.refused('ListSecrets')).toEqual([
      403,
      'MissingAuthenticationToken',
      'Request is missing Authentication Token',
    ])
    for (const authorization of [
      'Bearer x',
      'AWS4-HMAC-SHA256 Credential=a/b',
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/r/secretsmanager/aws4_request, SignedHeaders=host',
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/r/s3/aws4_request, SignedHeaders=host, Signature=00',
    ]) {
      const answer = await h.refused('ListSecrets', {}, { authorization, 'x-amz-date': '20260101T000000Z' })
      expect(answer.slice(0, 2)).toEqual([400, 'IncompleteSignature'])
    }
  })

  test('the target is known before the signature is looked at', async () => {
    expect((await h.refused('Nonsense'))[1]).toBe('UnknownOperationException')
  })

  test.each([
    [
      'late',
      5.1 * minute,
      /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
    ],
    [
      'early',
      -5.1 * minute,
      /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
    ],
  ])('a signature that is too %s is refused', async (_title, offset, text) => {
    wallClock = () => Date.now() + offset
    const client = clientFor(h.emulator.url, credentials)
    expect(await list(client)).toEqual([400, 'InvalidSignatureException', expect.stringMatching(text)])
  })

  test('the clock of the emulator is not the clock of signatures', async () => {
    h.clock.advance(365 * 24 * 60 * minute)
    expect(await list(clientFor(h.emulator.url, credentials))).toBe(200)
  })
})

test('a session token that is asked for has to come', async () => {
  await h.close()
  const session = { ...credentials, sessionToken: 'session' }
  h = await startHarness({ credentials: session })
  expect(h.emulator.env).toMatchObject({ AWS_SESSION_TOKEN: 'session' })
  expect(await list(clientFor(h.emulator.url, session))).toBe(200)
  expect(await list(clientFor(h.emulator.url, credentials))).toEqual(unknown)
})

test('without a key anything goes', async () => {
  await h.close()
  h = await startHarness()
  expect(await list(clientFor(h.emulator.url, { accessKeyId: 'any', secretAccessKey: 'thing' }))).toBe(200)
  expect((await h.raw('ListSecrets')).status).toBe(200)
})
