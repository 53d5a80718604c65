import { createStore } from 'strongroom'
import { azure } from 'strongroom/azure'
import { SecretValue } from 'strongroom/provider'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, errorOf, foreignHand, openBench } from './kit.js'
import { bundle, openStub } from './stub.js'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.close())

async function kept(): Promise<{ value: string | undefined; contentType: string | undefined }> {
  const { value, properties } = await foreignHand(bench.emulator).getSecret('a')
  return { value, contentType: properties.contentType }
}

describe('what others see in the vault', () => {
  it.each([
    ['text', 'hunter2', 'hunter2', undefined],
    ['text that is a document', '{"a":1}', '{"a":1}', undefined],
    ['JSON', { a: 1 }, '{"a":1}', 'application/json'],
    ['JSON text', SecretValue.jsonText(' [1.0] '), ' [1.0] ', 'application/json'],
    ['bytes', Uint8Array.of(0, 255), 'AP8=', 'application/octet-stream;encoding=base64'],
    ['no bytes', new Uint8Array(), '', 'application/octet-stream;encoding=base64'],
    ['no text', '', '', undefined],
  ] as const)('%s', async (_, put, value, contentType) => {
    await bench.store.put('a', put)
    expect(await kept()).toEqual({ value, contentType })
  })
})

describe('what others have put', () => {
  it.each([
    [undefined, '{"a":1}', 'text'],
    ['text/plain', 'x', 'text'],
    ['application/x-pkcs12', 'AP8=', 'text'],
    ['application/octet-stream', 'AP8=', 'text'],
    ['application/json', '{"a":1}', 'json'],
    ['Application/JSON; charset=utf-8', '{"a":1}', 'json'],
    ['application/vnd.house+json', '{"a":1}', 'json'],
    ['application/octet-stream; encoding=base64', 'AP8=', 'binary'],
  ] as const)('under %s reads as it is: %s is %s', async (contentType, value, kind) => {
    await foreignHand(bench.emulator).setSecret('a', value, contentType === undefined ? {} : { contentType })
    expect((await bench.store.get('a')).kind).toBe(kind)
  })

  it('under a promise of base64 and is something else is INVALID_VALUE, without the value', async () => {
    const contentType = 'application/octet-stream;encoding=base64'
    await foreignHand(bench.emulator).setSecret('a', 'hunter2-hunter2!', { contentType })
    const error = await errorOf(bench.store.get('a'))
    expect(error.code).toBe('INVALID_VALUE')
    expect(error.message).not.toContain('hunter2')
  })

  it.each([
    ['text/x-token', 'x', 'text/x-token'],
    ['application/vnd.house+json', 'x', undefined],
    ['application/vnd.house+json', { a: 1 }, 'application/vnd.house+json'],
    ['text/x-token', { a: 1 }, 'application/json'],
    ['text/x-token', Uint8Array.of(1), 'application/octet-stream;encoding=base64'],
    ['application/octet-stream; encoding=base64', 'x', undefined],
  ] as const)(
    'under %s keeps the content type of a plain put as long as it reads as its kind: %j',
    async (had, put, has) => {
      await foreignHand(bench.emulator).setSecret('a', had.includes('base64') ? 'AA==' : '{}', {
        contentType: had,
      })
      await bench.store.put('a', put)
      expect((await kept()).contentType).toBe(has)
      expect((await bench.store.get('a')).kind).toBe(SecretValue.from(put).kind)
    },
  )
})

describe('the secret of a certificate', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n'
  it.each([
    ['application/x-pkcs12', 'MIIKag=='],
    ['application/x-pem-file', pem],
  ])('under %s is read as text, and never written over', async (contentType, value) => {
    const certificate = { managed: true, kid: 'https://v.vault.azure.net/keys/a/0', contentType }
    const stub = await openStub(() => ({ status: 200, body: bundle(value, certificate) }))
    const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    expect(await store.get('a')).toMatchObject({ kind: 'text', value })
    const before = stub.requests.length
    const error = await errorOf(store.put('a', 'x'))
    expect(error).toMatchObject({ code: 'INVALID_NAME', outcomeUnknown: false })
    expect(error.message).toContain('import the certificate anew')
    expect(stub.requests.slice(before).map(({ method }) => method)).toEqual(['GET'])
    await stub.close()
  })

  it('is refused every change, by us or by the service, with one code', async () => {
    await bench.store.put('a', 'MIIKag==')
    const { version } = await bench.store.get('a')
    const { state } = bench.emulator
    const dump = structuredClone(state.dump())
    for (const [, document] of dump.collections['versions'] ?? []) Object.assign(document, { kid: 'k' })
    state.load(dump)
    expect((await bench.store.get('a')).value).toBe('MIIKag==')
    for (const call of [
      () => bench.store.put('a', 'x'),
      () => bench.store.tag('a', { set: { team: 'red' } }),
      () => bench.store.setVersionState('a', version, 'disabled'),
      () => bench.store.delete('a'),
      () => bench.store.delete('a', { purge: true }),
    ]) {
      expect(await errorOf(call())).toMatchObject({ code: 'INVALID_NAME', outcomeUnknown: false })
    }
  })

  it('that somebody imported by hand is a secret like others: its type and tags outlive a put', async () => {
    const contentType = 'application/x-pkcs12'
    const foreign = foreignHand(bench.emulator)
    await foreign.setSecret('a', 'MIIKag==', { contentType, tags: { team: 'red' } })
    await bench.store.put('a', 'MIIKaw==')
    expect(await kept()).toEqual({ value: 'MIIKaw==', contentType })
    expect((await bench.store.get('a')).tags).toEqual({ team: 'red' })
  })
})

describe('an empty or absent content type', () => {
  it.each(['', null, undefined])('%j is none', async (contentType) => {
    const stub = await openStub(() => ({ status: 200, body: bundle('x', { contentType, tags: null }) }))
    const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    expect(await store.get('a')).toMatchObject({ kind: 'text', tags: {} })
    await store.put('a', 'y')
    expect(JSON.parse(stub.requests.at(-1)?.body ?? '')).not.toHaveProperty('contentType')
    await stub.close()
  })
})
