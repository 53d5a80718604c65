import { openStore } from 'strongroom'
import { type OtelTracer, openTelemetry } from 'strongroom/opentelemetry'

/** Stands for `trace.getTracer('shop')` of `@opentelemetry/api`: prints what a span holds. */
const tracer: OtelTracer = {
  startSpan: (name, { attributes }) => ({
    setAttributes: (more) => Object.assign(attributes, more),
    setStatus: () => {},
    end: () => console.log(name, attributes['strongroom.secret.name'], attributes['strongroom.source']),
  }),
}

// #region all
const stop = openTelemetry({ tracer })
const store = await openStore('memory:')
await store.put('stripe', 'sk_test_1') // strongroom put stripe provider
await store.get('stripe') // strongroom get stripe provider
await store.get('stripe') // strongroom get stripe cache
stop()
// #endregion
await store.close()
