import type { Ask } from 'strongroom'
import { askHidden } from './read-value.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** Asks whoever sits at the terminal; twice for a new file, which a slip of the finger would close for ever. */
export function askPassphrase(terminal: Terminal): Ask {
  const typed = async (path: string, question: string): Promise<string> => {
    const keyboard = terminal.keyboard()
    if (keyboard === undefined) {
      throw new UsageError(
        `nobody can be asked for the passphrase of ${path}; set STRONGROOM_KEY_FILE to the path of an age identity`,
      )
    }
    return (await askHidden(keyboard, terminal, question)).toString('utf8')
  }
  return async ({ path, isNew }) => {
    const passphrase = await typed(path, `Passphrase of ${path}: `)
    if (isNew && (await typed(path, 'The same again, since the file is new: ')) !== passphrase) {
      throw new UsageError('the two passphrases differ; nothing was stored')
    }
    return passphrase
  }
}
