import { systemStore } from '../../../store-methods.js'
import type { ConformanceCase } from '../case.js'
import { collect, holds, refused, refusedAs, rejects, same } from '../expect.js'

const onWritable = {
  needs: { writable: true },
  otherwise: refused((h) => h.store.put(h.name(), h.value())),
} as const

export const systemCases: readonly ConformanceCase[] = [
  {
    id: 'system/apart',
    title: 'what is put under a system name is read there, and is not the user’s secret of that name',
    ...onWritable,
    async run(h) {
      const [mine, theirs] = [h.value(), h.value()]
      const { name } = await h.given(mine)
      const system = systemStore(h.store)
      await system.put(`pending/${name}`, theirs)
      holds(await system.get(`pending/${name}`), theirs)
      holds(await h.store.get(name), mine)
      await rejects(() => h.store.get(`pending/${name}`), 'NOT_FOUND')
    },
  },
  {
    id: 'system/hidden',
    title: 'no listing of users shows a system name, with or without a prefix; the system listing does',
    needs: { writable: true, list: true },
    otherwise: refused((h) =>
      h.capabilities.writable ? collect(h.store.list()) : h.store.put(h.name(), h.value()),
    ),
    async run(h) {
      const { name } = await h.given()
      const system = systemStore(h.store)
      await system.put(`pending/${name}`, h.value())
      const namesOf = async (store: typeof h.store, prefix?: string): Promise<string[]> =>
        (await collect(store.list(prefix === undefined ? {} : { prefix }))).map((summary) => summary.name)
      same(
        (await namesOf(h.store)).filter((each) => each.includes('pending/')),
        [],
        'the listing',
      )
      same(await namesOf(h.store, 'strongroom-system/'), [], 'the listing of the system prefix')
      same(await namesOf(system, `pending/${name}`), [`pending/${name}`], 'the system listing')
      same((await namesOf(system)).includes(name), false, 'whether the system listing shows the user’s name')
    },
  },
  {
    id: 'system/user-names-are-refused',
    title: 'a user’s name that lies in the system namespace is INVALID_NAME before the wire',
    async run(h) {
      const spellings = ['strongroom-system/record/a', 'strongroom-system/a']
      if (!h.capabilities.caseSensitiveNames) spellings.push('Strongroom-SYSTEM/record/a')
      for (const name of spellings) await refusedAs(h, 'INVALID_NAME', () => h.store.get(name))
    },
  },
  {
    id: 'system/outside-the-prefix',
    title: 'system names lie outside the prefix of a store: two stores with different prefixes share them',
    ...onWritable,
    async run(h) {
      const name = h.name()
      const value = h.value()
      await systemStore(h.open({ prefix: name })).put(`pending/${name}`, value)
      holds(await systemStore(h.store).get(`pending/${name}`), value)
    },
  },
]
