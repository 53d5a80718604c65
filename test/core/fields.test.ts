import {
  audit,
  cache,
  createStore,
  deadline,
  defaultLayers,
  openStore,
  policy,
  rateLimit,
  retry,
  timeout,
} from 'strongroom'
import { aws } from 'strongroom/aws'
import { azure } from 'strongroom/azure'
import { startEmulators } from 'strongroom/emulators'
import { env } from 'strongroom/env'
import { memory } from 'strongroom/memory'
import { refusal } from 'strongroom/provider'
import { vault } from 'strongroom/vault'
import { describe, expect, it } from 'vitest'
import { takeLeaks } from '../canary/watch.js'
import { failure, stub } from './stub-provider.js'

const wrong = { misspelt: 1 } as never
const named = /there is no option "misspelt"; there are \w+/

describe('an option that there is not', () => {
  it.each<[string, () => unknown]>([
    ['createStore', () => createStore({ provider: memory(), ...(wrong as object) })],
    ['cache', () => cache(wrong)],
    ['retry', () => retry(wrong)],
    ['rateLimit', () => rateLimit(wrong)],
    ['timeout', () => timeout(wrong)],
    ['deadline', () => deadline(wrong)],
    ['audit', () => audit(wrong)],
    ['policy', () => policy(wrong)],
    ['defaultLayers', () => defaultLayers(wrong)],
    ['memory', () => memory(wrong)],
    ['env', () => env(wrong)],
    ['aws', () => aws(wrong)],
    ['azure', () => azure(wrong)],
    ['vault', () => vault(wrong)],
  ])('%s names it, and those that there are', (factory, make) => {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(named)
    expect(make).toThrow(`${factory}: `)
  })

  it('openStore and startEmulators refuse it too', async () => {
    await expect(openStore('memory:', wrong)).rejects.toThrow(named)
    await expect(startEmulators(wrong)).rejects.toThrow(named)
  })

  it.each<[string, (store: ReturnType<typeof stub>['store']) => Promise<unknown>]>([
    ['get', (store) => store.get('db', wrong)],
    ['find', (store) => store.find('db', wrong)],
    ['describe', (store) => store.describe('db', wrong)],
    ['put', (store) => store.put('db', 'x', wrong)],
    ['promote', (store) => store.promote('db', 'v1', wrong)],
    ['discard', (store) => store.discard('db', 'v1', wrong)],
    ['rollback', (store) => store.rollback('db', wrong)],
    ['readRecord', (store) => store.readRecord('db', wrong)],
    ['swapRecord', (store) => store.swapRecord('db', null, { ifRevision: 'r', ...(wrong as object) })],
    ['setVersionState', (store) => store.setVersionState('db', 'v1', 'disabled', wrong)],
    ['tag', (store) => store.tag('db', wrong)],
    ['delete', (store) => store.delete('db', wrong)],
    ['restore', (store) => store.restore('db', wrong)],
    ['versions', (store) => store.versions('db', wrong).next()],
    ['list', (store) => store.list(wrong).next()],
  ])('%s refuses it before anything is sent', async (_, run) => {
    const { store, calls } = stub()
    await expect(run(store)).rejects.toThrow(TypeError)
    await expect(run(store)).rejects.toThrow(named)
    expect(calls).toEqual([])
  })

  it('a fence with another spelling is no put without a fence', async () => {
    const { store, calls } = stub()
    const options = { ifversion: 'v1' } as never
    await expect(store.put('db', 'x', options)).rejects.toThrow('put: there is no option "ifversion"')
    expect(calls).toEqual([])
  })

  it('null and text are no options', async () => {
    expect(() => memory(null as never)).toThrow('memory: options must be an object')
    await expect(stub().store.describe('db', null as never)).rejects.toThrow('options must be an object')
    await expect(stub().store.get('db', 'previous' as never)).rejects.toThrow('there is no option "0"')
  })
})

describe('what a store is made of', () => {
  it.each<[string, unknown, string]>([
    ['no provider', {}, 'createStore: provider must be what a factory gives'],
    ['a factory for a provider', { provider: memory }, 'createStore: provider must be what a factory gives'],
    ['text for layers', { provider: memory(), layers: 'x' }, 'createStore: layers must be a list'],
    ['a factory for a layer', { provider: memory(), layers: [cache] }, 'createStore: layers must be a list'],
    ['a number for a schema', { provider: memory(), secrets: { db: 1 } }, 'secrets: "db" must be a Standard'],
  ])('is not %s', (_, options, message) => {
    expect(() => createStore(options as never)).toThrow(TypeError)
    expect(() => createStore(options as never)).toThrow(message)
  })

  it('takes no signal that is none', async () => {
    const { store, calls } = stub()
    await expect(store.get('db', { signal: 1 as never })).rejects.toThrow('signal must be an AbortSignal')
    expect(calls).toEqual([])
  })
})

describe('a refusal of a provider', () => {
  it('that holds the value of the call is replaced by the sentence of its code', async () => {
    const leaking = refusal('ALREADY_EXISTS', 'there is hunter3hunter3')
    const told = await failure(stub({ throws: leaking }).store.put('db', 'hunter3hunter3'))
    expect(told.message).toBe('stub: put "db": it exists already')
    expect(takeLeaks()).toEqual(['an error: SecretError'])

    const kept = await failure(
      stub({ throws: refusal('ALREADY_EXISTS', 'version 7 is there already') }).store.put(
        'db',
        'hunter3hunter3',
      ),
    )
    expect(kept.message).toBe('stub: put "db": version 7 is there already')
  })
})
