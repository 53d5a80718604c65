import { createStore, defaultLayers, SecretError } from 'strongroom'
import { memory } from 'strongroom/memory'
import { type OpenTelemetryOptions, openTelemetry } from 'strongroom/opentelemetry'
import { afterEach, describe, expect, it } from 'vitest'

const needle = 'marked-value-Zq7!'
const token = 'marked-token-Zq8!'

interface Exported {
  readonly spans: Record<string, unknown>[]
  readonly points: Record<string, unknown>[]
  readonly instruments: Record<string, unknown>[]
}

const undo: (() => void)[] = []
afterEach(() => {
  for (const run of undo.splice(0)) run()
})

/** What an exporter would send, by the shapes of the official API. */
function exporting(options: Partial<OpenTelemetryOptions> = {}): Exported {
  const exported: Exported = { spans: [], points: [], instruments: [] }
  const instrument = (
    name: string,
    more: object,
  ): Record<'add' | 'record', (value: number, on: object) => void> => {
    exported.instruments.push({ name, ...more })
    const take = (value: number, attributes: object): void => {
      exported.points.push({ name, value, attributes })
    }
    return { add: take, record: take }
  }
  const stop = openTelemetry({
    tracer: {
      startSpan: (name, { kind, attributes }) => {
        const span: Record<string, unknown> = { name, kind, attributes: { ...attributes }, ended: 0 }
        exported.spans.push(span)
        return {
          setAttributes: (more) => Object.assign(span['attributes'] as object, more),
          setStatus: (status) => Object.assign(span, { status }),
          end: () => {
            span['ended'] = Number(span['ended']) + 1
          },
        }
      },
    },
    meter: { createHistogram: instrument, createCounter: instrument },
    ...options,
  })
  undo.push(stop)
  return exported
}

async function calls(): Promise<void> {
  const store = createStore({ provider: memory({ seed: { 'app/db': needle } }), layers: defaultLayers() })
  await store.get('app/db')
  await store.get('app/db')
  await store.put('app/db', needle)
  await store.get('none', { stage: 'previous' }).catch((error: unknown) => {
    if (!SecretError.is(error)) throw error
  })
  await store.close()
}

describe('spans', () => {
  it('are one a call, of kind CLIENT, with what may be known', async () => {
    const { spans } = exporting()
    await calls()
    const about = { 'strongroom.provider': 'memory', 'strongroom.secret.name': 'app/db' }
    expect(spans).toMatchObject([
      {
        name: 'strongroom get',
        kind: 2,
        ended: 1,
        attributes: {
          ...about,
          'strongroom.operation': 'get',
          'strongroom.source': 'provider',
          'strongroom.attempts': 1,
        },
      },
      { name: 'strongroom get', attributes: { 'strongroom.source': 'cache', 'strongroom.attempts': 0 } },
      { name: 'strongroom put', ended: 1, attributes: { ...about, 'strongroom.operation': 'put' } },
      {
        name: 'strongroom get',
        ended: 1,
        status: { code: 2 },
        attributes: { 'error.type': 'NOT_FOUND', 'strongroom.secret.stage': 'previous' },
      },
    ])
    expect(spans[0]).not.toHaveProperty('status')
    expect(spans[0]?.['attributes']).not.toHaveProperty('error.type')
  })

  it('show names as a keyed digest, or not at all, by choice', async () => {
    const hashed = exporting({ names: 'hashed', hashKey: 'k' })
    const other = exporting({ names: 'hashed', hashKey: 'another' })
    const none = exporting({ names: 'none' })
    await calls()
    const namesOf = ({ spans }: Exported): unknown[] =>
      spans.map(({ attributes }) => (attributes as Record<string, unknown>)['strongroom.secret.name'])
    const [first, second, third, missing] = namesOf(hashed)
    expect(first).toMatch(/^[0-9a-f]{32}$/)
    expect([second, third]).toEqual([first, first])
    expect(missing).not.toBe(first)
    expect(namesOf(other)[0]).not.toBe(first)
    expect(namesOf(none)).toEqual([undefined, undefined, undefined, undefined])
    expect(JSON.stringify([hashed, none])).not.toContain('app/db')
  })
})

describe('metrics', () => {
  it('are durations in seconds and requests, without names', async () => {
    const { points, instruments } = exporting()
    await calls()
    expect(instruments).toMatchObject([
      { name: 'strongroom.call.duration', unit: 's' },
      { name: 'strongroom.call.requests', unit: '{request}' },
    ])
    const durations = points.filter(({ name }) => name === 'strongroom.call.duration')
    expect(durations).toHaveLength(4)
    for (const { value } of durations)
      expect(value).toSatisfy((seconds: number) => seconds >= 0 && seconds < 1)
    expect(durations.at(-1)?.['attributes']).toEqual({
      'strongroom.provider': 'memory',
      'strongroom.operation': 'get',
      'strongroom.source': 'provider',
      'error.type': 'NOT_FOUND',
    })
    expect(points.filter(({ name }) => name === 'strongroom.call.requests')).toHaveLength(3)
    expect(JSON.stringify(points)).not.toContain('app/db')
  })

  it('need no tracer, as spans need no meter', async () => {
    const metricsOnly = exporting({ tracer: undefined })
    const spansOnly = exporting({ meter: undefined })
    await calls()
    expect([metricsOnly.spans.length, metricsOnly.points.length > 0]).toEqual([0, true])
    expect([spansOnly.spans.length, spansOnly.points.length]).toEqual([4, 0])
  })
})

describe('what is exported', () => {
  it('holds no value and no token', async () => {
    const exported = exporting()
    await calls()
    const store = createStore({ provider: memory() })
    await store.put('app/db', needle, { rotationToken: token }).catch((error: unknown) => {
      if (!SecretError.is(error)) throw error
    })
    expect(exported.spans.at(-1)).toMatchObject({ attributes: { 'error.type': 'UNSUPPORTED' } })
    const text = JSON.stringify(exported)
    expect(text).toContain('app/db')
    for (const secret of [needle, token]) {
      for (const form of [
        secret,
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('hex'),
      ]) {
        expect(text).not.toContain(form)
      }
    }
  })

  it('ends when it is stopped; a call that is under way then is not ended twice or counted', async () => {
    const exported = exporting()
    const store = createStore({ provider: memory({ seed: { a: '1' } }) })
    const pending = store.get('a')
    for (const run of undo.splice(0)) run()
    await pending
    await store.get('a', { maxAgeMs: 0 })
    expect(exported.spans).toMatchObject([{ ended: 0 }])
    expect(exported.points).toEqual([])
  })

  it('starts with a call that begins later', async () => {
    const store = createStore({ provider: memory({ seed: { a: '1' } }) })
    exporting({ tracer: undefined })
    const pending = store.get('a')
    const { spans } = exporting({ meter: undefined })
    await pending
    expect(spans).toEqual([])
  })
})

describe('options', () => {
  it('that make no sense are refused', () => {
    expect(() => openTelemetry({ names: 'short' } as never)).toThrow('plain, hashed or none')
    expect(() => openTelemetry({ names: 'hashed' })).toThrow('needs a hashKey')
    expect(() => openTelemetry({ names: 'hashed', hashKey: '' })).toThrow('needs a hashKey')
    expect(() => openTelemetry({ tracing: {} } as never)).toThrow('no option "tracing"')
  })
})
