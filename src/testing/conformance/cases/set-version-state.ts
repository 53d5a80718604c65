import { randomUUID } from 'node:crypto'
import type { VersionState } from '../../../operations.js'
import type { ConformanceCase } from '../case.js'
import { check, collect, holds, mistakes, refused, rejects, same } from '../expect.js'
import type { Harness } from '../harness.js'

const onDisable = {
  needs: { writable: true, versionDisable: true },
  otherwise: async (h: Harness) => {
    await refused((each) => each.store.setVersionState(each.name(), 'v1', 'disabled'))(h)
    await refused((each) => each.store.setVersionState(each.name(), 'v1', 'enabled'))(h)
  },
} as const

const onDestroy = {
  needs: { writable: true, versionDestroy: true },
  otherwise: refused((h) => h.store.setVersionState(h.name(), 'v1', 'destroyed')),
} as const

async function stateOf(h: Harness, name: string, version: string): Promise<VersionState | undefined> {
  return (await collect(h.store.versions(name))).find((info) => info.version === version)?.state
}

export const setVersionStateCases: readonly ConformanceCase[] = [
  {
    id: 'set-version-state/disable-current',
    title:
      'a disabled current version is DISABLED for plain readers, for find and by version: no silent fall-back',
    ...onDisable,
    async run(h) {
      const { name, versions } = await h.history(2)
      const version = versions[1] ?? ''
      same(await h.store.setVersionState(name, version, 'disabled'), undefined, 'the result')
      await rejects(() => h.store.get(name), 'DISABLED')
      await rejects(() => h.store.find(name), 'DISABLED')
      await rejects(() => h.store.get(name, { version }), 'DISABLED')
      same(await stateOf(h, name, version), 'disabled', 'the state in the history')
    },
  },
  {
    id: 'set-version-state/enable',
    title: 'an enabled version is read again, with the value that it had',
    ...onDisable,
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      await h.store.setVersionState(name, version, 'disabled')
      await h.store.setVersionState(name, version, 'enabled')
      holds(await h.store.get(name), value)
      same(await stateOf(h, name, version), 'enabled', 'the state in the history')
    },
  },
  {
    id: 'set-version-state/repeat',
    title: 'a state that a version has already is success',
    ...onDisable,
    async run(h) {
      const { name, version } = await h.given()
      await h.store.setVersionState(name, version, 'enabled')
      await h.store.setVersionState(name, version, 'disabled')
      await h.store.setVersionState(name, version, 'disabled')
      await rejects(() => h.store.get(name), 'DISABLED')
    },
  },
  {
    id: 'set-version-state/one-only',
    title: 'disabling a version leaves the others readable',
    ...onDisable,
    async run(h) {
      const { name, versions, values } = await h.history(3)
      await h.store.setVersionState(name, versions[1] ?? '', 'disabled')
      holds(await h.store.get(name), values[2] ?? '')
      holds(await h.store.get(name, { version: versions[0] }), values[0] ?? '')
      await rejects(() => h.store.get(name, { version: versions[1] }), 'DISABLED')
    },
  },
  {
    id: 'set-version-state/newest-enabled',
    title: 'newest-enabled passes over a disabled current version to the newest that is enabled',
    ...onDisable,
    async run(h) {
      const { name, versions, values } = await h.history(3)
      await h.store.setVersionState(name, versions[2] ?? '', 'disabled')
      const newest = await h.store.get(name, { stage: 'newest-enabled' })
      same(newest.version, versions[1], 'the version')
      holds(newest, values[1] ?? '')
      for (const version of versions.slice(0, 2)) await h.store.setVersionState(name, version, 'disabled')
      await rejects(() => h.store.get(name, { stage: 'newest-enabled' }), ['NOT_FOUND', 'DISABLED'])
    },
  },
  {
    id: 'set-version-state/put-after-disable',
    title: 'a put after the current version was disabled is enabled and current',
    ...onDisable,
    async run(h) {
      const { name, version } = await h.given()
      await h.store.setVersionState(name, version, 'disabled')
      const value = h.value()
      await h.nextSecond()
      await h.store.put(name, value)
      const secret = await h.store.get(name)
      holds(secret, value)
      same(secret.state, 'enabled', 'the state')
    },
  },
  {
    id: 'set-version-state/destroy',
    title: 'a destroyed version is NOT_FOUND and the message says destroyed; the others stay',
    ...onDestroy,
    async run(h) {
      const { name, versions, values } = await h.history(2)
      const version = versions[0] ?? ''
      await h.store.setVersionState(name, version, 'destroyed')
      const error = await rejects(() => h.store.get(name, { version }), 'NOT_FOUND')
      check(/destroyed/.test(error.message), `the message does not say destroyed: ${error.message}`)
      same(await h.store.find(name, { version }), undefined, 'find')
      holds(await h.store.get(name), values[1] ?? '')
      const state = await stateOf(h, name, version)
      check(state === 'destroyed' || state === undefined, `the history shows it ${state}`)
    },
  },
  {
    id: 'set-version-state/destroyed-for-good',
    title: 'a destroyed version cannot be enabled again, and destroying it again is success',
    needs: { writable: true, versionDestroy: true, versionDisable: true },
    otherwise: refused((h) =>
      h.store.setVersionState(h.name(), 'v1', h.capabilities.versionDestroy ? 'enabled' : 'destroyed'),
    ),
    async run(h) {
      const { name, versions } = await h.history(2)
      const version = versions[0] ?? ''
      await h.store.setVersionState(name, version, 'destroyed')
      await h.store.setVersionState(name, version, 'destroyed')
      await rejects(() => h.store.setVersionState(name, version, 'enabled'), 'NOT_FOUND')
      await rejects(() => h.store.get(name, { version }), 'NOT_FOUND')
    },
  },
  {
    id: 'set-version-state/missing-version',
    title: 'the state of a version that does not exist is NOT_FOUND',
    ...onDisable,
    async run(h) {
      const { name } = await h.given()
      await rejects(
        () => h.store.setVersionState(name, randomUUID().replaceAll('-', ''), 'disabled'),
        'NOT_FOUND',
      )
    },
  },
  {
    id: 'set-version-state/wrong-options',
    title: 'an unknown state and a version that is no id are TypeErrors that name the field',
    ...onDisable,
    async run(h) {
      const { name, version } = await h.given()
      await mistakes(() => h.store.setVersionState(name, version, 'off' as VersionState), 'state')
      await mistakes(() => h.store.setVersionState(name, 'a b', 'disabled'), 'version')
    },
  },
]
