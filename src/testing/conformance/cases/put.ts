import { SecretValue } from '../../../secret.js'
import type { PutOptions } from '../../../store.js'
import type { ConformanceCase } from '../case.js'
import { check, collect, holds, mistakes, refused, rejects, same, sameMembers, sameTags } from '../expect.js'

const onWritable = {
  needs: { writable: true },
  otherwise: refused((h) => h.store.put(h.name(), h.value())),
} as const

const onTags = {
  needs: { writable: true, tagScope: ['secret', 'version'] },
  otherwise: refused((h) => h.store.put(h.name(), h.value(), { tags: { team: 'red' } })),
} as const

const onExpiry = {
  needs: { writable: true, expiry: 'informational' },
  otherwise: refused((h) => h.store.put(h.name(), h.value(), { expiresAt: new Date(2_000_000_000_000) })),
} as const

export const putCases: readonly ConformanceCase[] = [
  {
    id: 'put/version',
    title: 'put gives the version under which the value can be read',
    ...onWritable,
    async run(h) {
      const [name, value] = [h.name(), h.value()]
      const { version } = await h.store.put(name, value)
      check(typeof version === 'string' && version !== '', 'put gives no version')
      holds(await h.store.get(name, { version }), value)
      same((await h.store.get(name)).version, version, 'the current version')
    },
  },
  {
    id: 'put/new-version-each-time',
    title: 'each put makes a new version, also of the same value',
    ...onWritable,
    async run(h) {
      const [name, value] = [h.name(), h.value()]
      const first = await h.store.put(name, value)
      const second = await h.store.put(name, value)
      check(first.version !== second.version, 'two puts gave one version')
      same((await collect(h.store.versions(name))).length, 2, 'the number of versions')
    },
  },
  {
    id: 'put/another-store-reads-it',
    title: 'what one store has put another store on the same backend reads',
    ...onWritable,
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      const secret = await h.open().get(name)
      holds(secret, value)
      same(secret.version, version, 'the version')
    },
  },
  {
    id: 'put/concurrent',
    title: 'of many puts at once every one is kept as a version of its own, and one of them is current',
    ...onWritable,
    async run(h) {
      const { name } = await h.given()
      const puts = await Promise.all(Array.from({ length: 8 }, () => h.store.put(name, h.value())))
      const versions = puts.map(({ version }) => version)
      same(new Set(versions).size, versions.length, 'the number of different versions')
      check(versions.includes((await h.store.get(name)).version), 'what is current is none of the puts')
      for (const version of versions) await h.store.get(name, { version })
    },
  },
  {
    id: 'put/bytes-are-copied',
    title: 'bytes that change after put was called do not change what is stored',
    ...onWritable,
    async run(h) {
      const bytes = new TextEncoder().encode(h.value())
      const original = bytes.slice()
      const name = h.name()
      const stored = h.store.put(name, bytes)
      bytes.fill(0)
      await stored
      holds(await h.store.get(name), original)
    },
  },
  {
    id: 'put/wrong-value',
    title: 'what JSON cannot hold is a TypeError that names the path, before the wire',
    ...onWritable,
    async run(h) {
      const cycle: Record<string, unknown> = {}
      cycle['self'] = cycle
      const wrong = [undefined, () => 1, 1n, Number.NaN, new Map(), { a: new Set() }, cycle, Symbol('x')]
      for (const value of wrong) {
        await mistakes(() => h.store.put(h.name(), value as unknown as string), 'value')
      }
    },
  },
  {
    id: 'put/wrong-options',
    title: 'options of the wrong type or that contradict each other are TypeErrors that name the field',
    ...onWritable,
    async run(h) {
      const put = (options: unknown) => () => h.store.put(h.name(), h.value(), options as PutOptions)
      await mistakes(put({ stage: 'previous' }), 'stage')
      await mistakes(put({ onDeleted: 'purge' }), 'onDeleted')
      await mistakes(put({ ifVersion: 'v1', ifAbsent: true }), 'ifVersion')
      if (h.capabilities.tagScope !== 'none') await mistakes(put({ tags: { team: 1 } }), 'tags')
      if (h.capabilities.expiry !== 'none') await mistakes(put({ expiresAt: '2030-01-01' }), 'expiresAt')
      if (h.capabilities.putIfVersion !== 'none') await mistakes(put({ ifVersion: '' }), 'ifVersion')
      if (h.capabilities.putIdempotent) await mistakes(put({ idempotencyKey: '' }), 'idempotencyKey')
    },
  },
  {
    id: 'put/tags',
    title: 'tags given with a put come back from describe, and from get where the read carries them',
    ...onTags,
    async run(h) {
      const { name } = await h.given(h.value(), { tags: { team: 'red', tier: '1' } })
      same((await h.store.describe(name)).tags, { team: 'red', tier: '1' }, 'the described tags')
      sameTags(h, await h.store.get(name), { team: 'red', tier: '1' })
    },
  },
  {
    id: 'put/keeps-tags',
    title: 'a plain put keeps the tags that the secret had',
    ...onTags,
    async run(h) {
      const { name } = await h.given(h.value(), { tags: { team: 'red' } })
      await h.store.put(name, h.value())
      same((await h.store.describe(name)).tags, { team: 'red' }, 'the tags')
      sameTags(h, await h.store.get(name), { team: 'red' })
    },
  },
  {
    id: 'put/replaces-tags',
    title: 'tags given with a put replace all that the secret had; none at all when empty',
    ...onTags,
    async run(h) {
      const { name } = await h.given(h.value(), { tags: { team: 'red', tier: '1' } })
      await h.store.put(name, h.value(), { tags: { owner: 'ann' } })
      same((await h.store.describe(name)).tags, { owner: 'ann' }, 'the tags')
      await h.store.put(name, h.value(), { tags: {} })
      same((await h.store.describe(name)).tags, {}, 'the tags after an empty set')
    },
  },
  {
    id: 'put/kind-follows-value',
    title: 'a put of another kind changes the kind of the current version and not of older ones',
    ...onWritable,
    async run(h) {
      const { name, version } = await h.given(Uint8Array.of(0, 255, 1))
      await h.nextSecond()
      await h.store.put(name, h.value())
      same((await h.store.get(name)).kind, 'text', 'the kind of the new version')
      same((await h.store.get(name, { version })).kind, 'binary', 'the kind of the old version')
      await h.nextSecond()
      await h.store.put(name, { a: h.value() })
      same((await h.store.get(name)).kind, 'json', 'the kind of the third version')
      holds(await h.store.get(name, { version }), SecretValue.binary(Uint8Array.of(0, 255, 1)))
    },
  },
  {
    id: 'put/expiry',
    title: 'expiresAt comes back to the second, in get and in the history, and stops no read',
    ...onExpiry,
    async run(h) {
      const expiresAt = new Date(Math.floor(h.now() / 1000) * 1000 + 3_600_000)
      const value = h.value()
      const { name } = await h.given(value, { expiresAt })
      same((await h.store.get(name)).expiresAt, expiresAt, 'expiresAt')
      const [info] = await collect(h.store.versions(name))
      same(info?.expiresAt, expiresAt, 'expiresAt in the history')
      const past = new Date(Math.floor(h.now() / 1000) * 1000 - 3_600_000)
      await h.nextSecond()
      await h.store.put(name, value, { expiresAt: past })
      holds(await h.store.get(name), value, 'the value of a secret that has expired')
    },
  },
  {
    id: 'put/expiry-is-not-inherited',
    title: 'a put without expiresAt has none, whatever the version before had',
    ...onExpiry,
    async run(h) {
      const expiresAt = new Date(Math.floor(h.now() / 1000) * 1000 + 3_600_000)
      const { name } = await h.given(h.value(), { expiresAt })
      await h.nextSecond()
      await h.store.put(name, h.value())
      same((await h.store.get(name)).expiresAt, undefined, 'expiresAt')
      same((await h.store.describe(name)).current?.expiresAt, undefined, 'the described expiresAt')
    },
  },
  {
    id: 'put/stages',
    title: 'after a put exactly one version is current',
    ...onWritable,
    async run(h) {
      const { name, versions } = await h.history(3)
      const infos = await collect(h.store.versions(name))
      const current = infos.filter(({ stages }) => stages.includes('current')).map(({ version }) => version)
      sameMembers(current, [versions[2] ?? ''], 'the current versions')
    },
  },
  {
    id: 'put/lost-reply',
    title: 'a put whose answer is lost is UNAVAILABLE and says that its outcome is unknown',
    ...onWritable,
    uses: ['reply-lost'],
    async run(h) {
      const { name } = await h.given()
      h.inject('reply-lost')
      const error = await rejects(() => h.store.put(name, h.value()), ['UNAVAILABLE', 'TIMEOUT'])
      h.mend()
      check(error.outcomeUnknown, 'outcomeUnknown is false')
    },
  },
]
