import type { Capabilities } from '../../../provider.js'
import type { ConformanceCase } from '../case.js'
import { check, quietly, same } from '../expect.js'

/** Every fact and the values that it may have. */
export const factValues: { readonly [F in keyof Capabilities]: readonly Capabilities[F][] } = {
  writable: [true, false],
  list: [true, false],
  listByTag: [true, false],
  pending: ['native', 'none'],
  putIfVersion: ['atomic', 'checked', 'none'],
  putIfAbsent: ['atomic', 'checked', 'none'],
  putIdempotent: [true, false],
  recordSwap: ['atomic', 'checked', 'none'],
  versionOrder: ['total', 'partial', 'none'],
  versionDisable: [true, false],
  versionDestroy: [true, false],
  deleteRecoverable: [true, false],
  purge: [true, false],
  tagScope: ['secret', 'version', 'none'],
  binary: ['native', 'encoded'],
  emptyValue: [true, false],
  caseSensitiveNames: [true, false],
  freshRead: ['always', 'by-version', 'no'],
  expiry: ['informational', 'none'],
  nativeRotation: [true, false],
}

export const factCases: readonly ConformanceCase[] = [
  {
    id: 'facts/capabilities',
    title:
      'capabilities are the twenty facts, each with one of its values, frozen, asked without the network',
    async run(h) {
      const facts = await quietly(h, async () => h.store.capabilities)
      same(Object.keys(facts).sort(), Object.keys(factValues).sort(), 'the facts')
      for (const [fact, values] of Object.entries(factValues)) {
        const value = facts[fact as keyof Capabilities]
        check(
          (values as readonly unknown[]).includes(value),
          `capabilities.${fact} is ${JSON.stringify(value)}`,
        )
      }
      check(Object.isFrozen(facts), 'capabilities are not frozen')
    },
  },
  {
    id: 'facts/limits',
    title: 'limits are frozen numbers of zero or more, and patterns that keep no state',
    async run(h) {
      check(Object.isFrozen(h.limits), 'limits are not frozen')
      for (const [limit, value] of Object.entries(h.limits)) {
        if (value instanceof RegExp) check(!value.global && !value.sticky, `limits.${limit} keeps state`)
        else check(typeof value === 'number' && value >= 0, `limits.${limit} is ${String(value)}`)
      }
      check(h.limits.maxValueBytes > 0 && h.limits.maxNameLength > 0, 'nothing fits')
    },
  },
]
