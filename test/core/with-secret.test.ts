import {
  cache,
  createStore,
  firstOf,
  isAuthError,
  type SecretStore,
  type WithSecretOptions,
} from 'strongroom'
import { memory } from 'strongroom/memory'
import { describe, expect, it } from 'vitest'
import { type FakeTiming, fakeTiming, settle } from '../support/fake-timing.js'
import { failure } from './stub-provider.js'

/** A database with one password, a store that caches, and another process that writes behind its back. */
interface Rig {
  readonly store: SecretStore
  readonly elsewhere: SecretStore
  readonly timing: FakeTiming
  readonly database: { password: string }
  /** Passwords that were tried on the database, in order. */
  readonly tried: string[]
  readonly use: (options?: Partial<WithSecretOptions>) => Promise<string>
  /** Reads that were sent. */
  readonly reads: () => number
}

async function rig(options: Parameters<typeof memory>[0] = {}): Promise<Rig> {
  const timing = fakeTiming()
  const { now, random, after } = timing
  const provider = memory(options)
  const store = createStore({ provider, layers: [cache()], now, random, after })
  const elsewhere = createStore({ provider, layers: [], now })
  await elsewhere.put('db', 'first')
  const database = { password: 'first' }
  const tried: string[] = []
  const login = async (password: string): Promise<string> => {
    tried.push(password)
    await settle()
    if (password !== database.password) throw refused()
    return `in with ${password}`
  }
  return {
    store,
    elsewhere,
    timing,
    database,
    tried,
    use: (more) =>
      store.withSecret('db', ({ value }) => login(value), { isAuthError: isAuthError.pg, ...more }),
    reads: () => store.stats().requests.get ?? 0,
  }
}

function refused(): Error {
  return Object.assign(new Error('password authentication failed for user "app"'), { code: '28P01' })
}

async function rotate({ elsewhere, database }: Rig, password: string): Promise<void> {
  await elsewhere.put('db', password)
  database.password = password
}

describe('withSecret', () => {
  it('gives what the function gives, and costs what a read costs', async () => {
    const own = await rig()
    expect(await own.use()).toBe('in with first')
    expect(await own.use()).toBe('in with first')
    expect(own.reads()).toBe(1)
    const whole = { isAuthError: isAuthError.pg }
    expect(await own.store.withSecret('db', ({ name }) => name, whole)).toBe('db')
  })

  it('reads anew when the password is refused, and runs the function once more', async () => {
    const own = await rig()
    await own.use()
    await rotate(own, 'second')
    expect(await own.use()).toBe('in with second')
    expect(own.tried).toEqual(['first', 'first', 'second'])
    expect(own.reads()).toBe(2)
  })

  it('shares the refresh among all who are refused at once', async () => {
    const own = await rig()
    await own.use()
    await rotate(own, 'second')
    const all = await Promise.all(Array.from({ length: 100 }, () => own.use()))
    expect(new Set(all)).toEqual(new Set(['in with second']))
    expect(own.reads()).toBe(2)
  })

  it('asks at most once in ten seconds, however many are refused', async () => {
    const own = await rig()
    own.database.password = 'changed by hand'
    for (let turn = 0; turn < 50; turn += 1) await expect(own.use()).rejects.toMatchObject({ code: '28P01' })
    expect(own.reads()).toBe(2)
    await own.timing.advance(9_999)
    await expect(own.use()).rejects.toMatchObject({ code: '28P01' })
    expect(own.reads()).toBe(2)
    await own.timing.advance(1)
    await expect(own.use()).rejects.toMatchObject({ code: '28P01' })
    expect(own.reads()).toBe(3)
  })

  it('does not run the function again when the version has not moved', async () => {
    const own = await rig()
    own.database.password = 'changed by hand'
    await expect(own.use()).rejects.toThrow('password authentication failed')
    expect(own.tried).toEqual(['first'])
  })

  it('takes what the cache has learned meanwhile, without asking', async () => {
    const own = await rig()
    await own.use()
    await rotate(own, 'second')
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = own.store.withSecret(
      'db',
      async ({ value }) => {
        if (value !== 'first') return value
        await held
        throw refused()
      },
      { isAuthError: isAuthError.pg },
    )
    await own.store.get('db', { maxAgeMs: 0 })
    release()
    expect(await slow).toBe('second')
    expect(own.reads()).toBe(2)
  })

  it('lets every error of the function pass as it is, and at once when it is another one', async () => {
    const own = await rig()
    const error = new RangeError('out of connections')
    const failing = own.store.withSecret('db', () => Promise.reject(error), { isAuthError: isAuthError.pg })
    await expect(failing).rejects.toBe(error)
    const first = refused()
    const same = own.store.withSecret('db', () => Promise.reject(first), { isAuthError: isAuthError.pg })
    await expect(same).rejects.toBe(first)
    const thrown = own.store.withSecret(
      'db',
      () => {
        throw error
      },
      { isAuthError: isAuthError.pg },
    )
    await expect(thrown).rejects.toBe(error)
  })

  it('shows the failure of the newest version, and another error of the second run', async () => {
    const own = await rig()
    await own.use()
    await own.elsewhere.put('db', 'second')
    own.database.password = 'third'
    const errors: unknown[] = []
    const failing = own.store.withSecret(
      'db',
      () => {
        errors.push(refused())
        throw errors.at(-1)
      },
      { isAuthError: isAuthError.pg },
    )
    await expect(failing).rejects.toSatisfy((error) => errors.length === 2 && error === errors[1])
  })

  it('shows the failure of the function when nothing newer can be read', async () => {
    const own = await rig()
    await own.use()
    own.database.password = 'second'
    await own.elsewhere.delete('db', { purge: true })
    await expect(own.use()).rejects.toMatchObject({ code: '28P01' })
  })

  it('rejects as get does when there is nothing to begin with', async () => {
    const { store } = await rig()
    const missing = store.withSecret('none', () => 1, { isAuthError: isAuthError.pg })
    expect((await failure(missing)).code).toBe('NOT_FOUND')
  })

  it('waits for a refresh no longer than its caller does', async () => {
    const timing = fakeTiming()
    const { now, random, after } = timing
    const provider = memory({ seed: { db: 'first' } })
    let reads = 0
    const hang = new Promise<never>(() => {})
    const slow = {
      ...provider,
      operations: {
        ...provider.operations,
        get: (...args: Parameters<typeof provider.operations.get>) => {
          reads += 1
          return reads === 1 ? provider.operations.get(...args) : hang
        },
      },
    }
    const store = createStore({ provider: slow, layers: [], now, random, after })
    const controller = new AbortController()
    const run = (more: Partial<WithSecretOptions>): Promise<unknown> =>
      store
        .withSecret('db', () => Promise.reject(refused()), { isAuthError: isAuthError.pg, ...more })
        .catch((error: { code: string }) => error.code)
    const early = run({ deadlineMs: 50 })
    await timing.advance(50)
    expect(await early).toBe('28P01')
    reads = 0
    const aborted = run({ signal: controller.signal })
    await settle()
    controller.abort()
    expect(await aborted).toBe('28P01')
    expect(timing.pending()).toBe(0)
    await store.close()
  })

  it('refuses what it cannot work with', async () => {
    const { store } = await rig()
    const run = (use: unknown, options: unknown): Promise<unknown> =>
      store.withSecret('db', use as () => 1, options as WithSecretOptions)
    await expect(run(() => 1, {})).rejects.toThrow('isAuthError must be a function')
    await expect(run(1, { isAuthError: () => true })).rejects.toThrow('must be a function')
    await expect(run(() => 1, { isAuthError: () => true, retries: 3 })).rejects.toThrow('no option "retries"')
  })
})

describe('the ladder', () => {
  it('tries the previous version while the server is behind', async () => {
    const own = await rig()
    await own.elsewhere.put('db', 'second')
    await expect(own.use()).rejects.toMatchObject({ code: '28P01' })
    expect(own.tried).toEqual(['second'])
    await own.timing.advance(10_000)
    expect(await own.use({ ladder: true })).toBe('in with first')
    expect(own.tried.slice(1)).toEqual(['second', 'first'])
  })

  it('tries the pending version while the store is behind', async () => {
    const own = await rig()
    await own.elsewhere.put('db', 'second', { stage: 'pending' })
    own.database.password = 'second'
    expect(await own.use({ ladder: true })).toBe('in with second')
    expect(own.tried).toEqual(['first', 'second'])
  })

  it('asks for no pending version where there is none, and shows the failure of the current one', async () => {
    const own = await rig({ capabilities: { pending: 'none' } })
    await own.elsewhere.put('db', 'second')
    own.database.password = 'third'
    const errors = new Map<string, Error>()
    const failing = own.store.withSecret(
      'db',
      ({ value }) => {
        errors.set(value, refused())
        throw errors.get(value)
      },
      { isAuthError: isAuthError.pg, ladder: true },
    )
    await expect(failing).rejects.toSatisfy((error) => error === errors.get('second'))
    expect([...errors.keys()]).toEqual(['second', 'first'])
  })

  it('stands under the same limit', async () => {
    const own = await rig()
    await own.elsewhere.put('db', 'second')
    await own.elsewhere.put('db', 'third', { stage: 'pending' })
    own.database.password = 'changed by hand'
    for (let turn = 0; turn < 20; turn += 1) {
      await expect(own.use({ ladder: true })).rejects.toMatchObject({ code: '28P01' })
    }
    expect(own.reads()).toBe(4)
  })
})

describe('withSecret over several stores', () => {
  it('runs in the first that has the name, and once for an error that looks like a missing secret', async () => {
    const own = await rig()
    const reader = firstOf(createStore({ provider: memory(), layers: [] }), own.store)
    const options = { isAuthError: isAuthError.pg }
    expect(await reader.withSecret('db', ({ value }) => value, options)).toBe('first')
    let runs = 0
    const failing = reader.withSecret(
      'db',
      async () => {
        runs += 1
        await own.store.get('none')
      },
      options,
    )
    expect((await failure(failing)).code).toBe('NOT_FOUND')
    expect(runs).toBe(1)
  })
})
