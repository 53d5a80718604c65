import { parseJson, refusal, type SecretProvider, SecretValue } from 'strongroom/provider'
import { changing, classifying, storing, type WrongProvider } from './wrong-provider.js'

/** Mistakes with errors, values and what a put says. */
export const wrongValues: readonly WrongProvider[] = [
  {
    mistake: 'denied looks like missing',
    caughtBy: 'every/denied/get',
    spoil: classifying((failure) => (failure.code === 'PERMISSION_DENIED' ? { code: 'NOT_FOUND' } : failure)),
  },
  {
    mistake: 'throttled looks like a broken backend',
    caughtBy: 'every/throttled/put',
    spoil: classifying((failure) =>
      failure.code === 'RATE_LIMITED' ? { ...failure, code: 'UNAVAILABLE' } : failure,
    ),
  },
  {
    mistake: 'a lost answer looks like a failure',
    caughtBy: 'put/lost-reply',
    spoil: classifying((failure) => ({ ...failure, outcomeUnknown: false })),
  },
  {
    // The value of the call itself would be taken out by the boundary.
    mistake: 'an error carries the value',
    caughtBy: 'every/no-value-in-errors/put',
    spoil: changing({
      put: (next) => {
        let first: string | undefined
        return (input, context) => {
          if (input.value.kind !== 'binary') first ??= input.value.text()
          return next(input, context).catch(() => {
            throw refusal('UNAVAILABLE', `cannot replace ${first}`)
          })
        }
      },
    }),
  },
  {
    mistake: 'swallows abort',
    caughtBy: 'every/aborted-meanwhile/get',
    spoil: changing({
      get: (next) => (input, context) => next(input, { ...context, signal: new AbortController().signal }),
    }),
  },
  {
    mistake: 'put is a no-op',
    caughtBy: 'put/version',
    spoil: changing({ put: () => async () => ({ version: '1' }) }),
  },
  {
    mistake: 'repeats a put by itself',
    caughtBy: 'put/new-version-each-time',
    spoil: changing({
      put: (next) => async (input, context) => {
        await next(input, context)
        return next(input, context)
      },
    }),
  },
  {
    mistake: 'remembers what it read',
    caughtBy: 'get/newest-is-current',
    spoil: (provider) => {
      const seen = new Map<string, ReturnType<SecretProvider['operations']['put']>>()
      return changing({
        put: (next) => (input, context) => {
          const known = seen.get(input.canonical)
          const stored = next(input, context)
          if (known === undefined) seen.set(input.canonical, stored)
          return stored
        },
        get: (next) => async (input, context) => {
          const first = await seen.get(input.canonical)
          const plain = input.version === undefined && input.stage === undefined
          return next(plain && first ? { ...input, version: first.version } : input, context)
        },
      })(provider)
    },
  },
  {
    mistake: 'drops tags',
    caughtBy: 'put/tags',
    spoil: changing({
      put:
        (next) =>
        ({ tags: _, ...input }, context) =>
          next(input, context),
    }),
  },
  {
    mistake: 'a put wipes the tags',
    caughtBy: 'put/keeps-tags',
    spoil: changing({ put: (next) => (input, context) => next({ tags: {}, ...input }, context) }),
  },
  {
    mistake: 'expiry is dropped',
    caughtBy: 'put/expiry',
    spoil: changing({
      put:
        (next) =>
        ({ expiresAt: _, ...input }, context) =>
          next(input, context),
    }),
  },
  {
    mistake: 'expiry is inherited',
    caughtBy: 'put/expiry-is-not-inherited',
    spoil: (provider) => {
      let last: Date | undefined
      return changing({
        put: (next) => (input, context) => {
          last = input.expiresAt ?? last
          return next(last === undefined ? input : { ...input, expiresAt: last }, context)
        },
      })(provider)
    },
  },
  {
    mistake: 'JSON is serialised again',
    caughtBy: 'values/json-text',
    spoil: storing((value) =>
      value.kind === 'json' ? SecretValue.jsonText(JSON.stringify(parseJson(value.text()))) : value,
    ),
  },
  {
    mistake: 'the newline at the end is trimmed',
    caughtBy: 'values/newline-at-the-end',
    spoil: storing((value) =>
      value.kind === 'text' ? SecretValue.text(value.text().replace(/\n$/, '')) : value,
    ),
  },
  {
    mistake: 'bytes are stored as text',
    caughtBy: 'values/every-byte',
    spoil: storing((value) =>
      value.kind === 'binary' ? SecretValue.text(Buffer.from(value.bytes()).toString('utf8')) : value,
    ),
  },
  {
    mistake: 'text loses its byte order mark',
    caughtBy: 'values/byte-order-mark',
    spoil: storing((value) =>
      value.kind === 'text' ? SecretValue.text(value.text().replace(/^\uFEFF/, '')) : value,
    ),
  },
  {
    mistake: 'ifVersion is read and compared, and declared atomic',
    caughtBy: 'put/if-version-race',
    spoil: (provider) =>
      changing({
        put: (next) => async (input, context) => {
          const { ifVersion, ...plain } = input
          if (ifVersion === undefined) return next(input, context)
          const { version } = await provider.operations.get(input, context)
          if (version !== ifVersion) throw refusal('CONFLICT', 'another version is current')
          return next(plain, context)
        },
      })(provider),
  },
  {
    mistake: 'ifAbsent is ignored',
    caughtBy: 'put/if-absent',
    spoil: changing({
      put:
        (next) =>
        ({ ifAbsent: _, ...input }, context) =>
          next(input, context),
    }),
  },
  {
    mistake: 'the idempotency key is ignored',
    caughtBy: 'put/idempotent-repeat',
    spoil: changing({
      put:
        (next) =>
        ({ idempotencyKey: _, ...input }, context) =>
          next(input, context),
    }),
  },
  {
    mistake: 'a used idempotency key answers success, whatever the value',
    caughtBy: 'put/idempotent-other-value',
    spoil: changing({
      put: (next) => (input, context) =>
        next(input, context).catch((error: { code?: string }) => {
          if (error.code !== 'ALREADY_EXISTS' || input.idempotencyKey === undefined) throw error
          return { version: input.idempotencyKey }
        }),
    }),
  },
]
