import { createHash, randomBytes } from 'node:crypto'
import { refusal } from '../errors.js'
import type { Stage, Tags } from '../operations.js'
import type { Capabilities, Limits, ProviderContext, ProviderInput, ProviderOperations } from '../provider.js'
import {
  type Entry,
  infoOf,
  makeCurrent,
  newEntry,
  newestEnabled,
  readable,
  stagesOf,
  tagsOf,
  type Version,
  versionOf,
} from './entry.js'
import { pageOf } from './page.js'
import type { Shelf } from './shelf.js'

/** What a shelf is told of the store that it stands in. */
export interface ShelfRules {
  /**
   * `versionOrder: 'partial'` makes version ids random and times whole seconds; `checked` lets other writers in between
   * the comparison and the write; `tagScope: 'version'` keeps tags with each version.
   */
  readonly capabilities: Capabilities
  readonly limits: Limits
  readonly foldsCase: boolean
  /** Items in a page of a listing. */
  readonly pageSize: number
  /** How long a deleted secret can be restored. */
  readonly recoveryWindowMs: number
}

/**
 * The thirteen operations over secrets that are at hand: what a provider needs whose whole backend is one document, in
 * memory or in a file. Each works in one turn, unless a capability says `checked`.
 */
export function shelfOperations(shelf: Shelf, rules: ShelfRules): ProviderOperations {
  const { capabilities, limits, foldsCase, pageSize, recoveryWindowMs } = rules
  const { records } = shelf
  const ordered = capabilities.versionOrder === 'total'

  /** For a change: as it is now, and remembered so for reads that lag behind. */
  const existing = (canonical: string, now: number): Entry => {
    shelf.remember(canonical, now)
    return found(shelf.live(canonical, now))
  }
  const changing = (canonical: string, { now }: Pick<ProviderContext, 'now'>): Entry =>
    active(existing(canonical, now()))
  const timeOf = (now: number): Date => new Date(ordered ? now : Math.floor(now / 1000) * 1000)

  const put = async (input: ProviderInput<'put'>, now: number): Promise<{ version: string }> => {
    const entry = shelf.live(input.canonical, now) ?? newEntry(timeOf(now))
    if (entry.recoverableUntil !== undefined && input.onDeleted === 'fail') throw inTrash()
    const id = versionId(input.idempotencyKey)
    const repeated = entry.versions.find((version) => version.id === id)
    if (repeated?.value?.equals(input.value) === true) return { version: id }
    if (repeated !== undefined) {
      throw refusal('ALREADY_EXISTS', 'the idempotency key was used with another value; take a new key', id)
    }
    checkPreconditions(entry, input)
    if (isChecked(input)) await Promise.resolve()
    shelf.remember(input.canonical, now)
    entry.recoverableUntil = undefined
    entry.changedAt = timeOf(now)
    const tags = input.tags ?? tagsOf(entry)
    if (capabilities.tagScope !== 'version') entry.tags = tags
    entry.versions.push({
      id,
      value: input.value,
      createdAt: timeOf(now),
      expiresAt: input.expiresAt,
      state: 'enabled',
      tags: capabilities.tagScope === 'version' ? tags : undefined,
    })
    if (input.stage === 'current') makeCurrent(entry, id)
    else entry.pending = id
    shelf.keep(input.canonical, entry)
    return { version: id }
  }
  /** Another writer gets its turn between the comparison and the write. */
  const isChecked = ({ ifVersion, ifAbsent }: ProviderInput<'put'>): boolean =>
    (ifVersion !== undefined && capabilities.putIfVersion === 'checked') ||
    (ifAbsent === true && capabilities.putIfAbsent === 'checked')
  const versionId = (key: string | undefined): string => {
    if (key !== undefined) {
      return /^[0-9A-Za-z-]{32,64}$/.test(key) ? key : createHash('sha256').update(key).digest('hex')
    }
    const count = shelf.count()
    return ordered ? String(count) : randomBytes(16).toString('hex')
  }

  return {
    async get({ canonical, version, stage = 'current' }, { now }) {
      const isFresh = version !== undefined && capabilities.freshRead === 'by-version'
      const entry = active(found((isFresh ? shelf.live : shelf.seen)(canonical, now())))
      const chosen = version === undefined ? atStage(entry, stage, ordered) : versionOf(entry, version)
      return { ...infoOf(entry, chosen), tags: tagsOf(entry, chosen.id), value: readable(chosen) }
    },
    async put(input, { now }) {
      return put(input, now())
    },
    async promote({ canonical, version, ifCurrent }, context) {
      const entry = changing(canonical, context)
      readable(versionOf(entry, version))
      const previous = entry.current
      if (previous !== version && ifCurrent !== undefined && ifCurrent !== previous) throw movedOn(previous)
      makeCurrent(entry, version)
      if (entry.pending === version) entry.pending = undefined
      entry.changedAt = new Date(context.now())
      return previous === undefined || previous === version ? { version } : { version, previous }
    },
    async discard({ canonical, version }, context) {
      const entry = changing(canonical, context)
      versionOf(entry, version)
      if (entry.pending !== version) throw refusal('CONFLICT', `version ${version} is not pending`)
      entry.pending = undefined
      entry.versions.splice(entry.versions.indexOf(versionOf(entry, version)), 1)
      return undefined
    },
    async describe({ canonical, ref }, { now }) {
      const entry = found(shelf.seen(canonical, now()))
      const current = entry.versions.find(({ id }) => id === entry.current)
      return {
        id: ref,
        tags: tagsOf(entry),
        state: entry.recoverableUntil === undefined ? 'active' : 'deleted',
        changedAt: entry.changedAt,
        ...(current && { current: infoOf(entry, current) }),
        ...(entry.pending !== undefined && { pending: entry.pending }),
        ...(entry.recoverableUntil && { recoverableUntil: entry.recoverableUntil }),
      }
    },
    async listPage({ refPrefix, tags = {}, cursor }, { now }) {
      const wanted = foldsCase ? refPrefix.toLowerCase() : refPrefix
      const listed: {
        readonly ref: string
        readonly id: string
        readonly tags: Tags
        readonly changedAt: Date
      }[] = []
      for (const ref of shelf.canonicals().filter((each) => each.startsWith(wanted))) {
        const entry = shelf.seen(ref, now())
        if (entry === undefined || entry.recoverableUntil !== undefined) continue
        const own = tagsOf(entry)
        if (!Object.entries(tags).every(([key, tag]) => own[key] === tag)) continue
        listed.push({ ref, id: ref, tags: own, changedAt: entry.changedAt })
      }
      return pageOf(listed, ({ ref }) => ref, pageSize, cursor)
    },
    async versionsPage({ canonical, cursor }, { now }) {
      const entry = found(shelf.seen(canonical, now()))
      const newestFirst = [...entry.versions].reverse()
      const page = pageOf(newestFirst, ({ id }) => id, pageSize, cursor)
      return { ...page, items: page.items.map((version) => infoOf(entry, version)) }
    },
    async setVersionState({ canonical, version, state }, context) {
      const changed = versionOf(changing(canonical, context), version)
      if (changed.state === 'destroyed' && state !== 'destroyed') readable(changed)
      changed.state = state
      if (state === 'destroyed') changed.value = undefined
      return undefined
    },
    async tag({ canonical, set, remove }, context) {
      const entry = changing(canonical, context)
      const kept = Object.entries(tagsOf(entry)).filter(([key]) => !remove.includes(key))
      const tags = { ...Object.fromEntries(kept), ...set }
      if (Object.keys(tags).length > limits.maxTags) {
        throw refusal('INVALID_VALUE', `tags: a secret holds at most ${limits.maxTags}`)
      }
      const current = entry.versions.find(({ id }) => id === entry.current)
      if (capabilities.tagScope === 'version' && current !== undefined) current.tags = tags
      else entry.tags = tags
      return undefined
    },
    async delete({ canonical, purge }, { now }) {
      const entry = existing(canonical, now())
      if (purge) {
        shelf.drop(canonical)
        return {}
      }
      if (entry.recoverableUntil !== undefined) throw inTrash()
      entry.recoverableUntil = new Date(now() + recoveryWindowMs)
      return { recoverableUntil: entry.recoverableUntil }
    },
    async restore({ canonical }, { now }) {
      existing(canonical, now()).recoverableUntil = undefined
      return undefined
    },
    async readRecord({ canonical }) {
      return records.get(canonical) ?? { revision: '0' }
    },
    async swapRecord({ canonical, record, ifRevision }) {
      const held = records.get(canonical)?.revision ?? '0'
      if (held !== ifRevision) throw refusal('CONFLICT', 'the record has a newer revision; read it again')
      if (capabilities.recordSwap === 'checked') await Promise.resolve()
      const revision = String(shelf.count())
      records.set(canonical, record === null ? { revision } : { revision, record })
      return { revision }
    },
  }
}

function found(entry: Entry | undefined): Entry {
  if (entry === undefined) throw refusal('NOT_FOUND', 'there is no such secret')
  return entry
}

function active(entry: Entry): Entry {
  if (entry.recoverableUntil !== undefined) throw inTrash()
  return entry
}

function atStage(entry: Entry, stage: Stage, ordered: boolean): Version {
  if (stage === 'newest-enabled') return newestEnabled(entry) ?? missing(stage)
  if (stage === 'previous' && !ordered) checkTie(entry)
  const id = entry[stage]
  return id === undefined ? missing(stage) : versionOf(entry, id)
}

/** Where order is partial, versions of the same second cannot be told apart, and a guess would be a wrong value. */
function checkTie(entry: Entry): void {
  const previous = entry.versions.find(({ id }) => id === entry.previous)
  const sameTime = entry.versions.filter(
    ({ createdAt }) => createdAt.getTime() === previous?.createdAt.getTime(),
  )
  if (sameTime.length > 1)
    throw refusal('CONFLICT', 'several versions are as old as the previous one; name one')
}

function checkPreconditions(entry: Entry, input: ProviderInput<'put'>): void {
  if (input.ifVersion !== undefined && input.ifVersion !== entry.current) throw movedOn(entry.current)
  if (input.ifAbsent !== true) return
  const present = input.stage === 'pending' ? entry.pending : (entry.current ?? entry.versions.at(-1)?.id)
  if (present === undefined || (input.stage === 'pending' && stagesOf(entry, present).includes('current')))
    return
  throw refusal('ALREADY_EXISTS', `${present} is there already`, present)
}

function movedOn(current: string | undefined): Error {
  return refusal('CONFLICT', `${current ?? 'nothing'} is current; read again and decide`)
}

function inTrash(): Error {
  return refusal('PENDING_DELETION', 'the secret is deleted and waits in the trash; restore it first')
}

function missing(stage: string): never {
  throw refusal('NOT_FOUND', `no version is ${stage}`)
}
