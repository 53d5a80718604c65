import type { SecretName } from '../../../operations.js'
import { operationNames } from '../../../operations.js'
import type { ConformanceCase } from '../case.js'
import { meets } from '../case.js'
import { check, collect, holds, mistakes, refused, refusedAs, rejects, same } from '../expect.js'
import type { Harness } from '../harness.js'
import { operationNeeds, samples } from '../samples.js'

const needs = { writable: true } as const
const otherwise = refused((h) => h.store.put(h.name(), h.value()))

/** Endings that alphabets, escapes, URLs, ARNs and JavaScript objects trip over. */
const awkward: readonly string[] = [
  'a/b/c',
  'a-x2f-b',
  'a-x2d-x2f-b',
  'a_x2f_b',
  '-x2d-',
  'a--b',
  '-',
  '-x',
  'x-',
  'UPPER-X2F-b',
  'dot.s/under_score/plus+at@equals=',
  'percent%2Fencoded%',
  'question?mark#hash&amp',
  'back\\slash:colon;semi,comma',
  'quote\'"`<>|*(){}[]!$^~',
  'with space',
  'versions',
  'a/versions/b',
  'ünïcödé',
  'e\u0301',
  '秘密',
  '🔑',
  'constructor/__proto__',
  'ends-like-an-arn-a1b2c3',
  '...',
  'a/.../b',
]

const wrongNames: Readonly<Record<string, string>> = {
  empty: '',
  'slash-first': '/a',
  'slash-last': 'a/',
  'slash-twice': 'a//b',
  dot: '.',
  'dot-segment': 'a/./b',
  'dots-segment': 'a/../b',
  'control-character': 'a\u0000b',
  newline: 'a\nb',
  'lone-surrogate': 'a\ud800',
}

async function roundTrips(h: Harness, names: readonly string[]): Promise<void> {
  const values = new Map(names.map((name) => [name, h.value()]))
  for (const [name, value] of values) await h.store.put(name, value)
  for (const [name, value] of values) {
    const secret = await h.store.get(name)
    same(secret.name, name, 'the name of the secret')
    holds(secret, value, `the value of ${JSON.stringify(name)}`)
  }
}

const roundTripCases: readonly ConformanceCase[] = [
  {
    id: 'names/awkward',
    title: 'names that no alphabet likes are each their own secret, and come back as they were given',
    needs,
    otherwise,
    async run(h) {
      const under = h.name()
      await roundTrips(
        h,
        awkward.map((ending) => `${under}/${ending}`),
      )
    },
  },
  {
    id: 'names/listed-as-given',
    title: 'a listing shows names as they were given',
    needs: { writable: true, list: true },
    otherwise: refused((h) =>
      h.capabilities.writable ? collect(h.store.list()) : h.store.put(h.name(), h.value()),
    ),
    async run(h) {
      const under = h.name()
      const endings = h.capabilities.caseSensitiveNames ? awkward : awkward.map((name) => name.toLowerCase())
      const names = [...new Set(endings)].map((ending) => `${under}/${ending}`)
      for (const name of names) await h.store.put(name, h.value())
      const listed = await collect(h.store.list({ prefix: `${under}/` }))
      same(listed.map(({ name }) => name).sort(), [...names].sort(), 'the listed names')
    },
  },
  {
    id: 'names/escapes-do-not-meet',
    title: 'a name and a literal that looks like its escape are two secrets',
    needs,
    otherwise,
    async run(h) {
      const under = h.name()
      await roundTrips(h, [`${under}/b`, `${under}-x2f-b`, `${under}-x2d-x2f-b`, `${under}_x2f_b`])
    },
  },
  {
    id: 'names/case',
    title: 'names that differ only in case are two secrets where the backend keeps case, else the same one',
    needs: { writable: true, caseSensitiveNames: true },
    async run(h) {
      const name = h.name()
      await roundTrips(h, [`${name}/Db`, `${name}/dB`, `${name}/db`])
    },
    async otherwise(h) {
      if (!h.capabilities.writable) return otherwise(h)
      const name = h.name()
      const value = h.value()
      await h.store.put(`${name}/Db`, h.value())
      await h.store.put(`${name}/dB`, value)
      holds(await h.store.get(`${name}/db`), value)
      const canonicals = await Promise.all(
        ['Db', 'dB'].map(async (ending) => (await h.store.describe(`${name}/${ending}`)).canonical),
      )
      same(canonicals[0], canonicals[1], 'the canonical names')
      if (!h.capabilities.list) return
      const listed = await collect(h.store.list({ prefix: `${name}/` }))
      same(listed.length, 1, 'the number of listed names')
    },
  },
  {
    id: 'names/used-as-they-are',
    title:
      'a name that the backend can hold is its own spelling: what others made is reached by its real name',
    async run(h) {
      const { name } = await h.given()
      const { canonical, id } = await h.store.describe(name)
      const plain = h.limits.namePattern.test(name)
      check(!plain || canonical === name, `${name} became ${canonical}`)
      holds(await h.store.get({ id }), (await h.store.get(name)).bytes())
    },
  },
  {
    id: 'names/id',
    title: 'the id that describe gives reaches the same secret, untouched, in every reading operation',
    async run(h) {
      const { name, version } = await h.given()
      const { id, canonical } = await h.store.describe(name)
      const secret = await h.store.get({ id })
      same(secret.version, version, 'the version read by id')
      same((await h.store.describe({ id })).canonical, canonical, 'the canonical name of the id')
      same(
        (await collect(h.store.versions({ id }))).map((info) => info.version),
        [version],
        'the versions by id',
      )
    },
  },
  {
    id: 'names/id-writes',
    title: 'an id is written to like a name',
    needs,
    otherwise,
    async run(h) {
      const { name } = await h.given()
      const { id } = await h.store.describe(name)
      const value = h.value()
      await h.store.put({ id }, value)
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'names/prefix',
    title: 'a store with a prefix sees what lies under it, and by names without it',
    needs,
    otherwise,
    async run(h) {
      const prefix = h.name()
      const inside = h.open({ prefix })
      const value = h.value()
      await inside.put('team/db', value)
      await h.store.put(`${prefix}-not/team/db`, h.value())
      holds(await h.store.get(`${prefix}/team/db`), value)
      same((await inside.get('team/db')).name, 'team/db', 'the name')
      const outside = await h.store.describe(`${prefix}/team/db`)
      same((await inside.describe('team/db')).canonical, outside.canonical, 'the canonical name')
      await rejects(() => inside.get(`${prefix}/team/db`), 'NOT_FOUND')
      if (!h.capabilities.list) return
      same(
        (await collect(inside.list())).map(({ name }) => name),
        ['team/db'],
        'the names under the prefix',
      )
    },
  },
]

const wrongNameCases: readonly ConformanceCase[] = Object.entries(wrongNames).map(([id, wrong]) => ({
  id: `names/wrong/${id}`,
  title: `${JSON.stringify(wrong)} is INVALID_NAME before the wire in every operation that takes a name`,
  async run(h) {
    for (const operation of operationNames) {
      if (operation === 'listPage' || !meets(h.capabilities, operationNeeds[operation])) continue
      const subject = { name: wrong, version: 'v1', value: h.value(), revision: '0' }
      await refusedAs(h, 'INVALID_NAME', () => samples[operation](h.store, subject))
    }
  },
}))

export const nameCases: readonly ConformanceCase[] = [
  ...roundTripCases,
  ...wrongNameCases,
  {
    id: 'names/too-long',
    title:
      'a name over the limit, prefix and escapes counted, is INVALID_NAME before the wire and says the limit',
    async run(h) {
      const { maxNameLength } = h.limits
      const error = await refusedAs(h, 'INVALID_NAME', () => h.store.get('a'.repeat(maxNameLength + 1)))
      check(error.message.includes(String(maxNameLength)), `the message names no limit: ${error.message}`)
    },
  },
  {
    id: 'names/longest',
    title: 'a name of exactly the largest length is used',
    needs,
    otherwise,
    async run(h) {
      const name = h.name()
      await roundTrips(h, [name.padEnd(h.limits.maxNameLength, 'a')])
    },
  },
  {
    id: 'names/wrong-type',
    title: 'a name that is neither a string nor { id } is a TypeError that names the field',
    async run(h) {
      for (const wrong of [undefined, null, 12, {}, { id: 12 }, ['a']] as unknown as SecretName[]) {
        await mistakes(() => h.store.get(wrong), 'name')
      }
    },
  },
  {
    id: 'names/wrong-id',
    title: 'an empty { id } is INVALID_NAME before the wire',
    async run(h) {
      await refusedAs(h, 'INVALID_NAME', () => h.store.get({ id: '' }))
      await refusedAs(h, 'INVALID_NAME', () => h.store.get({ id: 'a\nb' }))
    },
  },
]
