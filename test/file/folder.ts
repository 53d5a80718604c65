import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateHybridIdentity, generateIdentity, identityToRecipient } from 'age-encryption'
import { createStore, type SecretStore } from 'strongroom'
import { type FileOptions, file } from 'strongroom/file'
import { afterAll } from 'vitest'
import type { TestClock } from '../conformance/faulty-service.js'

/** A folder for the files of one test file; gone when its tests are. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-file-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface KeyPair {
  /** Path of the identity. */
  readonly identityFile: string
  readonly identity: string
  readonly recipient: string
}

let made = 0

export async function newKey(folder: string, kind: 'x25519' | 'hybrid' = 'x25519'): Promise<KeyPair> {
  const identity = kind === 'hybrid' ? await generateHybridIdentity() : await generateIdentity()
  made += 1
  const identityFile = join(folder, `key-${made}.txt`)
  writeFileSync(identityFile, `# made for a test\n${identity}\n`, { mode: 0o600 })
  return { identityFile, identity, recipient: await identityToRecipient(identity) }
}

/** A path that no test used, and a place for what is seen of it. */
export function newPath(folder: string): Pick<FileOptions, 'path'> & { readonly stateFolder: string } {
  made += 1
  return { path: join(folder, `store-${made}.age`), stateFolder: join(folder, 'state') }
}

export function openFileStore(options: FileOptions, timing: Partial<TestClock['timing']> = {}): SecretStore {
  return createStore({ provider: file(options), layers: [], ...timing })
}
