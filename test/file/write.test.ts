import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Decrypter, Encrypter } from 'age-encryption'
import { describe, expect, it, vi } from 'vitest'
import { failure } from '../core/stub-provider.js'
import { newKey, newPath, openFileStore, testFolder } from './folder.js'

const folder = testFolder()
const [alice, bob, carol] = [await newKey(folder), await newKey(folder), await newKey(folder)]
const hybrid = await newKey(folder, 'hybrid')

async function opened(path: string, identity: string): Promise<Record<string, unknown>> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  return JSON.parse(await decrypter.decrypt(readFileSync(path), 'text')) as Record<string, unknown>
}

describe('a write', () => {
  it('leaves files that only their owner can read, whatever the umask', async () => {
    const options = {
      ...newPath(folder),
      identityFile: alice.identityFile,
      stateFolder: join(folder, 'umask-state'),
    }
    const before = process.umask(0)
    try {
      await openFileStore(options).put('db', 'one')
      await openFileStore(options).put('db', 'two')
    } finally {
      process.umask(before)
    }
    const modes = [
      options.path,
      `${options.path}.bak`,
      options.stateFolder,
      ...readdirSync(options.stateFolder),
    ].map((path) => [
      basename(path),
      statSync(path.includes('/') ? path : join(options.stateFolder, path)).mode & 0o777,
    ])
    expect(modes.map(([, mode]) => mode)).toEqual([0o600, 0o600, 0o700, 0o600])
  })

  it('leaves nothing else beside the file than the generation before it', async () => {
    const options = { ...newPath(folder), identityFile: alice.identityFile }
    const store = openFileStore(options)
    await store.put('db', 'one')
    const first = readFileSync(options.path)
    await store.put('db', 'two')
    expect(readFileSync(`${options.path}.bak`).equals(first)).toBe(true)
    const beside = readdirSync(dirname(options.path)).filter((name) =>
      name.startsWith(basename(options.path)),
    )
    expect(beside.sort()).toEqual([basename(options.path), `${basename(options.path)}.bak`])
  })

  it('that is refused leaves the file as it is', async () => {
    const options = { ...newPath(folder), identityFile: alice.identityFile }
    const store = openFileStore(options)
    await store.put('db', 'one')
    const before = readFileSync(options.path)
    expect((await failure(store.put('db', 'two', { ifVersion: 'none' }))).code).toBe('CONFLICT')
    expect((await failure(store.promote('other', '1'))).code).toBe('NOT_FOUND')
    expect(readFileSync(options.path).equals(before)).toBe(true)
    expect((await store.get('db')).value).toBe('one')
  })

  it('of something that is not there makes no file', async () => {
    const options = { ...newPath(folder), identityFile: alice.identityFile }
    const store = openFileStore(options)
    expect((await failure(store.delete('db'))).code).toBe('NOT_FOUND')
    expect(await store.find('db')).toBeUndefined()
    expect(existsSync(options.path)).toBe(false)
  })

  it('goes through no link that lies where its new file will', async () => {
    const options = { ...newPath(folder), identityFile: alice.identityFile }
    const store = openFileStore(options)
    await store.put('db', 'one')
    const victim = join(folder, 'victim')
    writeFileSync(victim, 'untouched')
    for (const suffix of ['.tmp', '.bak.tmp', '.bak']) symlinkSync(victim, options.path + suffix)
    await store.put('db', 'two')
    expect(readFileSync(victim, 'utf8')).toBe('untouched')
    expect((await store.get('db')).value).toBe('two')
  })

  it('in a folder that is not there is refused by name', async () => {
    const path = join(folder, 'nowhere', 'secrets.age')
    const store = openFileStore({ ...newPath(folder), path, identityFile: alice.identityFile })
    const errors = [await failure(store.put('db', 'x')), await failure(store.get('db'))]
    for (const { code, message } of errors) {
      expect(code).toBe('CONFIG_INVALID')
      expect(message).toContain(`there is no folder ${dirname(path)}; make it, or mend the path`)
    }
  })

  it('keeps the destroyed and the purged out of the next generation', async () => {
    const options = { ...newPath(folder), identityFile: alice.identityFile }
    const store = openFileStore(options)
    const { version } = await store.put('db', 'to be destroyed')
    await store.put('db', 'current')
    await store.put('gone', 'to be purged')
    await store.setVersionState('db', version, 'destroyed')
    await store.delete('gone', { purge: true })
    const text = JSON.stringify(await opened(options.path, alice.identity))
    expect(text).not.toContain('to be')
    expect((await failure(store.get('db', { version }))).message).toContain(
      `version ${version} was destroyed`,
    )
    expect((await openFileStore(options).get('db')).value).toBe('current')
  })

  it('does not use the number of a purged version again', async () => {
    const store = openFileStore({ ...newPath(folder), identityFile: alice.identityFile })
    const { version } = await store.put('db', 'one')
    await store.delete('db', { purge: true })
    expect(Number((await store.put('db', 'two')).version)).toBeGreaterThan(Number(version))
  })
})

describe('a read', () => {
  it('opens the seal only when the file is another one', async () => {
    const options = { ...newPath(folder), identityFile: alice.identityFile }
    await openFileStore(options).put('db', 'one')
    const decrypt = vi.spyOn(Decrypter.prototype, 'decrypt')
    const reader = openFileStore(options)
    const read = async (): Promise<string> => (await reader.get('db')).value
    expect(await Promise.all([read(), read(), read()])).toEqual(['one', 'one', 'one'])
    expect(await read()).toBe('one')
    expect(decrypt).toHaveBeenCalledTimes(1)
    await reader.put('db', 'two')
    expect(await read()).toBe('two')
    expect(decrypt).toHaveBeenCalledTimes(1)
    await openFileStore(options).put('db', 'three')
    expect([await read(), await read()]).toEqual(['three', 'three'])
    expect(decrypt).toHaveBeenCalledTimes(3)
    decrypt.mockRestore()
  })
})

describe('recipients', () => {
  it('can all open the file, also after one of them wrote it', async () => {
    const where = newPath(folder)
    const recipients = [alice.recipient, bob.recipient]
    await openFileStore({ ...where, identityFile: alice.identityFile, recipients }).put('db', 'ours')
    const asBob = openFileStore({ ...where, identityFile: bob.identityFile })
    expect((await asBob.get('db')).value).toBe('ours')
    await asBob.put('db', 'changed by bob')
    expect((await openFileStore({ ...where, identityFile: alice.identityFile }).get('db')).value).toBe(
      'changed by bob',
    )
    const stranger = openFileStore({ ...where, identityFile: carol.identityFile })
    expect((await failure(stranger.get('db'))).code).toBe('UNAUTHENTICATED')
  })

  it('are replaced by those that are given', async () => {
    const where = newPath(folder)
    await openFileStore({
      ...where,
      identityFile: alice.identityFile,
      recipients: [alice.recipient, bob.recipient],
    }).put('db', 'x')
    await openFileStore({ ...where, identityFile: alice.identityFile, recipients: [alice.recipient] }).put(
      'db',
      'y',
    )
    expect((await failure(openFileStore({ ...where, identityFile: bob.identityFile }).get('db'))).code).toBe(
      'UNAUTHENTICATED',
    )
  })

  it('must hold one of our own', async () => {
    const where = newPath(folder)
    const store = openFileStore({ ...where, identityFile: alice.identityFile, recipients: [bob.recipient] })
    expect((await failure(store.put('db', 'x'))).message).toContain('does not hold a public key of our own')
    expect(existsSync(where.path)).toBe(false)
  })

  it('that were changed by hand are not guessed: they have to be given', async () => {
    const where = newPath(folder)
    await openFileStore({ ...where, identityFile: alice.identityFile }).put('db', 'x')
    const encrypter = new Encrypter()
    encrypter.addRecipient(bob.recipient)
    const text = JSON.stringify(await opened(where.path, alice.identity))
    writeFileSync(where.path, await encrypter.encrypt(text))
    const asBob = { ...where, identityFile: bob.identityFile, acceptRollback: true }
    expect((await openFileStore(asBob).get('db')).value).toBe('x')
    expect((await failure(openFileStore(asBob).put('db', 'y'))).message).toContain(
      'sealed for our key by hand',
    )
    await openFileStore({ ...asBob, recipients: [bob.recipient] }).put('db', 'y')
    expect((await openFileStore(asBob).get('db')).value).toBe('y')
  })

  it('may be post-quantum, and then all are', async () => {
    const where = newPath(folder)
    const other = await newKey(folder, 'hybrid')
    const recipients = [hybrid.recipient, other.recipient]
    await openFileStore({ ...where, identityFile: hybrid.identityFile, recipients }).put('db', 'x')
    expect((await openFileStore({ ...where, identityFile: other.identityFile }).get('db')).value).toBe('x')
    expect(readFileSync(where.path, 'latin1')).toContain('-> mlkem768x25519 ')
  })

  it('that are mistyped are refused, without showing them', async () => {
    const recipients = [alice.recipient, bob.recipient.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q'))]
    const store = openFileStore({ ...newPath(folder), identityFile: alice.identityFile, recipients })
    const error = await failure(store.put('db', 'x'))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(error.message).toContain('recipients[1] is mistyped: its checksum is wrong')
  })
})
