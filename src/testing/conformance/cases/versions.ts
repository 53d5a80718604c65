import { leaksIn } from '../../leaks.js'
import type { ConformanceCase } from '../case.js'
import { check, collect, refused, rejects, same, sameMembers } from '../expect.js'

const onWritable = {
  needs: { writable: true },
  otherwise: refused((h) => h.store.put(h.name(), h.value())),
} as const

export const versionsCases: readonly ConformanceCase[] = [
  {
    id: 'versions/one',
    title: 'the history of a new secret is one version, current and enabled, without its value',
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      const infos = await collect(h.store.versions(name))
      same(
        infos.map((info) => info.version),
        [version],
        'the versions',
      )
      same(infos[0]?.state, 'enabled', 'the state')
      check(infos[0]?.stages.includes('current') === true, 'the only version is not current')
      same(leaksIn(infos, [value]), [], 'what shows the value')
    },
  },
  {
    id: 'versions/all',
    title: 'the history holds every version, with the one that no stage points at any more',
    ...onWritable,
    async run(h) {
      const { name, versions } = await h.history(4)
      const infos = await collect(h.store.versions(name))
      sameMembers(
        infos.map(({ version }) => version),
        versions,
        'the versions',
      )
      const stagesOf = (index: number): readonly string[] =>
        infos.find(({ version }) => version === versions[index])?.stages ?? ['absent']
      same(stagesOf(0), [], 'the stages of the oldest')
      check(stagesOf(3).includes('current'), 'the newest is not current')
    },
  },
  {
    id: 'versions/newest-first',
    title: 'the history is newest first; where order is partial, as far as times can tell',
    needs: { writable: true, versionOrder: ['total', 'partial'] },
    otherwise: refused((h) =>
      h.capabilities.writable
        ? h.store.get(h.name(), { stage: 'previous' })
        : h.store.put(h.name(), h.value()),
    ),
    async run(h) {
      const { name, versions } = await h.history(4)
      const infos = await collect(h.store.versions(name))
      same(
        infos.map(({ version }) => version),
        [...versions].reverse(),
        'the versions',
      )
      const times = infos.map(({ createdAt }) => createdAt.getTime())
      same(
        times,
        [...times].sort((a, b) => b - a),
        'the creation times',
      )
    },
  },
  {
    id: 'versions/many',
    title: 'more versions than a page holds are all in the history, each once',
    ...onWritable,
    async run(h) {
      const name = h.name()
      const versions: string[] = []
      for (let index = 0; index < 30; index += 1) versions.push((await h.store.put(name, h.value())).version)
      const infos = await collect(h.store.versions(name))
      sameMembers(
        infos.map(({ version }) => version),
        versions,
        'the versions',
      )
    },
  },
  {
    id: 'versions/time-agrees',
    title: 'describe and the history agree on when a version was made, and get where the read carries it',
    async run(h) {
      const { name } = await h.given()
      const [info] = await collect(h.store.versions(name))
      const secret = await h.store.get(name)
      same((await h.store.describe(name)).current?.createdAt, info?.createdAt, 'createdAt of describe')
      same(secret.createdAt ?? info?.createdAt, info?.createdAt, 'createdAt of the secret')
    },
  },
  {
    id: 'versions/deleted',
    title:
      'the history of a secret in the trash is either the history or PENDING_DELETION, never missing or empty',
    needs: { writable: true, deleteRecoverable: true },
    otherwise: refused((h) => h.store.delete(h.name())),
    async run(h) {
      const { name, version } = await h.given()
      await h.store.delete(name)
      const history = collect(h.store.versions(name))
      const [settled] = await Promise.allSettled([history])
      if (settled.status === 'rejected') {
        await rejects(() => history, 'PENDING_DELETION')
      } else {
        same(
          settled.value.map((info) => info.version),
          [version],
          'the versions',
        )
      }
    },
  },
]
