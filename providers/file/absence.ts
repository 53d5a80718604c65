import { dirname } from 'node:path'
import type { SecretError } from 'strongroom/provider'
import { damaged, invalid, isThere } from './errors.js'
import { temporaryOf } from './replace-file.js'
import { type Sight, vanished } from './seen.js'

export interface Absence {
  readonly path: string
  /** The newest that was seen of the file, unless it is forgiven that it is gone. */
  readonly newest: Sight | undefined
  /** Somebody else may be about to make the file. */
  readonly isBeingMade: boolean
}

/** What is wrong when there is no file: nothing where there never was one. */
export async function absence({ path, newest, isBeingMade }: Absence): Promise<SecretError | undefined> {
  if (await isThere(`${path}.bak`)) {
    return damaged(`${path} is gone, and ${path}.bak, the generation before it, is there: move it back`)
  }
  const next = temporaryOf(path)
  if (!isBeingMade && (await isThere(next))) {
    return damaged(
      `${path} is not there, and ${next} is: the first write was cut off, and stored nothing; remove that`,
    )
  }
  return newest === undefined ? noFolder(path) : vanished(path, newest)
}

/** What is wrong when a file cannot be made: its folder is not there. */
export async function noFolder(path: string): Promise<SecretError | undefined> {
  const folder = dirname(path)
  return (await isThere(folder))
    ? undefined
    : invalid(`there is no folder ${folder}; make it, or mend the path`)
}
