import { text } from 'node:stream/consumers'
import { createStore, SecretError } from 'strongroom'
import { gcp } from 'strongroom/gcp'
import { readyMade } from './kit.js'

/** A program of its own: what it prints, and whether it lives on, is what the tests look at. */
export interface Job {
  readonly run: 'value' | 'late-switch' | 'ready-made' | 'no-credentials' | 'tls'
  readonly transport: 'grpc' | 'rest'
  readonly url: string
  readonly restUrl: string
  /** From standard input: arguments can be seen by everybody. */
  readonly value: string
}

const logging = 'GOOGLE_SDK_NODE_LOGGING'

const jobs: { readonly [R in Job['run']]: (job: Job) => Promise<void> } = {
  async value(job) {
    await putAndGet(job, gcp({ project: 'my-project', endpoint: endpointOf(job) }))
  },
  async 'late-switch'(job) {
    const provider = gcp({ project: 'my-project', endpoint: endpointOf(job) })
    process.env[logging] = '*'
    await putAndGet(job, provider)
  },
  async 'ready-made'(job) {
    process.env[logging] = '*'
    const client = readyMade({ url: job.url, restUrl: job.restUrl }, job.transport)
    await client.createSecret({
      parent: 'projects/my-project',
      secretId: `loud-${job.transport}`,
      secret: { replication: { automatic: {} } },
    })
    delete process.env[logging]
    await putAndGet(job, gcp({ project: 'my-project', client }))
    await client.close()
  },
  async 'no-credentials'({ transport }) {
    const store = createStore({ provider: gcp({ project: 'my-project', transport }), layers: [] })
    for (const call of [() => store.get('db'), () => store.put('db', 'x')]) print(await codeOf(call()))
    await store.close()
  },
  async tls({ url, transport }) {
    for (const getRequestHeaders of credentials) {
      const provider = gcp({
        project: 'my-project',
        endpoint: url,
        transport,
        credential: { getRequestHeaders },
      })
      const store = createStore({ provider, layers: [] })
      print(await codeOf(store.get('db')))
      await store.close()
    }
  },
}

/** Each gives a token, or does not, in a way of its own. */
const credentials: readonly (() => Promise<Headers>)[] = [
  async () => new Headers({ authorization: 'Bearer a-token' }),
  () => Promise.reject(new Error('invalid_grant')),
  () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })),
  () => Promise.reject(Object.assign(new Error('slow down'), { status: 429 })),
]

async function putAndGet(job: Job, provider: ReturnType<typeof gcp>): Promise<void> {
  const store = createStore({ provider, layers: [] })
  const name = `${job.run}-${job.transport}`
  print(await codeOf(store.put(name, job.value)))
  print(await codeOf(store.get(name).then((found) => print(String(found.value === job.value)))))
  await store.close()
}

function endpointOf({ transport, url, restUrl }: Job): string {
  return transport === 'grpc' ? url : restUrl
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const [settled] = await Promise.allSettled([call])
  if (settled.status === 'fulfilled') return 'done'
  return SecretError.is(settled.reason) ? settled.reason.code : 'no SecretError'
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

const [run = 'value', transport = 'grpc', url = '', restUrl = ''] = process.argv.slice(2)
const job = { run, transport, url, restUrl, value: await text(process.stdin) } as Job
await jobs[job.run](job)
