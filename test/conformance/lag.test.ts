import { createStore } from 'strongroom'
import { aws } from 'strongroom/aws'
import { awsEmulator } from 'strongroom/aws/emulator'
import { azure } from 'strongroom/azure'
import { azureEmulator } from 'strongroom/azure/emulator'
import { gcp } from 'strongroom/gcp'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import type { SecretProvider } from 'strongroom/provider'
import { type BackendOptions, conformanceSuite, createClock, type Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const lagMs = 2_000
const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
const timing = {
  now: () => clock.now(),
  after: (delayMs: number, run: () => void) => {
    const turn = setImmediate(() => {
      clock.advance(delayMs)
      run()
    })
    return () => clearImmediate(turn)
  },
}

interface Lagging {
  readonly name: string
  readonly start: () => Promise<Emulator>
  readonly provider: (emulator: Emulator, prefix?: string) => SecretProvider
}

/** None promises that a read sees the write before it. */
const clouds: readonly Lagging[] = [
  {
    name: 'aws',
    start: () => awsEmulator({ clock, region: 'eu-west-1' }),
    provider: ({ url }, prefix) => aws({ region: 'eu-west-1', endpoint: url, prefix }),
  },
  {
    name: 'azure',
    start: () => azureEmulator({ clock }),
    provider: ({ httpUrl }, prefix) => azure({ endpoint: httpUrl, prefix }),
  },
  {
    name: 'gcp',
    start: () => gcpEmulator({ clock }),
    provider: ({ url }, prefix) => gcp({ project: 'my-project', endpoint: url, prefix }),
  },
]

describe.each(clouds)('$name, whose reads are two seconds behind', ({ start, provider }) => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await start()
  })
  afterAll(() => emulator.close())

  function backend(): BackendOptions {
    const lag = (): void => {
      emulator.faults.clear()
      emulator.faults.add({ operation: '*', lagMs })
    }
    lag()
    return {
      provider: ({ prefix }) => provider(emulator, prefix),
      requests: () => Object.values(emulator.calls).reduce((sum, count) => sum + count, 0),
      timing,
      advance: (ms) => clock.advance(ms),
      settle: () => clock.advance(lagMs + 1),
      mend: lag,
    }
  }

  it('does not see its own write at once', async () => {
    backend()
    const store = createStore({ provider: provider(emulator), layers: [], ...timing })
    await store.put('slow', 'a value')
    expect(await store.find('slow')).toBeUndefined()
    clock.advance(lagMs + 1)
    expect((await store.find('slow'))?.value).toBe('a value')
  })

  for (const { id, title, run } of conformanceSuite(backend)) {
    it(`${id}: ${title}`, async () => {
      expect(['held', 'opposite', 'skipped']).toContain(await run())
    })
  }
})
