import { createHash, randomBytes } from 'node:crypto'
import { type ProviderContext, refusal, SecretError } from 'strongroom/provider'
import { absence, noFolder } from './absence.js'
import { copyOf, type Document, decodeDocument, encodeDocument, newDocument } from './document.js'
import { invalid, isThere } from './errors.js'
import { maxFileBytes } from './facts.js'
import { inTurn } from './in-turn.js'
import type { KeySource } from './keys.js'
import { type Lock, withLock } from './lock.js'
import { markAt, type OpenFile, openFile } from './open-file.js'
import { replaceFile } from './replace-file.js'
import { type Key, recipientsOf, seal, unseal } from './seal.js'
import { checkSight, type Seen, type Sight } from './seen.js'

export interface SealedFileOptions {
  readonly path: string
  readonly key: KeySource
  /** Default: those that the document names. */
  readonly recipients: readonly string[] | undefined
  readonly workFactor: number
  readonly lockTimeoutMs: number
  readonly seen: Seen
  readonly acceptRollback: boolean
}

/** A document in a file that is sealed as a whole: read as it is now, replaced under a lock. */
export interface SealedFile {
  /** The document now; a new one where there is no file. Not to be changed. */
  readonly read: (context: ProviderContext) => Promise<Document>
  /** Changes the document, and returns when the disk holds it. When `run` throws, nothing is written. */
  readonly change: <T>(context: ProviderContext, run: (document: Document) => Promise<T>) => Promise<T>
  /** Forgets the key, and what was read with it. */
  readonly forget: () => void
}

/** What was read last, so that a file that did not change is not opened with the key again. */
interface Held {
  readonly mark: string
  readonly sealed: Uint8Array
  readonly document: Document
}

export function sealedFile(options: SealedFileOptions): SealedFile {
  const { path, workFactor, lockTimeoutMs, seen, acceptRollback } = options
  const loads = inTurn()
  let held: Held | undefined
  let known: Promise<Key> | undefined

  /** A key that could not be had is asked for again. */
  const key = async (isNew: boolean): Promise<Key> => {
    known ??= options.key(isNew)
    const asked = known
    try {
      return await asked
    } catch (error) {
      if (known === asked) known = undefined
      throw error
    }
  }

  /** The newest sight is read first: the file can only be newer than that, unless somebody put an old one back. */
  const load = async (context: ProviderContext, lock?: Lock): Promise<Held | undefined> => {
    if (held !== undefined && held.mark === (await markAt(path))) return held
    const newest = await seen.read()
    const file = await openFile(path)
    if (file === undefined) return absent(newest, context, lock)
    try {
      held = await readNew(file, newest, context)
      return held
    } finally {
      await file.handle.close()
    }
  }
  const readNew = async (
    { handle, mark }: OpenFile,
    newest: Sight | undefined,
    context: ProviderContext,
  ): Promise<Held> => {
    const sealed = await handle.readFile()
    const document = decodeDocument(path, await open(sealed))
    const sight = sightOf(document, sealed)
    if (acceptRollback) await seen.replace(sight, context)
    else {
      checkSight(path, sight, newest)
      if (newest?.generation !== sight.generation) await seen.note(sight, context)
    }
    return { mark, sealed, document }
  }
  /** A key that does not fit is asked for again. */
  const open = async (sealed: Uint8Array): Promise<string> => {
    try {
      return await unseal(path, sealed, await key(false), workFactor)
    } catch (error) {
      if (SecretError.is(error) && error.code === 'UNAUTHENTICATED') known = undefined
      throw error
    }
  }
  const absent = async (
    newest: Sight | undefined,
    context: ProviderContext,
    lock: Lock | undefined,
  ): Promise<Held | undefined> => {
    const isBeingMade = lock === undefined && (await isThere(lockOf(path)))
    const problem = await absence({ path, newest: acceptRollback ? undefined : newest, isBeingMade })
    if (problem === undefined) return undefined
    // The first writer may have come meanwhile.
    if (await isThere(path)) return load(context, lock)
    throw problem
  }

  const write = async (
    before: Held | undefined,
    changed: Document,
    lock: Lock,
    context: ProviderContext,
  ): Promise<void> => {
    const own = await key(before === undefined)
    const recipients = await recipientsFor(own, changed)
    const text = encodeDocument({ ...changed, recipients, generation: changed.generation + 1 })
    // What could not be read back is not written.
    const document = decodeDocument(path, text)
    const sealed = await seal(text, own, recipients, workFactor)
    if (sealed.byteLength > maxFileBytes) {
      throw refusal(
        'TOO_LARGE',
        `${path} would grow beyond ${maxFileBytes} bytes; delete what is not needed, with purge`,
      )
    }
    await seen.prepare()
    context.signal.throwIfAborted()
    await lock.renew()
    if (before !== undefined) await replaceFile(`${path}.bak`, before.sealed)
    await replaceFile(path, sealed, { confirm: lock.renew })
    const sight = sightOf(document, sealed)
    await (acceptRollback ? seen.replace : seen.note)(sight, context)
    const mark = await markAt(path)
    held = mark === undefined ? undefined : { mark, sealed, document }
  }
  const recipientsFor = async (own: Key, document: Document): Promise<readonly string[]> => {
    const ours = await recipientsOf(own)
    const kept = document.recipients.length === 0 ? ours : document.recipients
    const { recipients = kept } = options
    if ('passphrase' in own || ours.some((each) => recipients.includes(each))) return recipients
    throw invalid(
      options.recipients === undefined
        ? `${path} was sealed for our key by hand, and its own list does not name it; give recipients`
        : 'recipients does not hold a public key of our own, so that what is written could not be read back',
    )
  }

  return {
    forget: () => {
      held = undefined
      known = undefined
    },
    read: async (context) => (await loads(path, () => load(context)))?.document ?? newDocument(''),
    change: async (context, run) => {
      const problem = await noFolder(path)
      if (problem !== undefined) throw problem
      // Before others are kept waiting: somebody may have to type it.
      await key(!(await isThere(path)))
      return withLock(lockOf(path), lockTimeoutMs, context, async (lock) => {
        const before = await loads(path, () => load(context, lock))
        const document =
          before === undefined ? newDocument(randomBytes(16).toString('hex')) : copyOf(before.document)
        const answer = await run(document)
        await write(before, document, lock, context)
        return answer
      })
    },
  }
}

function lockOf(path: string): string {
  return `${path}.lock`
}

function sightOf({ id, generation }: Document, sealed: Uint8Array): Sight {
  return { id, generation, hash: createHash('sha256').update(sealed).digest('hex') }
}
