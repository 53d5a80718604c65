import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  audit,
  cache,
  deadline,
  defaultLayers,
  type Layer,
  policy,
  rateLimit,
  retry,
  telemetry,
  timeout,
} from 'strongroom'
import { canary, conformanceSuite, leaksIn } from 'strongroom/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { memoryBackend } from './memory-backend.js'

/** What audit and telemetry were told. */
const told: unknown[] = []
const listen = (message: unknown): void => {
  told.push(message)
}
const channels = ['start', 'end', 'error'].map((moment) => `strongroom:call:${moment}`)

const layers: Readonly<Record<string, () => readonly Layer[]>> = {
  telemetry: () => [telemetry()],
  deadline: () => [deadline()],
  audit: () => [audit({ record: listen })],
  policy: () => [policy({ rules: [], otherwise: 'allow' })],
  cache: () => [cache()],
  retry: () => [retry()],
  'rate limit': () => [rateLimit()],
  timeout: () => [timeout()],
  'all of them': () =>
    defaultLayers({ audit: { record: listen }, policy: { rules: [], otherwise: 'allow' } }),
}

describe.each(Object.entries(layers))('memory through %s', (_, make) => {
  beforeAll(() => {
    for (const channel of channels) subscribe(channel, listen)
  })
  afterAll(() => {
    for (const channel of channels) unsubscribe(channel, listen)
  })
  afterEach(() => {
    expect(leaksIn(told.splice(0), [canary])).toEqual([])
  })

  for (const { id, title, run } of conformanceSuite(() => memoryBackend({ layers: make }))) {
    it(`${id}: ${title}`, async () => expect(await run()).toBe('held'))
  }
})
