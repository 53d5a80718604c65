import type { TagOptions } from '../../../store.js'
import type { ConformanceCase } from '../case.js'
import { check, collect, holds, mistakes, refused, refusedAs, rejects, same, sameTags } from '../expect.js'

const onTags = {
  needs: { writable: true, tagScope: ['secret', 'version'] },
  otherwise: refused((h) => h.store.tag(h.name(), { set: { team: 'red' } })),
} as const

export const tagCases: readonly ConformanceCase[] = [
  {
    id: 'tag/set',
    title: 'set adds and overwrites; the other tags stay',
    ...onTags,
    async run(h) {
      const { name } = await h.given(h.value(), { tags: { team: 'red', tier: '1' } })
      same(await h.store.tag(name, { set: { team: 'blue', owner: 'ann' } }), undefined, 'the result')
      const tags = { team: 'blue', tier: '1', owner: 'ann' }
      same((await h.store.describe(name)).tags, tags, 'the described tags')
      sameTags(h, await h.store.get(name), tags)
    },
  },
  {
    id: 'tag/remove',
    title: 'remove takes tags away; a key that is not there is no error; the other tags stay',
    ...onTags,
    async run(h) {
      const { name } = await h.given(h.value(), { tags: { team: 'red', tier: '1', owner: 'ann' } })
      await h.store.tag(name, { remove: ['tier', 'absent'], set: { team: 'blue' } })
      same((await h.store.describe(name)).tags, { team: 'blue', owner: 'ann' }, 'the tags')
      await h.store.tag(name, { remove: ['team', 'owner'] })
      same((await h.store.describe(name)).tags, {}, 'the tags when all are removed')
    },
  },
  {
    id: 'tag/no-new-version',
    title: 'tagging makes no version and changes no value',
    ...onTags,
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      await h.store.tag(name, { set: { team: 'red' } })
      const secret = await h.store.get(name)
      holds(secret, value)
      same(secret.version, version, 'the version')
      same((await collect(h.store.versions(name))).length, 1, 'the number of versions')
    },
  },
  {
    id: 'tag/keeps-expiry-and-kind',
    title: 'tagging keeps the kind of the value, and when it expires',
    ...onTags,
    async run(h) {
      const expiresAt = new Date(Math.floor(h.now() / 1000) * 1000 + 3_600_000)
      const expiry = h.capabilities.expiry === 'informational' ? { expiresAt } : {}
      const { name } = await h.given(Uint8Array.of(0, 255), expiry)
      await h.store.tag(name, { set: { team: 'red' } })
      const secret = await h.store.get(name)
      same(secret.kind, 'binary', 'the kind')
      same(secret.expiresAt, expiry.expiresAt, 'expiresAt')
    },
  },
  {
    id: 'tag/seen-through-old-version',
    title:
      'where tags belong to the secret an old version shows them; where they belong to a version, its own',
    needs: { writable: true, tagScope: 'secret' },
    async run(h) {
      const { name, versions } = await h.history(2)
      await h.store.tag(name, { set: { team: 'red' } })
      sameTags(h, await h.store.get(name, { version: versions[0] }), { team: 'red' })
    },
    async otherwise(h) {
      if (h.capabilities.tagScope === 'none' || !h.capabilities.writable) return onTags.otherwise(h)
      const { name, versions } = await h.history(2)
      await h.store.tag(name, { set: { team: 'red' } })
      same((await h.store.get(name, { version: versions[0] })).tags, {}, 'the tags of the old version')
      same((await h.store.get(name)).tags, { team: 'red' }, 'the tags of the current version')
    },
  },
  {
    id: 'tag/refused-before-the-wire',
    title: 'a key or a value over the limits is INVALID_VALUE before the wire, in put and in tag',
    ...onTags,
    async run(h) {
      const { maxTags, maxTagKeyLength, maxTagValueLength } = h.limits
      const { name } = await h.given()
      const many = Object.fromEntries(Array.from({ length: maxTags + 1 }, (_, index) => [`key${index}`, 'x']))
      const wrong = [
        { ['k'.repeat(maxTagKeyLength + 1)]: 'x' },
        { key: 'x'.repeat(maxTagValueLength + 1) },
        { '': 'x' },
        many,
      ]
      for (const tags of wrong) {
        await refusedAs(h, 'INVALID_VALUE', () => h.store.put(name, h.value(), { tags }))
        await refusedAs(h, 'INVALID_VALUE', () => h.store.tag(name, { set: tags }))
      }
    },
  },
  {
    id: 'tag/most',
    title: 'as many tags as the limit says are held; one more is INVALID_VALUE, and none is dropped',
    ...onTags,
    async run(h) {
      const { maxTags } = h.limits
      const tags = Object.fromEntries(Array.from({ length: maxTags }, (_, index) => [`key${index}`, 'x']))
      const { name } = await h.given(h.value(), { tags })
      same((await h.store.describe(name)).tags, tags, 'the tags')
      await rejects(() => h.store.tag(name, { set: { 'one-more': 'x' } }), 'INVALID_VALUE')
      same((await h.store.describe(name)).tags, tags, 'the tags after the refusal')
    },
  },
  {
    id: 'tag/longest',
    title: 'the longest key and the longest value come back',
    ...onTags,
    async run(h) {
      const { maxTagKeyLength, maxTagValueLength } = h.limits
      const tags = { ['k'.repeat(maxTagKeyLength)]: 'v'.repeat(maxTagValueLength) }
      const { name } = await h.given(h.value(), { tags })
      check((await h.store.describe(name)).tags['k'.repeat(maxTagKeyLength)] !== undefined, 'the tag is gone')
      same((await h.store.describe(name)).tags, tags, 'the tags')
    },
  },
  {
    id: 'tag/wrong-options',
    title: 'set that is no map of strings, remove that is no list, and a key in both are TypeErrors',
    ...onTags,
    async run(h) {
      const { name } = await h.given()
      const tag = (options: unknown) => () => h.store.tag(name, options as TagOptions)
      await mistakes(tag({ set: { team: 1 } }), 'tags')
      await mistakes(tag({ set: ['team'] }), 'tags')
      await mistakes(tag({ remove: 'team' }), 'remove')
      await mistakes(tag({ remove: [1] }), 'remove')
      await mistakes(tag({ set: { team: 'red' }, remove: ['team'] }), 'team')
    },
  },
]
