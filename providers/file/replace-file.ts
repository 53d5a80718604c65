import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface ReplaceOptions {
  /** Asked once the new content is on the disk; when it throws, nothing is replaced. Default: nobody. */
  readonly confirm?: () => Promise<void>
}

/**
 * Puts a new file, readable by its owner only, in the place of one; whoever reads meanwhile sees the one or the other,
 * whole. When it returns, the disk holds it. Not for two at the same time: `<path>.tmp` is the new file on its way.
 */
export async function replaceFile(
  path: string,
  content: Uint8Array,
  { confirm }: ReplaceOptions = {},
): Promise<void> {
  const next = temporaryOf(path)
  await rm(next, { force: true })
  const file = await open(next, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await confirm?.()
  await rename(next, path)
  await syncFolder(dirname(path))
}

export function temporaryOf(path: string): string {
  return `${path}.tmp`
}

/** Windows cannot open a folder, and needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
