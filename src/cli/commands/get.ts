import { Command, Option } from 'commander'
import type { Stage } from '../../operations.js'
import type { Secret } from '../../secret.js'
import { createOutput, type Output } from '../output.js'
import { addStoreFlags, type StoreFlags, secretName, withStore } from '../store-option.js'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'

interface GetFlags extends StoreFlags {
  readonly version?: string
  readonly stage?: Stage
  readonly field?: string
  readonly id?: boolean
  readonly reveal?: boolean
}

export function getCommand(terminal: Terminal): Command {
  const command = new Command('get')
    .summary('print the value of a secret')
    .description('print the value of a secret and nothing else: no newline is added in a pipe')
    .argument('<name>', 'name of the secret, such as prod/db')
    .addOption(new Option('--version <id>', 'an exact version').conflicts('stage'))
    .addOption(
      new Option('--stage <stage>', 'current by default').choices([
        'current',
        'previous',
        'newest-enabled',
        'pending',
      ]),
    )
    .option('--field <field>', 'one field of a JSON value')
    .option('--id', "NAME is the backend's own identifier, such as an ARN")
    .option('--reveal', 'with --json: the value too; --json alone prints what is known about it')
    .action((name: string, flags: GetFlags) => get(name, flags, terminal))
  return addStoreFlags(command)
}

async function get(name: string, flags: GetFlags, terminal: Terminal): Promise<void> {
  const output = createOutput(terminal)
  const { version, stage, field } = flags
  await withStore(flags, terminal, async (store) => {
    const wanted = secretName(name, flags.id)
    const options = { version, stage, signal: terminal.stop }
    const secret =
      field === undefined ? await store.get(wanted, options) : await store.get(wanted, { ...options, field })
    if (flags.json === true) output.document(describe(secret, flags.reveal === true))
    else print(secret, output)
  })
}

function print(secret: Secret, output: Output): void {
  if (output.isTerminal && secret.kind === 'binary') {
    const { byteLength } = secret.bytes()
    throw new UsageError(`the value is ${byteLength} bytes that are not text; send them to a file or a pipe`)
  }
  output.raw(secret.bytes())
  if (output.isTerminal) output.line('')
}

function describe(secret: Secret, reveal: boolean): object {
  const { name, version, stages, state, createdAt, expiresAt, tags, kind, provider, stale } = secret
  const known = { name, version, stages, state, createdAt, expiresAt, tags, kind, provider, stale }
  if (!reveal) return known
  return kind === 'binary'
    ? { ...known, valueBase64: Buffer.from(secret.bytes()).toString('base64') }
    : { ...known, value: secret.text() }
}
