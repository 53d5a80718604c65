import { isUtf8 } from 'node:buffer'
import { Command, type ErrorOptions, Option } from 'commander'
import type { SecretValue, ValueKind } from '../../secret.js'
import { createOutput, visible } from '../output.js'
import { readValue } from '../read-value.js'
import { addStoreFlags, addTag, type StoreFlags, secretName, withStore } from '../store-option.js'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'

interface PutFlags extends StoreFlags {
  readonly kind?: ValueKind
  readonly trim?: boolean
  readonly allowEmpty?: boolean
  readonly ifVersion?: string
  readonly ifAbsent?: boolean
  readonly stage?: 'current' | 'pending'
  readonly tag?: Readonly<Record<string, string>>
  readonly expiresAt?: Date
  readonly restore?: boolean
  readonly id?: boolean
}

export function putCommand(terminal: Terminal): Command {
  const command = new PutCommand('put')
    .summary('store a value, read from standard input or a hidden prompt')
    .description('store a value, read from standard input or from a hidden prompt')
    .usage('[options] <name> < value')
    .argument('<name>', 'name of the secret, such as prod/db')
    .addOption(
      new Option('--kind <kind>', 'text when the input is UTF-8, else binary').choices([
        'text',
        'json',
        'binary',
      ]),
    )
    .option('--trim', 'drop one newline at the end, which echo adds')
    .option('--allow-empty', 'store an empty value')
    .addOption(new Option('--if-version <id>', 'only if this version is current').conflicts('ifAbsent'))
    .option('--if-absent', 'only if there is no version yet')
    .addOption(new Option('--stage <stage>', 'current by default').choices(['current', 'pending']))
    .option('--tag <key=value>', 'replaces the tags; may be repeated', addTag)
    .option('--expires-at <date>', 'informational, as 2027-01-31 or a full ISO date', parseDate)
    .option('--restore', 'take the name out of the trash if it lies there')
    .option('--id', "NAME is the backend's own identifier, such as an ARN")
    .action((name: string, flags: PutFlags) => put(name, flags, terminal))
  return addStoreFlags(command)
}

/** What stands on the line of a put may be a value that does not belong there: no error quotes it. */
class PutCommand extends Command {
  override error(message: string, options?: ErrorOptions): never {
    if (options?.code === 'commander.excessArguments' || options?.code === 'commander.unknownOption') {
      throw new UsageError(
        'put takes one NAME; a value is never an argument, since the process list and the history of the shell ' +
          'would show it. Pipe it, as in: printf %s "$VALUE" | strongroom put NAME',
      )
    }
    return super.error(message, options)
  }
}

async function put(name: string, flags: PutFlags, terminal: Terminal): Promise<void> {
  const output = createOutput(terminal)
  const read = await readValue(terminal, `Value of ${name}: `)
  const bytes = flags.trim === true ? withoutNewline(read) : read
  if (bytes.length === 0 && flags.allowEmpty !== true) {
    throw new UsageError('the value is empty; pass --allow-empty if that is meant')
  }
  const value = await secretValue(bytes, flags.kind)
  const { version } = await withStore(flags, terminal, (store) =>
    store.put(secretName(name, flags.id), value, {
      ifVersion: flags.ifVersion,
      ifAbsent: flags.ifAbsent,
      stage: flags.stage,
      tags: flags.tag,
      expiresAt: flags.expiresAt,
      onDeleted: flags.restore === true ? 'restore' : 'fail',
      signal: terminal.stop,
    }),
  )
  if (isLineOfEcho(bytes)) output.note('the value ends in a newline, which was kept; --trim drops it')
  if (flags.json === true) output.document({ name, version })
  else output.line(`stored ${visible(name)} as version ${version}`)
}

/** @throws {UsageError} for text that is not UTF-8; {SecretError} `INVALID_VALUE` for JSON that is none. */
async function secretValue(
  bytes: Buffer,
  kind: ValueKind = isUtf8(bytes) ? 'text' : 'binary',
): Promise<SecretValue> {
  const { SecretValue } = await import('strongroom')
  if (kind === 'binary') return SecretValue.binary(bytes)
  if (!isUtf8(bytes)) throw new UsageError(`--kind ${kind} needs UTF-8; the input is not, store it as binary`)
  if (kind === 'text') return SecretValue.text(bytes.toString('utf8'))
  const value = SecretValue.jsonText(bytes.toString('utf8'))
  value.json()
  return value
}

const newline = 0x0a

/** One line with its newline: what `echo` sends. A document of several lines ends in one on purpose. */
function isLineOfEcho(bytes: Buffer): boolean {
  return bytes.length > 0 && bytes.indexOf(newline) === bytes.length - 1
}

function withoutNewline(bytes: Buffer): Buffer {
  const text = bytes.subarray(-2).toString('latin1')
  return bytes.subarray(0, bytes.length - (text === '\r\n' ? 2 : text.endsWith('\n') ? 1 : 0))
}

function parseDate(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw new UsageError('--expires-at takes a date such as 2027-01-31')
  return date
}
