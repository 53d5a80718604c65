import {
  type JsonObject,
  type ProviderInput,
  type ProviderOutput,
  parseJson,
  refusal,
} from 'strongroom/provider'
import { field, unusable } from './answer.js'

type ListPage = ProviderOutput<'listPage'>
export type Item = ListPage['items'][number]

/** What a folder holds: secrets, and the folders below it, each with its whole path. */
export interface Folder {
  readonly items: readonly Item[]
  readonly folders: readonly string[]
}

/**
 * One folder a page, since the server lists one at a time; the cursor is the folders that are left.
 *
 * @param systemRef is walked only by who asks for it.
 */
export async function walk(
  { refPrefix, cursor }: ProviderInput<'listPage'>,
  systemRef: string,
  list: (folder: string) => Promise<Folder>,
): Promise<ListPage> {
  const beginning = withoutEscapeAtEnd(refPrefix)
  const isOfSystem = beginning.startsWith(systemRef)
  const isWanted = (ref: string): boolean =>
    ref.startsWith(beginning) && ref.startsWith(systemRef) === isOfSystem

  const [folder = '', ...rest] = cursor === undefined ? [folderOf(beginning)] : foldersIn(cursor)
  const { items, folders } = await list(folder)
  const left = [...folders.filter(isWanted), ...rest]
  const page = { items: items.filter(({ ref }) => isWanted(ref)) }
  return left.length === 0 ? page : { ...page, cursor: cursorOf(left) }
}

/** The keys of a listing, in which a folder ends in a slash. */
export function keysOf(data: JsonObject): readonly string[] {
  const keys = field(data, 'keys')
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return keys as string[]
  throw unusable('keys')
}

export function isFolder(ref: unknown): boolean {
  return typeof ref === 'string' && ref.endsWith('/')
}

/** A character that is escaped where a name ends is not, where it goes on. */
function withoutEscapeAtEnd(refPrefix: string): string {
  return refPrefix.replace(/-x(?:[0-9a-f]{2})+-$/, '')
}

function folderOf(beginning: string): string {
  return beginning.slice(0, beginning.lastIndexOf('/') + 1)
}

function cursorOf(folders: readonly string[]): string {
  return Buffer.from(JSON.stringify(folders)).toString('base64url')
}

function foldersIn(cursor: string): readonly string[] {
  try {
    const folders = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(folders) && folders.length > 0 && folders.every(isFolder)) return folders as string[]
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'JsonError') throw error
  }
  throw refusal('INVALID_VALUE', 'the cursor is not one that a page of this store gave')
}
