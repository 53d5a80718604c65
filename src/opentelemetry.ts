import { createHmac } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { checkFields, type Fields } from './fields.js'
import type { CallEnded, CallStarted } from './layers/index.js'

/** An attribute's value, as `@opentelemetry/api` takes it. */
export type OtelValue = string | number
export type OtelAttributes = Readonly<Record<string, OtelValue>>

/** The part of a `Span` that is used. */
export interface OtelSpan {
  setAttributes(attributes: { [key: string]: OtelValue }): unknown
  setStatus(status: { code: number }): unknown
  end(): void
}

/** The part of a `Tracer` that is used: what `trace.getTracer('my-service')` gives. */
export interface OtelTracer {
  startSpan(name: string, options: { kind: number; attributes: { [key: string]: OtelValue } }): OtelSpan
}

/** The part of a `Meter` that is used: what `metrics.getMeter('my-service')` gives. */
export interface OtelMeter {
  createHistogram(name: string, options: OtelHistogramOptions): OtelHistogram
  createCounter(name: string, options: { description: string; unit: string }): OtelCounter
}

export interface OtelHistogramOptions {
  description: string
  unit: string
  advice: { explicitBucketBoundaries: number[] }
}

export interface OtelHistogram {
  record(value: number, attributes: { [key: string]: OtelValue }): void
}

export interface OtelCounter {
  add(value: number, attributes: { [key: string]: OtelValue }): void
}

export interface OpenTelemetryOptions {
  /** Default: no spans. */
  readonly tracer?: OtelTracer | undefined
  /** Default: no metrics. */
  readonly meter?: OtelMeter | undefined
  /**
   * How a secret's name appears in spans: as it is, as a keyed digest that is the same for one name while the process
   * runs with one `hashKey`, or not at all. Metrics never carry it: each name would be a series of its own. Default
   * `plain`.
   */
  readonly names?: 'plain' | 'hashed' | 'none' | undefined
  /** What `hashed` is keyed with, so that nobody guesses names from digests. Needed with `hashed`. */
  readonly hashKey?: string | undefined
}

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR` of `@opentelemetry/api`. */
const clientKind = 2
const errorStatus = 2
/** Those that the semantic conventions advise for the duration of a client's request, and two for cached reads. */
const secondsBounds = [
  0.000_01, 0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

const fields: Fields<OpenTelemetryOptions> = { tracer: true, meter: true, names: true, hashKey: true }
const spellings: readonly unknown[] = ['plain', 'hashed', 'none']

/**
 * Turns what the telemetry layer publishes into spans and metrics, of every store in the process, until the function
 * that it returns is called. Takes a tracer and a meter by shape, so that `@opentelemetry/api` is the application's.
 *
 * A span is named `strongroom get`, is of kind CLIENT and a child of what is active where the call is made; it has
 * `strongroom.provider`, `.operation`, `.secret.name`, `.secret.version`, `.secret.stage`, `.source` and `.attempts`, and on
 * failure `error.type`, the code of the error. Metrics are the histogram `strongroom.call.duration` in seconds and the
 * counter `strongroom.call.requests`. What an HTTP instrumentation records of the SDK is a sibling of the span.
 *
 * No value, token, error or message reaches it: the channels carry names, codes and times only.
 *
 * @example const stop = openTelemetry({ tracer: trace.getTracer('shop'), meter: metrics.getMeter('shop') })
 * @throws {TypeError} for an option that breaks its rule.
 */
export function openTelemetry(options: OpenTelemetryOptions): () => void {
  checkFields('openTelemetry', options, fields)
  const { tracer, meter, names = 'plain', hashKey } = options
  if (!spellings.includes(names)) throw new TypeError('openTelemetry: names must be plain, hashed or none')
  if (names === 'hashed' && (typeof hashKey !== 'string' || hashKey === '')) {
    throw new TypeError('openTelemetry: names: "hashed" needs a hashKey, a text that only you know')
  }
  const nameOf = (secret: string): string | undefined => {
    if (names === 'plain') return secret
    return names === 'none'
      ? undefined
      : createHmac('sha256', hashKey ?? '')
          .update(secret)
          .digest('hex')
          .slice(0, 32)
  }
  const stops = [tracer && traced(tracer, nameOf), meter && measured(meter)]
  return () => {
    for (const stop of stops) stop?.()
  }
}

type Listener<Message> = (message: Message) => void

/** Hears one of the channels of the telemetry layer; gives what ends it. */
function listen<Message>(event: 'start' | 'end' | 'error', listener: Listener<Message>): () => void {
  const name = `strongroom:call:${event}`
  const heard = (message: unknown): void => listener(message as Message)
  subscribe(name, heard)
  return () => void unsubscribe(name, heard)
}

function traced(tracer: OtelTracer, nameOf: (secret: string) => string | undefined): () => void {
  const spans = new WeakMap<CallStarted, OtelSpan>()
  const start = listen<CallStarted>('start', (started) => {
    const attributes = { ...aboutOf(started), ...subjectOf(started, nameOf) }
    spans.set(started, tracer.startSpan(`strongroom ${started.operation}`, { kind: clientKind, attributes }))
  })
  const finish = (ended: CallEnded): void => {
    const span = spans.get(ended.start)
    if (span === undefined) return
    span.setAttributes(endingOf(ended))
    span.setAttributes({ 'strongroom.attempts': ended.attempts })
    if (ended.code !== 'ok') span.setStatus({ code: errorStatus })
    span.end()
  }
  const stops = [start, listen('end', finish), listen('error', finish)]
  return () => {
    for (const stop of stops) stop()
  }
}

function measured(meter: OtelMeter): () => void {
  const duration = meter.createHistogram('strongroom.call.duration', {
    description: 'How long calls of a store took.',
    unit: 's',
    advice: { explicitBucketBoundaries: secondsBounds },
  })
  const requests = meter.createCounter('strongroom.call.requests', {
    description: 'Requests that calls of a store sent to the backend, repeats included.',
    unit: '{request}',
  })
  const record = (ended: CallEnded): void => {
    const attributes = { ...aboutOf(ended), ...endingOf(ended) }
    duration.record(ended.durationMs / 1_000, attributes)
    if (ended.attempts > 0) requests.add(ended.attempts, attributes)
  }
  const stops = [listen('end', record), listen('error', record)]
  return () => {
    for (const stop of stops) stop()
  }
}

function aboutOf({ provider, operation }: CallStarted): OtelAttributes {
  return { 'strongroom.provider': provider, 'strongroom.operation': operation }
}

function endingOf({ code, source }: CallEnded): OtelAttributes {
  return { 'strongroom.source': source, ...(code === 'ok' ? {} : { 'error.type': code }) }
}

function subjectOf(
  { secret, version, stage }: CallStarted,
  nameOf: (secret: string) => string | undefined,
): OtelAttributes {
  const name = secret === undefined ? undefined : nameOf(secret)
  return {
    ...(name === undefined ? {} : { 'strongroom.secret.name': name }),
    ...(version === undefined ? {} : { 'strongroom.secret.version': version }),
    ...(stage === undefined ? {} : { 'strongroom.secret.stage': stage }),
  }
}
