import { type ConformanceCase, meets } from './case.js'
import { conformanceCases } from './cases/index.js'
import { type BackendOptions, openHarness } from './harness.js'

/**
 * - `held`: the case ran.
 * - `opposite`: the backend lacks what the case needs, and the opposite held.
 * - `skipped`: the harness cannot do what the case uses; nothing was tried.
 */
export type Verdict = 'held' | 'opposite' | 'skipped'

/** A case, ready for a test runner. */
export interface ReadyCase {
  readonly id: string
  readonly title: string
  /** Rejects with what broke. */
  readonly run: () => Promise<Verdict>
}

/**
 * The conformance suite over a backend: every testable sentence of the provider contract, for any test runner.
 *
 * @param open makes the backend of one case; it may hand out a shared one, since cases use fresh names.
 *
 * @example With `node:test`:
 * ```ts
 * import test from 'node:test'
 * import { conformanceSuite } from 'strongroom/testing'
 * import { toy } from './toy.js'
 *
 * for (const { id, title, run } of conformanceSuite(() => ({ provider: (options) => toy(options) }))) {
 *   test(`${id}: ${title}`, run)
 * }
 * ```
 *
 * @example With vitest, on a backend of which a test can count the requests and move the clock:
 * ```ts
 * const emulator = await startToyEmulator()
 * const backend = {
 *   provider: (options) => toy({ ...options, endpoint: emulator.url }),
 *   requests: () => Object.values(emulator.calls).reduce((sum, count) => sum + count, 0),
 *   timing: { now: () => emulator.clock.now() },
 *   advance: (ms) => emulator.clock.advance(ms),
 *   faults: { denied: () => emulator.faults.add({ operation: '*', error: 'AccessDenied' }) },
 *   mend: () => emulator.faults.clear(),
 * }
 * for (const { id, title, run } of conformanceSuite(() => backend)) {
 *   test(`${id}: ${title}`, async () => expect(await run()).not.toBe('skipped'))
 * }
 * ```
 */
export function conformanceSuite(open: () => BackendOptions | Promise<BackendOptions>): readonly ReadyCase[] {
  return conformanceCases.map((each) => ({
    id: each.id,
    title: each.title,
    run: async () => runCase(each, await open()),
  }))
}

/** Runs one case, or its opposite, on a backend, and closes what it opened. */
export async function runCase(each: ConformanceCase, backend: BackendOptions): Promise<Verdict> {
  const h = openHarness(backend)
  try {
    if (each.needs !== undefined && !meets(h.capabilities, each.needs)) {
      await each.otherwise(h)
      return 'opposite'
    }
    if (!(each.uses ?? []).every(h.can)) return 'skipped'
    await each.run(h)
    return 'held'
  } finally {
    await h.close()
  }
}
