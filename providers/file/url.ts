import { fileURLToPath } from 'node:url'
import type { SecretProvider } from 'strongroom/provider'
import { invalid, isThere } from './errors.js'
import { namesKey } from './keys.js'
import type { AskPassphrase } from './options.js'
import { file } from './provider.js'

const form = 'file:PATH[?identityFile=…&recipient=…&prefix=…&acceptRollback=true]'
const known = ['identityFile', 'recipient', 'prefix', 'acceptRollback']

export interface FileUrlOptions {
  /** Asked for the passphrase where neither the URL nor the environment says what opens the file. Default: nobody. */
  readonly ask?: AskPassphrase | undefined
}

/**
 * `file:PATH[?identityFile=…&recipient=…&prefix=…&acceptRollback=true]`; `recipient` may stand several times. Who is asked
 * for a passphrase is asked now, before a call with a deadline waits for the answer.
 *
 * @throws {SecretError} `CONFIG_INVALID` for a URL of another form.
 */
export async function fromUrl(url: URL, { ask }: FileUrlOptions = {}): Promise<SecretProvider> {
  const { searchParams, hash } = url
  const unknown = [...searchParams.keys()].find((key) => !known.includes(key))
  if (unknown !== undefined) throw wrong(`there is no option ${JSON.stringify(unknown)}`)
  if (hash !== '') throw wrong('it has a part after #; in a path write %23')
  const accept = searchParams.get('acceptRollback')
  if (accept !== null && accept !== 'true') throw wrong('acceptRollback must be true, or left out')
  const path = pathOf(url)
  const recipients = searchParams.getAll('recipient')
  const identityFile = searchParams.get('identityFile') ?? undefined
  const isOpened = identityFile !== undefined || namesKey(process.env)
  return file({
    path,
    prefix: searchParams.get('prefix') ?? undefined,
    identityFile,
    passphrase: isOpened ? undefined : await ask?.({ path, isNew: !(await isThere(path)) }),
    recipients: recipients.length === 0 ? undefined : recipients,
    acceptRollback: accept === 'true',
  })
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(`file://${url.host}${url.pathname}`)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw wrong('it names a host, or its path has an escaped slash')
  }
}

function wrong(problem: string): Error {
  return invalid(`${problem}; the form is ${form}`)
}
