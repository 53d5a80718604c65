import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { JsonError, type ProviderContext, parseJson, SecretError } from 'strongroom/provider'
import { errnoOf, unless } from './errors.js'
import { inTurn } from './in-turn.js'

/** Who holds a lock. Process ids mean something within one place only. */
interface Holder {
  readonly pid: number
  /** Of the process, in ticks since the machine started: ids are given again. Empty where the platform does not say. */
  readonly startedAt: string
  /** The host, and the process namespace of a container. */
  readonly place: string
  readonly id: string
}

export interface Lock {
  /**
   * Shows others that the holder lives. Called between the steps of a write, none of which takes seconds.
   *
   * @throws {SecretError} `UNAVAILABLE` when somebody took the lock over.
   */
  readonly renew: () => Promise<void>
}

/** A lock of another place, or one that was never filled, that nobody renewed for so long is nobody's. */
const abandonedMs = 5_000
/** Short: a process that writes in a row leaves the lock free for a moment only. */
const longestPauseMs = 8
const here = place()
/** Stores of this process wait in line, and do not look again and again. */
const inLine = inTurn()

/**
 * Runs while no other process, nor another store of this one, holds the lock at `path`. The lock of a process that no
 * longer runs is taken over at once.
 *
 * @throws {SecretError} `UNAVAILABLE` after `timeoutMs`, naming the holder.
 */
export function withLock<T>(
  path: string,
  timeoutMs: number,
  context: ProviderContext,
  run: (lock: Lock) => Promise<T>,
): Promise<T> {
  return inLine(path, () => locked(path, timeoutMs, context, run))
}

async function locked<T>(
  path: string,
  timeoutMs: number,
  context: ProviderContext,
  run: (lock: Lock) => Promise<T>,
): Promise<T> {
  const holder: Holder = {
    pid: process.pid,
    startedAt: startOf('self'),
    place: here,
    id: randomBytes(8).toString('hex'),
  }
  const mine = JSON.stringify(holder)
  await take(path, mine, holder.id, timeoutMs, context)
  const isMine = async (): Promise<boolean> => (await readIfThere(path)) === mine
  try {
    return await run({
      renew: async () => {
        if (!(await isMine()))
          throw unavailable('this process stood still for so long that another one took the lock over')
        const now = new Date()
        await unless('ENOENT', utimes(path, now, now))
      },
    })
  } finally {
    if (await isMine()) await rm(path, { force: true })
  }
}

async function take(
  path: string,
  mine: string,
  id: string,
  timeoutMs: number,
  context: ProviderContext,
): Promise<void> {
  const { now, sleep, signal } = context
  const since = now()
  let watched = { sight: '', since }
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    signal.throwIfAborted()
    if (await create(path, mine)) return
    const [text, stats] = await Promise.all([readIfThere(path), unless('ENOENT', stat(path))])
    if (text !== undefined && stats !== undefined) {
      const sight = `${text} ${stats.mtimeMs}`
      if (sight !== watched.sight) watched = { sight, since: now() }
      const holder = holderIn(text)
      if (isNobodys(holder, now() - watched.since)) {
        await takeAway(path, text, id)
        continue
      }
      if (now() - since >= timeoutMs) throw busy(path, holder)
    }
    await sleep(pauseMs)
  }
}

async function create(path: string, mine: string): Promise<boolean> {
  const created = await unless(
    'EEXIST',
    writeFile(path, mine, { flag: 'wx', mode: 0o600 }).then(() => true),
  )
  return created === true
}

/** Between the look and the rename another process may have locked anew: that lock goes back. */
async function takeAway(path: string, expected: string, id: string): Promise<void> {
  const aside = `${path}.${id}`
  const moved = await unless(
    'ENOENT',
    rename(path, aside).then(() => true),
  )
  if (moved !== true) return
  if ((await readIfThere(aside)) !== expected) await unless('EEXIST', link(aside, path))
  await rm(aside, { force: true })
}

function isNobodys(holder: Holder | undefined, unchangedMs: number): boolean {
  if (holder?.place !== here) return unchangedMs >= abandonedMs
  return !isRunning(holder)
}

function isRunning({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ESRCH') return false
    if (code !== 'EPERM') throw error
  }
  const started = startOf(String(pid))
  return started === '' || startedAt === '' || started === startedAt
}

/** The holder that the text names; `undefined` for a lock that is not filled yet, or not one of ours. */
function holderIn(text: string): Holder | undefined {
  try {
    const { pid, startedAt, place, id } = parseJson(text) as Partial<Holder>
    const known = Number.isInteger(pid) && [startedAt, place, id].every((field) => typeof field === 'string')
    return known ? ({ pid, startedAt, place, id } as Holder) : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

function readIfThere(path: string): Promise<string | undefined> {
  return unless('ENOENT', readFile(path, 'utf8'))
}

/** Field 22 of Linux' stat of a process; its second, the name, may hold anything but ends in the last bracket. */
function startOf(pid: string): string {
  const stats = ifThere(() => readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? ''
  return stats.slice(stats.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function place(): string {
  return [hostname(), ifThere(() => readlinkSync('/proc/self/ns/pid')) ?? ''].join(' ')
}

function ifThere(read: () => string): string | undefined {
  try {
    return read()
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}

function busy(path: string, holder: Holder | undefined): SecretError {
  const who = holder === undefined ? 'somebody' : `process ${holder.pid} on ${holder.place.split(' ')[0]}`
  return unavailable(`${who} holds ${path}; wait for it, or stop it. Nothing was written`)
}

function unavailable(message: string): SecretError {
  return new SecretError({ code: 'UNAVAILABLE', message, providerCode: 'LOCKED' })
}
