import { Command } from 'commander'
import type { SecretSummary } from '../../operations.js'
import { createOutput } from '../output.js'
import { addStoreFlags, addTag, type StoreFlags, withStore } from '../store-option.js'
import type { Terminal } from '../terminal.js'

interface ListFlags extends StoreFlags {
  readonly prefix?: string
  readonly tag?: Readonly<Record<string, string>>
}

export function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .summary('print the names of secrets')
    .description('print the names of secrets, one a line; never a value')
    .option('--prefix <text>', 'names that begin with this')
    .option('--tag <key=value>', 'secrets that carry this tag; may be repeated', addTag)
    .action((flags: ListFlags) => list(flags, terminal))
  return addStoreFlags(command)
}

async function list(flags: ListFlags, terminal: Terminal): Promise<void> {
  const output = createOutput(terminal)
  await withStore(flags, terminal, async (store) => {
    const found: SecretSummary[] = []
    const options = { prefix: flags.prefix, tags: flags.tag, signal: terminal.stop }
    for await (const summary of store.list(options)) found.push(summary)
    if (flags.json === true) return output.document(found)
    if (!output.isTerminal)
      return output.table(
        [],
        found.map(({ name }) => [name]),
      )
    if (found.length === 0) return output.note('no secrets')
    output.table(
      ['NAME', 'CHANGED', 'TAGS'],
      found.map(({ name, changedAt, tags = {} }) => [
        name,
        changedAt?.toISOString() ?? '',
        Object.entries(tags)
          .map((pair) => pair.join('='))
          .join(' '),
      ]),
    )
  })
}
