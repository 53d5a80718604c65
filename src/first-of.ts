import { getMany, isMissing, prefetch, undefinedIfMissing } from './many.js'
import type { Capabilities } from './provider.js'
import type { Schemas } from './schema.js'
import type { AcceptedOptions, NoSchemas, SecretReader, SecretStore } from './store.js'

/**
 * A reader over several: each name is answered by the first that has it. Only `NOT_FOUND` falls through; a secret
 * that is denied, disabled or out of reach is an error, never a reason to use another one's value.
 *
 * `list` joins the listings; a name that several have is shown once, as the first shows it. `peek` knows only what the
 * first has read. `watch` shows changes in any of them. `close` closes them all.
 *
 * @example const secrets = firstOf(await openStore('env:APP_'), await openStore('aws://eu-west-1/prod'))
 * @throws {TypeError} without a reader.
 */
export function firstOf<S extends Schemas = NoSchemas>(
  ...readers: readonly (SecretReader<S> | SecretStore<S>)[]
): SecretReader<S> {
  const [first] = readers
  if (first === undefined) throw new TypeError('firstOf takes at least one store')

  const attempt = async <T>(ask: (reader: SecretReader<S>) => Promise<T>): Promise<T> => {
    let missing: unknown
    for (const reader of readers) {
      try {
        return await ask(reader)
      } catch (error) {
        if (!isMissing(error)) throw error
        missing = error
      }
    }
    throw missing
  }
  const get: SecretReader<S>['get'] = ((name: string, options?: object) =>
    attempt((reader) => reader.get(name, options))) as SecretReader<S>['get']
  const close = async (): Promise<void> => {
    await Promise.all(readers.map((reader) => reader.close()))
  }

  return Object.freeze<SecretReader<S>>({
    capabilities: weakest(readers.map(({ capabilities }) => capabilities)),
    get,
    find: (async (name: string, options?: object) =>
      get(name, options).catch(undefinedIfMissing)) as SecretReader<S>['find'],
    getMany: ((names, options) => getMany(get, names, options)) as SecretReader<S>['getMany'],
    prefetch: (names, options) => prefetch(get, names, options),
    peek: (name) => first.peek(name),
    accepted: ((name: string, options: AcceptedOptions) =>
      attempt((each) => each.accepted(name, options))) as SecretReader<S>['accepted'],
    withSecret: (async (name, use, options) => {
      const { signal, deadlineMs } = options
      const holder = await attempt(async (each) => {
        await each.get(name, { signal, deadlineMs })
        return each
      })
      return holder.withSecret(name, use, options)
    }) as SecretReader<S>['withSecret'],
    watch: (selector, options) => merged(readers.map((each) => each.watch(selector, options))),
    describe: (name, options) => attempt((each) => each.describe(name, options)),
    async *versions(name, options) {
      const answered = await attempt(async (each) => {
        const iterator = each.versions(name, options)
        return { iterator, head: await iterator.next() }
      })
      if (answered.head.done !== true) yield answered.head.value
      yield* answered.iterator
    },
    async *list(options) {
      const seen = new Set<string>()
      for (const each of readers) {
        for await (const summary of each.list(options)) {
          if (!seen.has(summary.name)) yield summary
          seen.add(summary.name)
        }
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  })
}

/** What several iterators give, in the order in which it comes. Fails when one of them does, and then ends all. */
function merged<T>(iterators: readonly AsyncIterableIterator<T>[]): AsyncIterableIterator<T> {
  const endAll = (): Promise<unknown> => Promise.all(iterators.map((each) => each.return?.()))
  const step = async (each: AsyncIterableIterator<T>) => ({ each, result: await each.next() })
  const loop = (async function* (): AsyncGenerator<T, undefined> {
    const steps = new Map(iterators.map((each) => [each, step(each)]))
    try {
      while (steps.size > 0) {
        const { each, result } = await Promise.race(steps.values())
        if (result.done === true) {
          steps.delete(each)
        } else {
          yield result.value
          steps.set(each, step(each))
        }
      }
    } finally {
      await endAll()
    }
    return undefined
  })()
  return {
    next: () => loop.next(),
    return: async () => {
      await endAll()
      return loop.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** From weak to strong. */
const strengths: readonly unknown[] = ['none', 'no', false, 'checked', 'encoded', 'partial', 'by-version']

/** What holds for all of them. A reader does not write. */
function weakest(all: readonly Capabilities[]): Capabilities {
  const rank = (value: unknown): number => {
    const at = strengths.indexOf(value)
    return at < 0 ? strengths.length : at
  }
  const facts = Object.keys(all[0] ?? {}) as (keyof Capabilities)[]
  const entries = facts.map((fact) => {
    const values = all.map((capabilities) => capabilities[fact])
    return [fact, values.reduce((left, right) => (rank(right) < rank(left) ? right : left))]
  })
  return Object.freeze({ ...Object.fromEntries(entries), writable: false } as Capabilities)
}
