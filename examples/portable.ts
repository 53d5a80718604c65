import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createStore,
  openStore,
  type Secret,
  SecretError,
  type SecretReader,
  type SecretStore,
} from 'strongroom'
import { startEmulators } from 'strongroom/emulators'
import { env } from 'strongroom/env'
import { file } from 'strongroom/file'
import type { Capabilities } from 'strongroom/provider'

/** What a step came to, and the fact of `capabilities` on which that may depend. */
interface Line {
  readonly text: string
  readonly fact?: keyof Capabilities
}

const digest = ({ value }: Secret): string => createHash('sha256').update(value).digest('hex').slice(0, 8)

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: unknown) => {
      if (!SecretError.is(error)) throw error
      return error.code
    },
  )

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let found = 0
  for await (const _ of items) found += 1
  return found
}

// #region read
async function reading(store: SecretReader): Promise<Line[]> {
  const [stripe, missing] = await Promise.all([store.get('stripe'), store.find('missing')])
  const many = await store.getMany(['stripe', 'db', 'missing'])
  const settled = [...many.values()].map(({ status }) => status)
  return [
    { text: `a value: ${digest(stripe)}, ${stripe.kind}` },
    { text: `a field of an object: ${digest(await store.get('db', { field: 'password' }))}` },
    { text: `missing: ${await codeOf(store.get('missing'))}, ${missing}` },
    { text: `three at once: ${settled.join(', ')}` },
    { text: `names: ${await count(store.list())}` },
    { text: `versions: ${await count(store.versions('stripe'))}` },
    { text: `state: ${(await store.describe('stripe')).state}` },
  ]
}
// #endregion

// #region write
async function writing(store: SecretStore): Promise<Line[]> {
  const lines: Line[] = []
  const say = (text: string, fact?: keyof Capabilities): void => {
    lines.push(fact === undefined ? { text } : { text, fact })
  }
  const name = 'team/api-key'
  const { version: first } = await store.put(name, 'one', { tags: { team: 'payments' } })
  const { version: second } = await store.put(name, 'two', { ifVersion: first })
  say(`changed: ${digest(await store.get(name))}`)
  say(`before: ${digest(await store.get(name, { stage: 'previous' }))}`)
  say(`a writer that is late: ${await codeOf(store.put(name, 'three', { ifVersion: first }))}`)
  say(`a second creation: ${await codeOf(store.put(name, 'three', { ifAbsent: true }))}`)
  say(`tags: ${JSON.stringify((await store.describe(name)).tags)}`)

  await store.rollback(name, { ifCurrent: second })
  say(`rolled back: ${digest(await store.get(name))}`)
  say(`versions: ${await count(store.versions(name))}`, 'pending')

  const disabled = await codeOf(store.setVersionState(name, second, 'disabled'))
  say(`an old version off: ${disabled}`, 'versionDisable')
  say(`read by its id: ${await codeOf(store.get(name, { version: second }))}`, 'versionDisable')

  say(`deleted: ${await codeOf(store.delete(name))}`, 'deleteRecoverable')
  say(`read: ${await codeOf(store.get(name))}`, 'deleteRecoverable')
  say(`restored: ${await codeOf(store.restore(name))}`, 'deleteRecoverable')
  say(`read: ${digest(await store.get(name))}`)
  say(`purged: ${await codeOf(store.delete(name, { purge: true }))}`)
  say(`read: ${await codeOf(store.get(name))}`)
  return lines
}
// #endregion

interface Result {
  readonly name: string
  readonly store: SecretReader
  readonly lines: readonly Line[]
}

/** Prints each line once, or once for every value of the fact that it depends on; fails when stores differ otherwise. */
function show(results: readonly Result[]): void {
  const [model] = results
  for (const [index, { fact }] of (model?.lines ?? []).entries()) {
    const factOf = ({ store }: Result): unknown => fact && store.capabilities[fact]
    for (const value of new Set(results.map(factOf))) {
      const members = results.filter((result) => factOf(result) === value)
      const texts = new Set(members.map(({ lines }) => lines[index]?.text))
      assert.equal(texts.size, 1)
      const who = `  (${fact} ${value}: ${members.map(({ name }) => name).join(', ')})`
      console.log(`${[...texts].join()}${fact === undefined ? '' : who}`)
    }
  }
}

const seed = { stripe: 'sk_test_1', db: { user: 'app', password: 'pw-1' } }
const folder = mkdtempSync(join(tmpdir(), 'strongroom-portable-'))
const cloud = await startEmulators({ seed, azure: { deleteDelayMs: 0, recoverDelayMs: 0, purgeDelayMs: 0 } })
const sealed = { path: join(folder, 'secrets.age'), passphrase: 'a', workFactor: 10, stateFolder: folder }
const variables = { APP_stripe: seed.stripe, APP_db: JSON.stringify(seed.db) }
const local = {
  memory: await openStore('memory:'),
  file: createStore({ provider: file(sealed) }),
}
const writable: Readonly<Record<string, SecretStore>> = {
  aws: await openStore(cloud.aws.storeUrl),
  azure: await openStore(cloud.azure.storeUrl),
  gcp: await openStore(cloud.gcp.storeUrl),
  vault: await openStore(cloud.vault.storeUrl),
  ...local,
}
const readable = { ...writable, env: createStore({ provider: env({ prefix: 'APP_', variables }) }) }
for (const store of Object.values(local)) {
  for (const [name, value] of Object.entries(seed)) await store.put(name, value)
}

const results = <S extends SecretReader>(
  stores: Readonly<Record<string, S>>,
  program: (store: S) => Promise<Line[]>,
): Promise<Result[]> =>
  Promise.all(
    Object.entries(stores).map(async ([name, store]) => ({ name, store, lines: await program(store) })),
  )
console.log(`${Object.keys(readable).length} stores are read`)
show(await results(readable, reading))
console.log(`${Object.keys(writable).length} stores are written`)
show(await results(writable, writing))

for (const store of Object.values(readable)) await store.close()
await cloud.close()
rmSync(folder, { recursive: true })
