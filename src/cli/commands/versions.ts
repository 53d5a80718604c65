import { Command } from 'commander'
import type { VersionInfo } from '../../operations.js'
import { createOutput } from '../output.js'
import { addStoreFlags, type StoreFlags, secretName, withStore } from '../store-option.js'
import type { Terminal } from '../terminal.js'

interface VersionsFlags extends StoreFlags {
  readonly id?: boolean
}

export function versionsCommand(terminal: Terminal): Command {
  const command = new Command('versions')
    .summary('print the history of a secret')
    .description(
      'print the history of a secret, newest first where the backend keeps an order; never a value',
    )
    .argument('<name>', 'name of the secret')
    .option('--id', "NAME is the backend's own identifier, such as an ARN")
    .action((name: string, flags: VersionsFlags) => versions(name, flags, terminal))
  return addStoreFlags(command)
}

async function versions(name: string, flags: VersionsFlags, terminal: Terminal): Promise<void> {
  const output = createOutput(terminal)
  await withStore(flags, terminal, async (store) => {
    const found: VersionInfo[] = []
    const history = store.versions(secretName(name, flags.id), { signal: terminal.stop })
    for await (const version of history) found.push(version)
    if (flags.json === true) return output.document(found)
    output.table(
      ['VERSION', 'CREATED', 'STATE', 'STAGES'],
      found.map(({ version, createdAt, state, stages }) => [
        version,
        createdAt.toISOString(),
        state,
        stages.join(','),
      ]),
    )
  })
}
