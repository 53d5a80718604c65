import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { armor, Encrypter } from 'age-encryption'
import type { SecretError } from 'strongroom'
import type { FileOptions } from 'strongroom/file'
import { canaryValue, leaksIn } from 'strongroom/testing'
import { describe, expect, it } from 'vitest'
import { scryptRecipient } from '../../providers/file/scrypt.js'
import { failure } from '../core/stub-provider.js'
import { newKey, newPath, openFileStore, testFolder } from './folder.js'

const folder = testFolder()
const key = await newKey(folder)
const other = await newKey(folder)
const { identityFile } = key

const keys: Readonly<Record<string, Partial<FileOptions>>> = {
  'an identity': { identityFile },
  'a passphrase': { passphrase: 'correct horse battery staple', workFactor: 10 },
}

/** A store with one secret, and what lies on the disk then. */
async function stored(keyOptions: Partial<FileOptions> = { identityFile }) {
  const options = { ...newPath(folder), ...keyOptions }
  const value = canaryValue()
  await openFileStore(options).put('db', value)
  return { options, value, sealed: readFileSync(options.path) }
}

async function readAs(
  options: FileOptions,
  content: Uint8Array,
  store = openFileStore(options),
): Promise<SecretError> {
  writeFileSync(options.path, content, { mode: 0o600 })
  return failure(store.get('db'))
}

/** What a broken file may be called. */
const causes =
  /is empty|is cut off in|is damaged: a byte was changed|is not sealed for the key|is no file of age|is broken/

describe.each(Object.entries(keys))('a file sealed with %s', (_, keyOptions) => {
  it('is refused when it is cut off at any byte, and the error says so', async () => {
    const { options, value, sealed } = await stored(keyOptions)
    const store = openFileStore(options)
    const seen = new Set<string>()
    for (let length = 0; length < sealed.length; length += 1) {
      const error = await readAs(options, sealed.subarray(0, length), store)
      expect(error.message).toMatch(causes)
      expect(error.message).toContain(options.path)
      expect(error.retryable).toBe(false)
      expect(leaksIn(error, [value])).toEqual([])
      seen.add(error.code)
    }
    expect([...seen]).toEqual(['UNAVAILABLE'])
    writeFileSync(options.path, sealed)
    expect((await store.get('db')).value).toBe(value)
  }, 30_000)

  it('is refused when a bit is flipped in any byte', async () => {
    const { options, value, sealed } = await stored(keyOptions)
    const store = openFileStore(options)
    const codes = new Map<string, number>()
    for (const at of sealed.keys()) {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      const error = await readAs(options, changed, store)
      expect(leaksIn(error, [value])).toEqual([])
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1)
    }
    // A changed header may look like that of another key, or ask for another amount of work.
    expect(
      [...codes.keys()].filter((code) => !/^(UNAVAILABLE|UNAUTHENTICATED|CONFIG_INVALID)$/.test(code)),
    ).toEqual([])
    expect(codes.get('UNAVAILABLE')).toBeGreaterThan(sealed.length / 2)
  }, 30_000)

  it('is refused with a byte more at its end', async () => {
    const { options, sealed } = await stored(keyOptions)
    expect((await readAs(options, Buffer.concat([sealed, Buffer.from('x')]))).message).toContain('is damaged')
  })
})

describe('what is no store of ours', () => {
  async function sealedFor(text: string): Promise<Uint8Array> {
    const encrypter = new Encrypter()
    encrypter.addRecipient(key.recipient)
    return encrypter.encrypt(text)
  }
  const document = {
    format: 'strongroom-file',
    version: 1,
    id: 'x',
    generation: 1,
    recipients: [],
    count: 0,
    secrets: {},
    records: {},
  }
  const version = {
    id: '1',
    createdAt: '2026-01-01T00:00:00Z',
    state: 'enabled',
    kind: 'text',
    text: 'hunter2hunter2',
  }
  const entry = { versions: [version], current: '1', tags: {}, changedAt: '2026-01-01T00:00:00Z' }
  const withEntry = (changes: object): object => ({ ...document, secrets: { db: { ...entry, ...changes } } })
  const withVersion = (changes: object): object => withEntry({ versions: [{ ...version, ...changes }] })

  it.each([
    ['another format', { hello: 'hunter2hunter2' }, 'it says no format strongroom-file'],
    ['a list', [], 'the whole is no object'],
    [
      'a newer version',
      { ...document, version: 2 },
      'is of format version 2, and this strongroom knows 1; upgrade it',
    ],
    ['no id', { ...document, id: 7 }, 'id is no text'],
    ['a generation below 0', { ...document, generation: -1 }, 'generation is no count'],
    ['secrets in a list', { ...document, secrets: [] }, 'secrets is no object'],
    [
      'a record without a nonce',
      { ...document, records: { db: { revision: '1', record: {} } } },
      'nonce is no text',
    ],
    ['no versions', withEntry({ versions: undefined }), 'secrets["db"].versions is no list'],
    ['tags that are no text', withEntry({ tags: { a: 1 } }), 'secrets["db"].tags["a"] is no text'],
    [
      'a state that there is not',
      withVersion({ state: 'hunter2hunter2' }),
      'versions[0].state is none of enabled',
    ],
    ['a kind that there is not', withVersion({ kind: 'hunter2hunter2' }), 'versions[0].kind is none of text'],
    ['a time that is none', withVersion({ createdAt: 'hunter2hunter2' }), 'versions[0].createdAt is no time'],
  ])('is refused: %s', async (_, content, sentence) => {
    const options = { ...newPath(folder), identityFile }
    const error = await readAs(options, await sealedFor(JSON.stringify(content)))
    expect(error.message).toContain(sentence)
    expect(error.message).not.toContain('hunter2')
    expect(error.retryable).toBe(false)
  })

  it('is refused: JSON that is none, without a word of it', async () => {
    const error = await readAs({ ...newPath(folder), identityFile }, await sealedFor('{"password":hunter2}'))
    expect(error.message).toContain('opens, but what is in it is not JSON at byte 12')
    expect(error.message).not.toContain('hunter2')
  })

  it('is refused: a picture, an armored file, an empty one', async () => {
    const options = { ...newPath(folder), identityFile }
    expect((await readAs(options, Buffer.from('\x89PNG and so on'))).message).toContain(
      'is no file of age, version 1',
    )
    expect((await readAs(options, Buffer.alloc(0))).message).toContain('is empty')
    const armored = Buffer.from(armor.encode(await sealedFor('{}')))
    expect(await readAs(options, armored)).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('is refused: what is too large, before it is read', async () => {
    const { options } = await stored()
    truncateSync(options.path, 65 * 1024 * 1024)
    const error = await failure(openFileStore(options).get('db'))
    expect(error.message).toContain(
      `${65 * 1024 * 1024} bytes, more than the ${64 * 1024 * 1024} that are read`,
    )
  })

  it('is refused: a passphrase that would take all memory, before any is taken', async () => {
    const options = { ...newPath(folder), passphrase: 'anything' }
    const header = `age-encryption.org/v1\n-> scrypt ${'A'.repeat(22)} 30\n${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\n`
    const before = process.memoryUsage().rss
    const error = await readAs(options, Buffer.from(`${header}${'x'.repeat(40)}`))
    expect(error.message).toContain('the file asks for work factor 30, and at most 18 is done')
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
  })
})

describe('a key that does not fit', () => {
  it('is a passphrase that stands beside a public key: age forbids it, since it would prove nothing', async () => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(scryptRecipient('right', 10))
    encrypter.addRecipient(key.recipient)
    const options = { ...newPath(folder), passphrase: 'right', workFactor: 10 }
    expect((await readAs(options, await encrypter.encrypt('{}'))).code).toBe('UNAUTHENTICATED')
  })

  it('is told from damage', async () => {
    const { options } = await stored()
    const stranger = { ...options, identityFile: other.identityFile }
    expect(await failure(openFileStore(stranger).get('db'))).toMatchObject({
      code: 'UNAUTHENTICATED',
      retryable: false,
    })
  })

  it('is of the wrong kind, and the error says which one is wanted', async () => {
    const { options } = await stored()
    const { path, stateFolder } = options
    const byWord = await failure(openFileStore({ path, stateFolder, passphrase: 'x' }).get('db'))
    expect(byWord.message).toContain('is sealed for public keys; give the identityFile')
    const sealed = await stored({ passphrase: 'p', workFactor: 10 })
    const byFile = await failure(
      openFileStore({ path: sealed.options.path, stateFolder, identityFile }).get('db'),
    )
    expect(byFile.message).toContain('is sealed with a passphrase; give that')
    expect([byWord.code, byFile.code]).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
  })

  it('is asked for again', async () => {
    const { options, value } = await stored({ passphrase: 'right', workFactor: 10 })
    const answers = ['wrong', 'right', 'never asked']
    const { path, stateFolder } = options
    const ask = async (): Promise<string> => answers.shift() ?? ''
    const store = openFileStore({ path, stateFolder, passphrase: ask })
    expect((await failure(store.get('db'))).code).toBe('UNAUTHENTICATED')
    expect((await store.get('db')).value).toBe(value)
    await store.put('db', 'next')
    expect(answers).toEqual(['never asked'])
  })
})

describe('a file that others can reach', () => {
  const refused = async (options: FileOptions): Promise<string> => {
    const store = openFileStore(options)
    const [get, put] = [await failure(store.get('db')), await failure(store.put('db', 'x'))]
    expect([get.code, put.code]).toEqual(['CONFIG_INVALID', 'CONFIG_INVALID'])
    return get.message
  }

  it.each([0o640, 0o604, 0o660, 0o602, 0o644])('is refused with mode %o', async (mode) => {
    const { options } = await stored()
    chmodSync(options.path, mode)
    expect(await refused(options)).toContain(
      `can be used by others (mode ${mode.toString(8)}); run: chmod 600`,
    )
  })

  it('is refused as a symbolic link', async () => {
    const { options } = await stored()
    const link = newPath(folder)
    symlinkSync(options.path, link.path)
    expect(await refused({ ...options, ...link })).toContain('is a symbolic link')
  })

  it('is refused as a folder', async () => {
    const where = newPath(folder)
    mkdirSync(where.path)
    expect(await refused({ ...where, identityFile })).toContain('is not a file')
  })

  it.runIf(process.getuid?.() === 0)('is refused when it is somebody else’s', async () => {
    const { options } = await stored()
    chownSync(options.path, 12_345, 12_345)
    expect(await refused(options)).toContain('belongs to user 12345, and this process is user 0')
  })
})
