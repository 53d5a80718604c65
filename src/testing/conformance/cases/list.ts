import type { ListOptions } from '../../../store.js'
import { leaksIn } from '../../leaks.js'
import type { ConformanceCase } from '../case.js'
import { check, collect, mistakes, refused, same } from '../expect.js'
import type { Harness } from '../harness.js'

const onList = {
  needs: { list: true },
  otherwise: refused((h) => collect(h.store.list())),
} as const

const onWritableList = {
  needs: { list: true, writable: true },
  otherwise: refused((h) =>
    h.capabilities.list ? h.store.put(h.name(), h.value()) : collect(h.store.list()),
  ),
} as const

const onTags = {
  needs: { list: true, listByTag: true, writable: true, tagScope: ['secret', 'version'] },
  otherwise: refused((h) => {
    const { list, listByTag, writable } = h.capabilities
    if (!list || !listByTag) return collect(h.store.list({ tags: { team: 'red' } }))
    return h.store.put(h.name(), h.value(), writable ? { tags: { team: 'red' } } : {})
  }),
} as const

async function namesUnder(h: Harness, options: ListOptions): Promise<string[]> {
  return (await collect(h.store.list(options))).map(({ name }) => name).sort()
}

export const listCases: readonly ConformanceCase[] = [
  {
    id: 'list/all',
    title: 'the listing holds every secret once, with the canonical name and an id that describe gives too',
    ...onList,
    async run(h) {
      const { name } = await h.given()
      const found = (await collect(h.store.list())).filter((summary) => summary.name === name)
      same(found.length, 1, 'how often the name is listed')
      const { canonical, id } = await h.store.describe(name)
      same({ canonical: found[0]?.canonical, id: found[0]?.id }, { canonical, id }, 'the summary')
    },
  },
  {
    id: 'list/no-values',
    title: 'a listing never holds a value, in any form',
    ...onList,
    async run(h) {
      const values = [h.value(), h.value()]
      const { name } = await h.given(values[0])
      await h.given(values[1])
      const summaries = await collect(h.store.list())
      check(
        summaries.some((summary) => summary.name === name),
        'the secret is not listed',
      )
      same(leaksIn(summaries, values), [], 'what shows a value')
    },
  },
  {
    id: 'list/prefix',
    title: 'a prefix gives the names that begin with it, to the character and not to the path segment',
    ...onWritableList,
    async run(h) {
      const under = h.name()
      const names = ['a', 'a/b', 'ab/c', 'b', 'a-x2f-b'].map((ending) => `${under}/${ending}`)
      for (const name of names) await h.store.put(name, h.value())
      const starting = (ending: string): string[] =>
        names.filter((name) => name.startsWith(`${under}/${ending}`)).sort()
      for (const ending of ['', 'a', 'a/', 'a-', 'a-x', 'a-x2', 'ab', 'ab/c', 'b', 'c']) {
        const listed = await namesUnder(h, { prefix: `${under}/${ending}` })
        same(listed, starting(ending), `the names that begin with …/${ending}`)
      }
    },
  },
  {
    id: 'list/prefix-of-none',
    title: 'a prefix that no name has gives an empty listing and no error',
    ...onList,
    async run(h) {
      same(await namesUnder(h, { prefix: `${h.name()}/` }), [], 'the listing')
    },
  },
  {
    id: 'list/many',
    title: 'more secrets than a page holds are all listed, each once',
    ...onWritableList,
    async run(h) {
      const under = h.name()
      const names = Array.from({ length: 30 }, (_, index) => `${under}/${String(index).padStart(2, '0')}`)
      await Promise.all(names.map((name) => h.store.put(name, h.value())))
      same(await namesUnder(h, { prefix: `${under}/` }), names, 'the names')
    },
  },
  {
    id: 'list/no-request-per-item',
    title: 'a listing costs a request a page, never one an item',
    ...onWritableList,
    async run(h) {
      const under = h.name()
      const cost = async (): Promise<number> => {
        const before = h.requests()
        await namesUnder(h, { prefix: `${under}/` })
        return h.requests() - before
      }
      await h.store.put(`${under}/first`, h.value())
      const ofOne = await cost()
      for (let index = 0; index < 9; index += 1) await h.store.put(`${under}/${index}`, h.value())
      const ofTen = await cost()
      check(ofTen - ofOne < 9, `nine more secrets cost ${ofTen - ofOne} more requests`)
    },
  },
  {
    id: 'list/empty-page',
    title: 'an empty page that carries a cursor is not the end of the listing',
    ...onWritableList,
    uses: ['empty-page'],
    async run(h) {
      const under = h.name()
      const names = ['a', 'b', 'c'].map((ending) => `${under}/${ending}`)
      for (const name of names) await h.store.put(name, h.value())
      h.inject('empty-page')
      same(await namesUnder(h, { prefix: `${under}/` }), names, 'the names')
    },
  },
  {
    id: 'list/tags',
    title: 'tags give the secrets that carry all of them with exactly those values',
    ...onTags,
    async run(h) {
      const under = h.name()
      const red = { team: 'red', tier: '1' }
      await h.store.put(`${under}/both`, h.value(), { tags: red })
      await h.store.put(`${under}/one`, h.value(), { tags: { team: 'red' } })
      await h.store.put(`${under}/longer`, h.value(), { tags: { team: 'redder', tier: '1' } })
      await h.store.put(`${under}/other`, h.value(), { tags: { owner: 'red', tier: 'team' } })
      await h.store.put(`${under}/none`, h.value())
      const prefix = `${under}/`
      same(await namesUnder(h, { prefix, tags: red }), [`${under}/both`], 'both tags')
      const team = [`${under}/both`, `${under}/one`]
      same(await namesUnder(h, { prefix, tags: { team: 'red' } }), team, 'one tag')
      same(await namesUnder(h, { prefix, tags: { team: 'blue' } }), [], 'a value that none has')
    },
  },
  {
    id: 'list/deleted-are-hidden',
    title: 'a secret in the trash is not listed',
    needs: { list: true, writable: true, deleteRecoverable: true },
    otherwise: refused((h) => (h.capabilities.list ? h.store.delete(h.name()) : collect(h.store.list()))),
    async run(h) {
      const { name } = await h.given()
      await h.store.delete(name)
      same(await namesUnder(h, { prefix: name }), [], 'the listing')
      await h.store.restore(name)
      same(await namesUnder(h, { prefix: name }), [name], 'the listing after restore')
    },
  },
  {
    id: 'list/wrong-options',
    title:
      'a prefix that is no string and tags that are no map of strings are TypeErrors that name the field',
    ...onList,
    async run(h) {
      const list = (options: unknown) => () => collect(h.store.list(options as ListOptions))
      await mistakes(list({ prefix: 12 }), 'prefix')
      if (h.capabilities.listByTag) await mistakes(list({ tags: { team: 1 } }), 'tags')
    },
  },
]
