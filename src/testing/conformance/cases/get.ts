import type { Stage } from '../../../operations.js'
import { Secret } from '../../../secret.js'
import type { ConformanceCase } from '../case.js'
import { check, holds, mistakes, refused, rejects, same, sameMembers, sameTags } from '../expect.js'

const onHistory = {
  needs: { writable: true, versionOrder: ['total', 'partial'] },
  otherwise: refused((h) =>
    h.capabilities.writable ? h.store.get(h.name(), { stage: 'previous' }) : h.store.put(h.name(), h.value()),
  ),
} as const

const onWritable = {
  needs: { writable: true },
  otherwise: refused((h) => h.store.put(h.name(), h.value())),
} as const

export const getCases: readonly ConformanceCase[] = [
  {
    id: 'get/current',
    title: 'a plain get gives the current version with its name, version, stages, state, tags and time',
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      const secret = await h.store.get(name)
      check(Secret.isSecret(secret), 'get gives no Secret')
      holds(secret, value)
      const { kind, state, stages, stale } = secret
      same(
        { name: secret.name, version: secret.version, kind, state, stale },
        { name, version, kind: 'text', state: 'enabled', stale: false },
        'the secret',
      )
      sameTags(h, secret, {})
      check(stages.includes('current'), `the stages are ${stages.join(', ')}, without current`)
      check(!Number.isNaN(secret.createdAt?.getTime()), 'createdAt is no time')
      same(secret.expiresAt, undefined, 'expiresAt')
    },
  },
  {
    id: 'get/newest-is-current',
    title: 'after a second put a plain get gives the second value',
    ...onWritable,
    async run(h) {
      const { name, versions, values } = await h.history(2)
      const secret = await h.store.get(name)
      holds(secret, values[1] ?? '')
      same(secret.version, versions[1], 'the version')
      check(versions[0] !== versions[1], 'both puts gave the same version')
    },
  },
  {
    id: 'get/version',
    title: 'get by version gives that version, whatever is current',
    ...onWritable,
    async run(h) {
      const { name, versions, values } = await h.history(3)
      for (const [index, version] of versions.entries()) {
        const secret = await h.store.get(name, { version })
        holds(secret, values[index] ?? '', `the value of version ${index + 1}`)
        same(secret.version, version, 'the version')
        const isCurrent = index === versions.length - 1
        same(secret.stages.includes('current'), isCurrent, `whether version ${index + 1} is current`)
      }
    },
  },
  {
    id: 'get/version-missing',
    title: 'a version that does not exist is NOT_FOUND, and find is undefined for it',
    async run(h) {
      const { name } = await h.given()
      const version = '00000000-0000-0000-0000-00000000dead'
      await rejects(() => h.store.get(name, { version }), 'NOT_FOUND')
      same(await h.store.find(name, { version }), undefined, 'find')
    },
  },
  {
    id: 'get/version-of-another',
    title: 'a version of one secret is NOT_FOUND under the name of another',
    ...onWritable,
    async run(h) {
      const [one, other] = [await h.history(2), await h.given()]
      const taken = one.versions[1] ?? ''
      if (taken === other.version) return
      await rejects(() => h.store.get(other.name, { version: taken }), 'NOT_FOUND')
    },
  },
  {
    id: 'get/previous',
    title: 'stage previous gives the version that was current before, also after a third',
    ...onHistory,
    async run(h) {
      const { name, versions, values } = await h.history(3)
      const secret = await h.store.get(name, { stage: 'previous' })
      same(secret.version, versions[1], 'the version')
      holds(secret, values[1] ?? '')
      check(!secret.stages.includes('current'), 'the previous version says that it is current')
    },
  },
  {
    id: 'get/no-previous',
    title: 'a secret with one version has no previous: NOT_FOUND',
    ...onHistory,
    async run(h) {
      const { name } = await h.given()
      await rejects(() => h.store.get(name, { stage: 'previous' }), 'NOT_FOUND')
    },
  },
  {
    id: 'get/newest-enabled',
    title: 'newest-enabled is current while current is enabled',
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      const secret = await h.store.get(name, { stage: 'newest-enabled' })
      same(secret.version, version, 'the version')
      holds(secret, value)
    },
  },
  {
    id: 'get/stage-current',
    title: 'stage current is what a plain get gives',
    ...onWritable,
    async run(h) {
      const { name, versions } = await h.history(2)
      same((await h.store.get(name, { stage: 'current' })).version, versions[1], 'the version')
    },
  },
  {
    id: 'get/wrong-options',
    title: 'version together with stage, an unknown stage and a version that is no id are TypeErrors',
    async run(h) {
      const { name, version } = await h.given()
      await mistakes(() => h.store.get(name, { version, stage: 'current' }), 'version')
      await mistakes(() => h.store.get(name, { stage: 'newest' as Stage }), 'stage')
      for (const wrong of ['', 'a b', 'a/b', 'a?b', 'a\n', 12 as unknown as string]) {
        await mistakes(() => h.store.get(name, { version: wrong }), 'version')
      }
    },
  },
  {
    id: 'get/find',
    title: 'find is undefined for what is missing, and the secret for what is there',
    async run(h) {
      const value = h.value()
      const { name } = await h.given(value)
      const found = await h.store.find(name)
      check(found !== undefined, 'find does not find')
      holds(found, value)
      same(await h.store.find(h.name()), undefined, 'find of a missing name')
    },
  },
  {
    id: 'get/field',
    title: 'field gives one field of a JSON object; a field that is absent is INVALID_VALUE and names it',
    ...onWritable,
    async run(h) {
      const password = h.value()
      const { name } = await h.given({ user: 'app', password, port: 5432 })
      same((await h.store.get(name, { field: 'user' })).value, 'app', 'the field user')
      holds(await h.store.get(name, { field: 'password' }), password)
      same((await h.store.get(name, { field: 'port' })).value, '5432', 'the field port')
      const error = await rejects(() => h.store.get(name, { field: 'host' }), 'INVALID_VALUE')
      check(error.message.includes('host'), `the message does not name the field: ${error.message}`)
    },
  },
  {
    id: 'get/many',
    title: 'getMany settles every name: one that is missing does not fail the others',
    async run(h) {
      const [one, missing, other] = [await h.given(), h.name(), await h.given()]
      const results = await h.store.getMany([one.name, missing, other.name, one.name])
      sameMembers([...results.keys()], [one.name, missing, other.name], 'the names')
      const fulfilled = [...results].filter(([, { status }]) => status === 'fulfilled').map(([name]) => name)
      sameMembers(fulfilled, [one.name, other.name], 'the names that were found')
      const failed = results.get(missing)
      await rejects(
        () => Promise.reject(failed?.status === 'rejected' ? failed.reason : undefined),
        'NOT_FOUND',
      )
    },
  },
  {
    id: 'get/fresh',
    title: 'where reads are always fresh, a get at once after a put sees it',
    needs: { writable: true, freshRead: 'always' },
    async run(h) {
      const [writer, reader] = [h.open({ settled: false }), h.open()]
      const name = h.name()
      for (const value of [h.value(), h.value()]) {
        await writer.put(name, value)
        holds(await reader.get(name, { maxAgeMs: 0 }), value)
      }
    },
    async otherwise(h) {
      if (!h.capabilities.writable) return onWritable.otherwise(h)
      const { name, values } = await h.history(2)
      holds(await h.store.get(name), values[1] ?? '', 'the value after a put that has settled')
    },
  },
  {
    id: 'get/fresh-by-version',
    title: 'where reads are fresh by version, a get of the version that put gave sees it at once',
    needs: { writable: true, freshRead: ['always', 'by-version'] },
    async run(h) {
      const writer = h.open({ settled: false })
      const name = h.name()
      for (const value of [h.value(), h.value()]) {
        const { version } = await writer.put(name, value)
        holds(await writer.get(name, { version }), value)
      }
    },
    async otherwise(h) {
      if (!h.capabilities.writable) return onWritable.otherwise(h)
      const value = h.value()
      const { name, version } = await h.given(value)
      holds(await h.store.get(name, { version }), value, 'the value after a put that has settled')
    },
  },
]
