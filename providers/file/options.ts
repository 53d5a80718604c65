import { checkFields, type Fields, type NameConvention } from 'strongroom/provider'
import { invalid } from './errors.js'

/** Asks a person for the passphrase of the file at `path`; `isNew` when the answer will seal a file that is not there yet. */
export type AskPassphrase = (request: { readonly path: string; readonly isNew: boolean }) => Promise<string>

/**
 * Where the file is, and what opens it. Of `identityFile`, `keyCommand` and `passphrase` give at most one; without any,
 * the environment is asked: `STRONGROOM_KEY_FILE`, a path as in `identityFile`, then `STRONGROOM_KEY`, the key itself.
 */
export interface FileOptions {
  /** The first write makes the file; its folder must be there. */
  readonly path: string
  /** A path before every name, joined by `/`. Default none. */
  readonly prefix?: string | undefined
  readonly names?: NameConvention | undefined
  /** Path of age identities, as `age-keygen` writes them. Readable by its owner only. */
  readonly identityFile?: string | undefined
  /**
   * A program and its arguments, started without a shell, that prints age identities: `['pass', 'strongroom']`. Run once,
   * at the first read or write.
   */
  readonly keyCommand?: readonly string[] | undefined
  /** Asked for at the first read or write. Each write takes as long as `workFactor` says. */
  readonly passphrase?: string | AskPassphrase | undefined
  /**
   * Who can open what is written from now on: public keys, `age1…` or the post-quantum `age1pq1…`, our own among them.
   * Default: those that could open the file before; of a new file, our own.
   */
  readonly recipients?: readonly string[] | undefined
  /**
   * Of passphrases: 2 to this power times 1 KiB of memory, from 10 to 20. Files that ask for more are refused. Default 18:
   * 256 MiB and half a second.
   */
  readonly workFactor?: number | undefined
  /** How long a write waits for the writes of other processes. Default 10,000. */
  readonly lockTimeoutMs?: number | undefined
  /** How long a deleted secret can be restored. Default 30 days. */
  readonly recoveryWindowMs?: number | undefined
  /** Notice when an older copy of the file, or another file, was put in its place. Default true. */
  readonly detectRollback?: boolean | undefined
  /** Take the file as it is, once it was refused as an older copy, and remember it instead. Default false. */
  readonly acceptRollback?: boolean | undefined
  /** Where it is remembered what was seen of the file. Default `$XDG_STATE_HOME/strongroom`, or `~/.local/state/strongroom`. */
  readonly stateFolder?: string | undefined
}

const fields: Fields<FileOptions> = {
  path: true,
  prefix: true,
  names: true,
  identityFile: true,
  keyCommand: true,
  passphrase: true,
  recipients: true,
  workFactor: true,
  lockTimeoutMs: true,
  recoveryWindowMs: true,
  detectRollback: true,
  acceptRollback: true,
  stateFolder: true,
}

/** @throws {SecretError} `CONFIG_INVALID`, naming the option, the rule and what to do. */
export function checkOptions(options: FileOptions): void {
  checkFields('file', options, fields)
  const {
    path,
    keyCommand,
    passphrase,
    recipients,
    workFactor = 18,
    lockTimeoutMs,
    recoveryWindowMs,
  } = options
  if (typeof path !== 'string' || path === '') throw invalid('path must be the path of the file')
  const keys = (['identityFile', 'keyCommand', 'passphrase'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (keys.length > 1) throw invalid(`${keys.join(' and ')} contradict each other; give one`)
  if (keyCommand?.length === 0) throw invalid('keyCommand must name a program, then its arguments')
  if (passphrase === '') throw invalid('passphrase is empty')
  if (passphrase !== undefined && recipients !== undefined) {
    throw invalid('recipients: a file sealed with a passphrase has none; use an identityFile')
  }
  if (recipients !== undefined) checkRecipients(recipients)
  if (!(Number.isInteger(workFactor) && workFactor >= 10 && workFactor <= 20)) {
    throw invalid('workFactor must be a whole number from 10 to 20')
  }
  for (const [name, duration] of Object.entries({ lockTimeoutMs, recoveryWindowMs })) {
    if (duration !== undefined && !(duration >= 0)) throw invalid(`${name} must be a number, 0 or more`)
  }
}

function checkRecipients(recipients: readonly string[]): void {
  if (recipients.length === 0)
    throw invalid('recipients must name somebody; leave it out to keep those there are')
  const wrong = recipients.findIndex((recipient) => !/^age1[0-9a-z]+$/.test(recipient))
  if (wrong !== -1)
    throw invalid(`recipients[${wrong}] is no public key, such as age1…; age-keygen -y prints it`)
  const hybrid = recipients.filter((recipient) => /^age1(?:tag)?pq1/.test(recipient))
  if (hybrid.length > 0 && hybrid.length < recipients.length) {
    throw invalid('recipients mixes post-quantum keys with others, which would undo them; use one kind')
  }
}
