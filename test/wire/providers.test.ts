import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createStore, Secret, SecretError, type SecretStore } from 'strongroom'
import { aws } from 'strongroom/aws'
import { azure } from 'strongroom/azure'
import { gcp } from 'strongroom/gcp'
import type { SecretProvider } from 'strongroom/provider'
import { parseJson } from 'strongroom/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type Bindings,
  type Cloud,
  clouds,
  differences,
  type Exchange,
  filled,
  type WireRequest,
  type Witness,
  witnesses,
} from './exchange.js'

const challenge =
  'Bearer authorization="https://login.windows.net/00000000-0000-0000-0000-000000000000", resource="https://vault.azure.net"'

interface Stub {
  readonly url: string
  /** What was sent and is not what was recorded. */
  readonly faults: string[]
  readonly left: readonly Exchange[]
}

/** Answers with what was recorded, in its order, and compares what is sent. */
async function stub(cloud: Cloud, exchanges: readonly Exchange[], bound: Bindings): Promise<Stub> {
  const faults: string[] = []
  const left = [...exchanges]
  const server = createServer((message, response) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      if (cloud === 'azure' && message.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': challenge }).end()
        return
      }
      const text = Buffer.concat(chunks).toString('utf8')
      const url = new URL(message.url ?? '/', 'http://stub')
      const target = message.headers['x-amz-target']
      const sent: WireRequest = {
        ...(target === undefined
          ? { method: message.method ?? '', path: url.pathname }
          : { operation: String(target).replace('secretsmanager.', '') }),
        ...(text === '' ? {} : { body: parseJson(text) }),
      }
      const next = left.shift()
      if (next === undefined) faults.push(`one request too many: ${JSON.stringify(sent)}`)
      else faults.push(...differences(next.request, sent, bound))
      const { status, body } = next?.response ?? { status: 500, body: {} }
      const headers = { 'content-type': 'application/json', 'x-amzn-requestid': 'r-1' }
      response.writeHead(status, headers)
      response.end(body === null ? '' : JSON.stringify(filled(body, bound)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, faults, left }
}

const providers: { readonly [C in Cloud]: (endpoint: string) => SecretProvider } = {
  aws: (endpoint) => aws({ region: 'eu-west-1', endpoint }),
  azure: (endpoint) => azure({ endpoint }),
  gcp: (endpoint) => gcp({ project: 'my-project', endpoint }),
}

function storeOn(cloud: Cloud, url: string): SecretStore {
  const provider = providers[cloud](url)
  const after = (_: number, run: () => void): (() => void) => {
    const turn = setImmediate(run)
    return () => clearImmediate(turn)
  }
  return createStore({ provider, layers: [], now: () => Date.UTC(2026, 0, 1), after })
}

/** An answer as JSON shows it, with its value where it has one. */
async function answerOf(
  store: SecretStore,
  { method, args }: NonNullable<Witness['call']>,
): Promise<unknown> {
  const methods = store as unknown as Record<string, (...args: readonly unknown[]) => unknown>
  const result = await methods[method]?.(...args)
  if (isIterable(result)) {
    const items: unknown[] = []
    for await (const item of result) items.push(item)
    return parseJson(JSON.stringify(items))
  }
  const shown = parseJson(JSON.stringify(result ?? null)) as object | null
  if (!Secret.isSecret(result)) return shown
  const { kind } = result
  return {
    ...shown,
    value: kind === 'binary' ? Buffer.from(result.bytes()).toString('base64') : result.text(),
  }
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

describe.each(clouds)('the provider of %s sends what the service takes', (cloud) => {
  it.each(witnesses(cloud).filter(({ call }) => call !== undefined))('$file: $title', async (witness) => {
    const bound: Bindings = new Map()
    const { url, faults, left } = await stub(cloud, witness.exchanges, bound)
    bound.set('vault', url)
    const store = storeOn(cloud, url)
    const call = witness.call ?? { method: '', args: [] }
    const [settled] = await Promise.allSettled([answerOf(store, call)])
    expect(faults).toEqual([])
    expect(left).toEqual([])
    if (settled.status === 'rejected') {
      expect(SecretError.is(settled.reason) ? settled.reason.code : settled.reason).toBe(witness.error)
    } else {
      expect(witness.error).toBeUndefined()
      expect(differences(witness.answer ?? null, settled.value, bound, '$', false)).toEqual([])
    }
    await store.close()
  })
})

describe('the witnesses', () => {
  it('say where each answer is known from', () => {
    const all = clouds.flatMap(witnesses)
    expect(all.length).toBeGreaterThan(25)
    expect(all.filter(({ provenance }) => provenance.length < 20)).toEqual([])
  })
})
