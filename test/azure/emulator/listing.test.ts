import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness({ deleteDelayMs: 0 })
})
afterEach(() => h.close())

const page = async (path: string, query = '') => (await h.raw('GET', path, undefined, { query })).body
const idsOf = (body: { value: { id: string }[] }) => body.value.map(({ id }) => id.split('/').at(-1))
const follow = async (link: string) => {
  const answer = await fetch(link, { headers: { authorization: 'Bearer any' } })
  return (await answer.json()) as { value: { id: string }[]; nextLink: string | null }
}

describe('list', () => {
  test('names each secret once, without version or value, disabled ones included', async () => {
    await h.set('b', 'v', { tags: { k: 'v' }, contentType: 't' })
    await h.set('b', 'w', { attributes: { enabled: false } })
    await h.set('A')
    const body = await page('/secrets')
    expect(idsOf(body)).toEqual(['A', 'b'])
    expect(body.nextLink).toBeNull()
    expect(body.value[1]).toEqual({
      id: `${h.emulator.httpUrl}/secrets/b`,
      attributes: expect.objectContaining({ enabled: false, recoverableDays: 90 }),
    })
    expect(JSON.stringify(body)).not.toContain('"value":"')
  })

  test('of an empty vault is empty', async () => {
    expect(await page('/secrets')).toEqual({ value: [], nextLink: null })
    expect(await page('/deletedsecrets')).toEqual({ value: [], nextLink: null })
  })

  test('has 25 on a page, and the next link keeps host, port, version and size', async () => {
    for (let index = 0; index < 26; index += 1) await h.set(`s${index}`)
    const first = await page('/secrets')
    expect(first.value).toHaveLength(25)
    const { port } = new URL(h.emulator.httpUrl ?? '')
    expect(first.nextLink).toMatch(
      new RegExp(`^http://127\\.0\\.0\\.1:${port}/secrets\\?api-version=2026-04-01&\\$skiptoken=[\\w-]+$`),
    )
    const second = await follow(first.nextLink)
    expect([second.value.length, second.nextLink]).toEqual([1, null])
    expect((await page('/secrets', '&maxresults=7')).nextLink).toMatch(/&maxresults=7$/)
  })

  test('a link on a host without a port names the port', async () => {
    await h.set('a')
    await h.set('b')
    const headers = { host: 'vault.example' }
    const { port } = new URL(h.emulator.httpUrl ?? '')
    const { request } = await import('node:http')
    const body = await new Promise<string>((resolve) => {
      const path = '/secrets?api-version=7.6&maxresults=1'
      const options = { port, path, headers: { ...headers, authorization: 'Bearer any' } }
      request(options, (answer) => {
        let text = ''
        answer.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text))
      }).end()
    })
    expect(body).toContain('"nextLink":"http://vault.example:80/secrets?')
    expect(body).toContain('"id":"http://vault.example/secrets/a"')
  })

  test('the token has the shape of the real ones', async () => {
    await h.set('a')
    await h.set('b')
    const { nextLink } = await page('/secrets', '&maxresults=1')
    const token = Buffer.from(new URL(nextLink).searchParams.get('$skiptoken') ?? '', 'base64url').toString()
    expect(token).toMatch(/^{"NextMarker":"2!\d+![A-Za-z0-9+/=]+","TargetLocation":0}$/)
  })

  test.each(['0', '26', '-1', 'x', '1.5'])('maxresults=%s is refused', async (size) => {
    expect(
      (await h.refusal('GET', '/secrets', undefined, { query: `&maxresults=${size}` })).slice(0, 2),
    ).toEqual([400, 'BadParameter'])
  })

  test.each(['x', Buffer.from('{}').toString('base64url'), Buffer.from('[1]').toString('base64url')])(
    'the token %s is refused',
    async (token) => {
      expect(
        (await h.refusal('GET', '/secrets', undefined, { query: `&$skiptoken=${token}` })).slice(0, 2),
      ).toEqual([400, 'BadParameter'])
    },
  )

  test('what comes and goes between two pages repeats and hides nothing else', async () => {
    for (const name of ['b', 'd', 'f', 'h']) await h.set(name)
    const first = await page('/secrets', '&maxresults=2')
    await h.raw('DELETE', '/secrets/f')
    await h.set('a')
    await h.set('g')
    const rest = await follow(first.nextLink)
    expect([idsOf(first), idsOf(rest)]).toEqual([
      ['b', 'd'],
      ['g', 'h'],
    ])
  })

  test('deleted secrets come in pages too', async () => {
    for (const name of ['a', 'b', 'c']) {
      await h.set(name)
      await h.raw('DELETE', `/secrets/${name}`)
    }
    const first = await page('/deletedsecrets', '&maxresults=2')
    expect(idsOf(first)).toEqual(['a', 'b'])
    expect(first.value[0]).toHaveProperty('recoveryId')
    expect(idsOf(await follow(first.nextLink))).toEqual(['c'])
  })
})

describe('versions', () => {
  test('are listed by id, which says nothing of time', async () => {
    await h.close()
    const ids = [0xee, 0x11, 0x77]
    const random = () => new Uint8Array(16).fill(ids.shift() ?? 0)
    h = await startHarness({ randomBytes: random })
    for (const value of ['first', 'second', 'third']) await h.set('a', value)
    const body = await page('/secrets/a/versions')
    expect(idsOf(body)).toEqual(['11', '77', 'ee'].map((byte) => byte.repeat(16)))
    expect(
      new Set(body.value.map((item: { attributes: { created: number } }) => item.attributes.created)).size,
    ).toBe(1)
    expect(JSON.stringify(body)).not.toMatch(/first|second|third/)
  })

  test('carry what is kept for each version', async () => {
    await h.set('a', 'v', { tags: { k: '1' }, contentType: 't', attributes: { enabled: false, exp: 9 } })
    const [item] = (await page('/secrets/a/versions')).value
    expect(item).toMatchObject({ tags: { k: '1' }, contentType: 't', attributes: { enabled: false, exp: 9 } })
  })

  test('of a name that is not there are none, and no error', async () => {
    expect(await page('/secrets/none/versions')).toEqual({ value: [], nextLink: null })
    await h.set('a')
    await h.raw('DELETE', '/secrets/a')
    expect(await page('/secrets/a/versions')).toEqual({ value: [], nextLink: null })
  })

  test('come in pages of 25 through the official client, each once', async () => {
    const ids = new Set<string>()
    for (let index = 0; index < 60; index += 1) ids.add(await h.set('a', `v${index}`))
    const client = h.client()
    const sizes: number[] = []
    const seen: (string | undefined)[] = []
    for await (const versions of client.listPropertiesOfSecretVersions('a').byPage()) {
      sizes.push(versions.length)
      seen.push(...versions.map(({ version }) => version))
    }
    expect(sizes).toEqual([25, 25, 10])
    expect(seen).toEqual([...ids].sort())
    const small: number[] = []
    for await (const versions of client.listPropertiesOfSecretVersions('a').byPage({ maxPageSize: 20 }))
      small.push(versions.length)
    expect(small).toEqual([20, 20, 20])
  })
})

describe('an empty page with a link', () => {
  test.each(['/secrets', '/secrets/a/versions', '/deletedsecrets'])(
    'of %s leads to the same items',
    async (path) => {
      await h.set('a')
      await h.set('b')
      await h.raw('DELETE', '/secrets/b')
      const whole = await page(path)
      h.emulator.faults.add({ operation: '*', emptyPage: true, times: 2 })
      const empty = await page(path)
      expect(empty.value).toEqual([])
      const again = await follow(empty.nextLink)
      expect(again.value).toEqual([])
      expect((await follow(again.nextLink ?? '')).value).toEqual(whole.value)
    },
  )

  test('even where nothing is left', async () => {
    h.emulator.faults.add({ operation: '*', emptyPage: true, times: 1 })
    const empty = await page('/secrets')
    expect(empty.nextLink).not.toBeNull()
    expect(await follow(empty.nextLink)).toEqual({ value: [], nextLink: null })
  })
})
