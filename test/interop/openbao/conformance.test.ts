import { type BackendOptions, conformanceSuite } from 'strongroom/testing'
import { vault } from 'strongroom/vault'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type FaultServer,
  type Passing,
  startFaultServer,
  type Trick,
} from '../../conformance/matrix/fault-server.js'
import { type OpenBao, rootToken, startOpenBao } from './openbao.js'

let bao: OpenBao
let server: FaultServer
let before = 0

beforeAll(async () => {
  bao = await startOpenBao()
  await bao.api('POST', '/sys/mounts/kv', { type: 'kv', options: { version: '2' } })
  await bao.api('POST', '/kv/config', { max_versions: 100 })
  server = await startFaultServer(bao.url)
})
afterAll(() => Promise.all([server.close(), bao.close()]))

const isWrite = ({ method }: Passing): boolean => method !== 'GET'

function play(trick: Trick, only?: (request: Passing) => boolean): void {
  before += server.requests()
  server.play(trick, only)
}

const refuse = (status: number, error: string) => () => {
  const headers = { 'content-type': 'application/json' }
  play({ kind: 'forge', answer: () => ({ status, headers, body: JSON.stringify({ errors: [error] }) }) })
}

/** OpenBao behind a server that can say no in its words, lose answers and be silent. */
function backend(): BackendOptions {
  return {
    provider: ({ prefix }) => vault({ address: server.url, mount: 'kv', token: rootToken, prefix }),
    requests: () => before + server.requests(),
    advance: () => {},
    faults: {
      denied: refuse(403, '1 error occurred:\n\t* permission denied\n\n'),
      unauthenticated: refuse(403, 'permission denied'),
      throttled: refuse(429, 'request path "kv/": rate limit quota exceeded'),
      unavailable: refuse(503, 'Vault is sealed'),
      'reply-lost': () => play({ kind: 'reply-lost' }, isWrite),
      hang: () => play({ kind: 'hang' }),
      // Every folder without secrets of its own is such a page.
      'empty-page': () => {},
    },
    mend: () => play({ kind: 'pass' }),
  }
}

describe('vault on OpenBao', () => {
  for (const { id, title, run } of conformanceSuite(backend)) {
    test(`${id}: ${title}`, async () => expect(await run()).not.toBe('skipped'))
  }
})
