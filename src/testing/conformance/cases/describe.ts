import { leaksIn } from '../../leaks.js'
import type { ConformanceCase } from '../case.js'
import { check, refused, same } from '../expect.js'

const onWritable = {
  needs: { writable: true },
  otherwise: refused((h) => h.store.put(h.name(), h.value())),
} as const

export const describeCases: readonly ConformanceCase[] = [
  {
    id: 'describe/fields',
    title: 'describe gives name, canonical name, id, state and the current version with its stages',
    async run(h) {
      const { name, version } = await h.given()
      const info = await h.store.describe(name)
      same({ name: info.name, state: info.state }, { name, state: 'active' }, 'name and state')
      check(info.canonical !== '' && info.id !== '', 'canonical or id is empty')
      same(info.current?.version, version, 'the current version')
      same(info.current?.state, 'enabled', 'the state of the current version')
      check(info.current?.stages.includes('current') === true, 'the current version does not say so')
      same(info.recoverableUntil, undefined, 'recoverableUntil of an active secret')
    },
  },
  {
    id: 'describe/no-value',
    title: 'describe never holds the value, in any form',
    async run(h) {
      const value = h.value()
      const { name } = await h.given(value)
      same(leaksIn(await h.store.describe(name), [value]), [], 'what shows the value')
    },
  },
  {
    id: 'describe/follows-current',
    title: 'after a second put describe gives the second version, with the creation time of that version',
    ...onWritable,
    async run(h) {
      const { name, versions } = await h.history(2)
      const { current } = await h.store.describe(name)
      same(current?.version, versions[1], 'the current version')
      const { createdAt = current?.createdAt } = await h.store.get(name)
      same(current?.createdAt, createdAt, 'the creation time of the current version')
    },
  },
  {
    id: 'describe/canonical',
    title:
      'the canonical name is the same from every store on the backend, and different for different names',
    async run(h) {
      const [one, other] = [await h.given(), await h.given()]
      const { canonical } = await h.store.describe(one.name)
      same((await h.open().describe(one.name)).canonical, canonical, 'the canonical name from another store')
      check((await h.store.describe(other.name)).canonical !== canonical, 'two names share a canonical name')
    },
  },
  {
    id: 'describe/disabled',
    title: 'describe answers for a secret whose current version is disabled, and says so',
    needs: { writable: true, versionDisable: true },
    otherwise: refused((h) => h.store.setVersionState(h.name(), 'v1', 'disabled')),
    async run(h) {
      const { name, version } = await h.given()
      await h.store.setVersionState(name, version, 'disabled')
      const { current, state } = await h.store.describe(name)
      same({ state, current: current?.state }, { state: 'active', current: 'disabled' }, 'the states')
    },
  },
]
