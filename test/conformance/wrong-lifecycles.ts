import { refusal } from 'strongroom/provider'
import { changing, type WrongProvider } from './wrong-provider.js'

/** Mistakes with stages, listings, states, the trash, names and records. */
export const wrongLifecycles: readonly WrongProvider[] = [
  {
    mistake: 'previous is current',
    caughtBy: 'get/previous',
    spoil: changing({
      get: (next) => (input, context) =>
        next(input.stage === 'previous' ? { ...input, stage: 'current' } : input, context),
    }),
  },
  {
    mistake: 'pending is visible to plain readers',
    caughtBy: 'pending/invisible',
    spoil: changing({ put: (next) => (input, context) => next({ ...input, stage: 'current' }, context) }),
  },
  {
    mistake: 'newest-enabled counts a pending version',
    caughtBy: 'pending/invisible',
    spoil: changing({
      get: (next) => (input, context) => {
        if (input.stage !== 'newest-enabled') return next(input, context)
        return next({ ...input, stage: 'pending' }, context).catch((error: { code?: string }) => {
          if (error.code !== 'NOT_FOUND') throw error
          return next(input, context)
        })
      },
    }),
  },
  {
    mistake: 'promote is not fenced',
    caughtBy: 'promote/fenced',
    spoil: changing({
      promote:
        (next) =>
        ({ ifCurrent: _, ...input }, context) =>
          next(input, context),
    }),
  },
  {
    mistake: 'promoting what is current already is a conflict',
    caughtBy: 'promote/already-current',
    spoil: (provider) =>
      changing({
        promote: (next) => async (input, context) => {
          const { version } = await provider.operations.get(
            { ...input, version: undefined } as never,
            context,
          )
          if (version === input.version) throw refusal('CONFLICT', 'it is current already')
          return next(input, context)
        },
      })(provider),
  },
  {
    mistake: 'discard drops whatever it is given',
    caughtBy: 'discard/not-pending',
    spoil: changing({
      discard: (next) => (input, context) =>
        next(input, context).catch((error: { code?: string }) => {
          if (error.code !== 'CONFLICT') throw error
          return undefined
        }),
    }),
  },
  {
    mistake: 'describe gives the time of the secret, not of its current version',
    caughtBy: 'describe/follows-current',
    spoil: changing({
      describe: (next) => async (input, context) => {
        const { current, ...info } = await next(input, context)
        return current === undefined ? info : { ...info, current: { ...current, createdAt: new Date(0) } }
      },
    }),
  },
  {
    mistake: 'a listing leaks values',
    caughtBy: 'list/no-values',
    spoil: (provider) =>
      changing({
        listPage: (next) => async (input, context) => {
          const { items, ...page } = await next(input, context)
          const leaking = items.map(async (item) => {
            const { value } = await provider.operations.get({ ref: item.ref, canonical: item.ref }, context)
            return { ...item, preview: Buffer.from(value.bytes()).toString('base64') }
          })
          return { ...page, items: await Promise.all(leaking) }
        },
      })(provider),
  },
  {
    mistake: 'the cursor of a page is lost',
    caughtBy: 'list/many',
    spoil: changing({
      listPage: (next) => async (input, context) => ({ items: (await next(input, context)).items }),
    }),
  },
  {
    mistake: 'system names are listed',
    caughtBy: 'system/hidden',
    spoil: (provider) => ({ ...provider, names: { ...provider.names, systemRef: 'elsewhere/' } }),
  },
  {
    mistake: 'tags match by their beginning',
    caughtBy: 'list/tags',
    spoil: changing({
      listPage:
        (next) =>
        async ({ tags = {}, ...input }, context) => {
          const { items, ...page } = await next(input, context)
          const fits = (own: Readonly<Record<string, string>> = {}): boolean =>
            Object.entries(tags).every(([key, tag]) => own[key]?.startsWith(tag) === true)
          return { ...page, items: items.filter((item) => fits(item.tags)) }
        },
    }),
  },
  {
    mistake: 'versions that no stage points at are left out of the history',
    caughtBy: 'versions/all',
    spoil: changing({
      versionsPage: (next) => async (input, context) => {
        const { items, ...page } = await next(input, context)
        return { ...page, items: items.filter(({ stages }) => stages.length > 0) }
      },
    }),
  },
  {
    mistake: 'the history is oldest first',
    caughtBy: 'versions/newest-first',
    spoil: changing({
      versionsPage: (next) => async (input, context) => {
        const { items, ...page } = await next(input, context)
        return { ...page, items: [...items].reverse() }
      },
    }),
  },
  {
    mistake: 'disabled looks missing',
    caughtBy: 'set-version-state/disable-current',
    spoil: changing({
      get: (next) => (input, context) =>
        next(input, context).catch((error: { code?: string }) => {
          throw error.code === 'DISABLED' ? refusal('NOT_FOUND', 'there is no such secret') : error
        }),
    }),
  },
  {
    mistake: 'a disabled current version falls back to an older one',
    caughtBy: 'set-version-state/disable-current',
    spoil: changing({
      get: (next) => (input, context) =>
        next(input, context).catch((error: { code?: string }) => {
          if (error.code !== 'DISABLED' || input.version !== undefined) throw error
          return next({ ...input, stage: 'newest-enabled' }, context)
        }),
    }),
  },
  {
    mistake: 'destroy only disables',
    caughtBy: 'set-version-state/destroy',
    spoil: changing({
      setVersionState: (next) => (input, context) =>
        next(input.state === 'destroyed' ? { ...input, state: 'disabled' } : input, context),
    }),
  },
  {
    mistake: 'delete purges',
    caughtBy: 'delete/recoverable',
    spoil: changing({ delete: (next) => (input, context) => next({ ...input, purge: true }, context) }),
  },
  {
    mistake: 'delete takes what lies below the name with it',
    caughtBy: 'delete/only-that-one',
    spoil: (provider) => {
      const known = new Set<string>()
      return changing({
        put: (next) => (input, context) => {
          known.add(input.canonical)
          return next(input, context)
        },
        delete: (next) => async (input, context) => {
          const below = [...known].filter((canonical) => canonical.startsWith(`${input.canonical}/`))
          for (const canonical of below) await next({ ...input, canonical, ref: canonical }, context)
          return next(input, context)
        },
      })(provider)
    },
  },
  {
    mistake: 'a put purges what lies in the trash',
    caughtBy: 'delete/put-on-deleted',
    spoil: (provider) =>
      changing({
        put: (next) => (input, context) =>
          next(input, context).catch(async (error: { code?: string }) => {
            if (error.code !== 'PENDING_DELETION') throw error
            await provider.operations.delete({ ...input, purge: true }, context)
            return next(input, context)
          }),
      })(provider),
  },
  {
    mistake: 'deleted looks missing',
    caughtBy: 'every/deleted/get',
    spoil: changing({
      get: (next) => (input, context) =>
        next(input, context).catch((error: { code?: string }) => {
          throw error.code === 'PENDING_DELETION' ? refusal('NOT_FOUND', 'there is no such secret') : error
        }),
    }),
  },
  {
    mistake: 'restore lies',
    caughtBy: 'restore/everything',
    spoil: changing({ restore: () => async () => undefined }),
  },
  {
    mistake: 'names are folded, and the capabilities say that they are not',
    caughtBy: 'names/case',
    spoil: changing({
      put: (next) => (input, context) =>
        next({ ...input, canonical: input.canonical.toLowerCase() }, context),
      get: (next) => (input, context) =>
        next({ ...input, canonical: input.canonical.toLowerCase() }, context),
    }),
  },
  {
    mistake: 'names are encoded so that two meet',
    caughtBy: 'names/escapes-do-not-meet',
    spoil: (provider) => {
      const meet = (name: string): string => provider.names.encode(name.replaceAll('-x2f-', '/'))
      return { ...provider, names: { ...provider.names, encode: meet } }
    },
  },
  {
    mistake: 'the record swap is not fenced',
    caughtBy: 'records/stale',
    spoil: (provider) =>
      changing({
        swapRecord: (next) => async (input, context) => {
          const { revision } = await provider.operations.readRecord(input, context)
          return next({ ...input, ifRevision: revision }, context)
        },
      })(provider),
  },
  {
    mistake: 'an emptied record starts its revisions again',
    caughtBy: 'records/tombstone',
    spoil: (provider) => {
      const emptied = new Map<string, string>()
      return changing({
        readRecord: (next) => async (input, context) => {
          const state = await next(input, context)
          return emptied.get(input.canonical) === state.revision ? { revision: '0' } : state
        },
        swapRecord: (next) => async (input, context) => {
          const hidden = emptied.get(input.canonical)
          const ifRevision = hidden !== undefined && input.ifRevision === '0' ? hidden : input.ifRevision
          const swapped = await next({ ...input, ifRevision }, context)
          if (input.record !== null) return swapped
          emptied.set(input.canonical, swapped.revision)
          return { revision: '0' }
        },
      })(provider)
    },
  },
]
