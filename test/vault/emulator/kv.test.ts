import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, patch, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const put = (path: string, data: object, options = {}) =>
  h.raw('POST', `secret/data/${path}`, { data, options })
const get = async (path: string) => (await h.raw('GET', `secret/data/${path}`)).body

describe('versions on the clock', () => {
  test('a version that deletes itself is readable until then, and its metadata stays', async () => {
    await h.raw('POST', 'secret/metadata/a', { delete_version_after: '10m' })
    await put('a', { v: 1 })
    h.advance(599_999)
    expect((await get('a')).data.data).toEqual({ v: 1 })
    h.advance(1)
    const gone = await h.raw('GET', 'secret/data/a')
    expect([gone.status, gone.body.data.data, gone.body.data.metadata.version]).toEqual([404, null, 1])
    expect(gone.body.errors).toBeUndefined()
  })

  test('the shorter of what mount and key say counts, and an undeleted version starts anew', async () => {
    await h.raw('POST', 'secret/config', { delete_version_after: '5m' })
    await h.raw('POST', 'secret/metadata/a', { delete_version_after: '10m' })
    await put('a', { v: 1 })
    h.advance(300_000)
    expect((await h.raw('GET', 'secret/data/a')).status).toBe(404)
    await h.raw('POST', 'secret/undelete/a', { versions: [1] })
    h.advance(299_999)
    expect((await get('a')).data.data).toEqual({ v: 1 })
    h.advance(1)
    expect((await h.raw('GET', 'secret/data/a')).status).toBe(404)
  })

  test('a mount that never deletes overrules the key', async () => {
    await h.raw('POST', 'secret/config', { delete_version_after: '-1s' })
    await h.raw('POST', 'secret/metadata/a', { delete_version_after: '1s' })
    await put('a', { v: 1 })
    h.advance(86_400_000)
    expect((await get('a')).data.data).toEqual({ v: 1 })
  })
})

describe('pruning', () => {
  test('ten versions are kept, and numbers never come again', async () => {
    for (let v = 1; v <= 12; v += 1) await put('a', { v })
    const { data } = (await h.raw('GET', 'secret/metadata/a')).body
    expect([data.current_version, data.oldest_version, Object.keys(data.versions).length]).toEqual([
      12, 3, 10,
    ])
    expect(await h.refusal('GET', 'secret/data/a?version=2')).toEqual([404])
    expect((await get('a?version=3')).data.data).toEqual({ v: 3 })
  })

  test('a lowered bound takes effect at the next write, several at once', async () => {
    for (let v = 1; v <= 5; v += 1) await put('a', { v })
    await h.raw('POST', 'secret/metadata/a', { max_versions: 2 })
    expect((await get('a?version=1')).data.data).toEqual({ v: 1 })
    await put('a', { v: 6 })
    const { data } = (await h.raw('GET', 'secret/metadata/a')).body
    expect(Object.keys(data.versions)).toEqual(['5', '6'])
  })
})

describe('check-and-set', () => {
  test('of thirty at once, one wins', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, (_, i) => put('race', { i }, { cas: 0 })))
    expect(all.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, ...Array(29).fill(400)])
  })

  test('compares with the current number also when that version is deleted or destroyed', async () => {
    await put('a', { v: 1 })
    await h.raw('DELETE', 'secret/data/a')
    expect((await put('a', { v: 2 }, { cas: 0 })).status).toBe(400)
    expect((await put('a', { v: 2 }, { cas: 1 })).status).toBe(200)
    await h.raw('PUT', 'secret/destroy/a', { versions: [2] })
    expect((await put('a', { v: 3 }, { cas: 2 })).status).toBe(200)
    await h.raw('DELETE', 'secret/metadata/a')
    expect((await put('a', { v: 1 }, { cas: 0 })).body.data.version).toBe(1)
  })
})

test('a destroyed value is nowhere in the state', async () => {
  await put('a', { v: 'needle-in-the-state' })
  await h.raw('PUT', 'secret/destroy/a', { versions: [1] })
  expect(JSON.stringify(h.emulator.state.dump())).not.toContain('needle-in-the-state')
})

test('an unmounted engine forgets its secrets, and a new one begins empty', async () => {
  await h.raw('POST', 'sys/mounts/team', { type: 'kv-v2' })
  await h.raw('POST', 'team/data/a', { data: { v: 'needle-in-the-state' } })
  await h.raw('DELETE', 'sys/mounts/team')
  expect(JSON.stringify(h.emulator.state.dump())).not.toContain('needle-in-the-state')
  await h.raw('POST', 'sys/mounts/team', { type: 'kv-v2' })
  expect((await h.raw('GET', 'team/data/a')).status).toBe(404)
})

test('a patch goes deep, and a null in a list stays', async () => {
  await put('a', { keep: 1, drop: 2, deep: { x: 1, y: 2 }, list: [1] })
  await h.raw(
    'PATCH',
    'secret/data/a',
    { data: { drop: null, deep: { y: null, z: 3 }, list: [null] } },
    patch,
  )
  expect((await get('a')).data.data).toEqual({ keep: 1, deep: { x: 1, z: 3 }, list: [null] })
})

test('names that are all but dots, spaces or marks are names', async () => {
  for (const name of ['...', '%20', 'a%3Fb%23c', '%25', 'é', '+', 'a%2Fb']) {
    expect((await put(name, { name })).status, name).toBe(200)
    expect((await get(name)).data.data, name).toEqual({ name })
  }
  expect((await h.raw('LIST', 'secret/metadata/')).body.data.keys).toContain('a/')
})

test('version 1 keeps the map itself, and has no versions', async () => {
  await h.raw('POST', 'sys/mounts/old', { type: 'kv' })
  await h.raw('PUT', 'old/a', { v: 1 })
  await h.raw('PUT', 'old/a', { w: 2 })
  expect((await h.raw('GET', 'old/a')).body.data).toEqual({ w: 2 })
  expect((await h.raw('SCAN', 'old/')).body.data.keys).toEqual(['a'])
})

test('a cubbyhole is of one token, and ends with it', async () => {
  const [one, other] = [await h.token({}), await h.token({})]
  await h.raw('POST', 'cubbyhole/a', { v: 'needle-in-the-state' }, { token: one })
  expect((await h.raw('GET', 'cubbyhole/a', undefined, { token: one })).body.data).toEqual({
    v: 'needle-in-the-state',
  })
  expect((await h.raw('GET', 'cubbyhole/a', undefined, { token: other })).status).toBe(404)
  await h.raw('POST', 'auth/token/revoke', { token: one })
  expect(JSON.stringify(h.emulator.state.dump())).not.toContain('needle-in-the-state')
})
