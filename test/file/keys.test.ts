import { chmodSync, chownSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createStore, openStore } from 'strongroom'
import { type FileOptions, file } from 'strongroom/file'
import { leaksIn } from 'strongroom/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { failure } from '../core/stub-provider.js'
import { newKey, newPath, openFileStore, testFolder } from './folder.js'

const folder = testFolder()
const key = await newKey(folder)
const { identityFile, identity } = key
const passphrase = 'correct horse battery staple'
const node = process.execPath

afterEach(() => vi.unstubAllEnvs())

async function worksWith(options: Partial<FileOptions>): Promise<void> {
  const where = newPath(folder)
  await openFileStore({ ...where, ...options }).put('db', 'x')
  expect((await openFileStore({ ...where, identityFile }).get('db')).value).toBe('x')
}

async function refusedWith(options: Partial<FileOptions>): Promise<string> {
  const error = await failure(openFileStore({ ...newPath(folder), ...options }).put('db', 'x'))
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', retryable: false })
  expect(leaksIn(error, [identity])).toEqual([])
  return error.message
}

function fileWith(text: string, mode = 0o600): string {
  const path = join(folder, `given-${Math.random()}.txt`)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

describe('an identity file', () => {
  it('may hold comments, several identities, and lie behind a link', async () => {
    const other = await newKey(folder)
    const path = fileWith(`# created: today\r\n# public key: age1…\r\n${other.identity}\r\n\r\n${identity}`)
    await worksWith({ identityFile: path })
    const link = join(folder, 'link-to-key')
    symlinkSync(identityFile, link)
    await worksWith({ identityFile: link })
  })

  it.each([0o644, 0o640, 0o620])('is refused with mode %o', async (mode) => {
    const path = fileWith(identity, mode)
    expect(await refusedWith({ identityFile: path })).toContain(`run: chmod 600 ${path}`)
  })

  it.runIf(process.getuid?.() === 0)('is refused when it is somebody else’s', async () => {
    const path = fileWith(identity)
    chownSync(path, 12_345, 12_345)
    expect(await refusedWith({ identityFile: path })).toContain('belongs to user 12345')
  })

  it('that is missing, empty, large or no identity is refused, and none of it is shown', async () => {
    expect(await refusedWith({ identityFile: join(folder, 'none') })).toContain('make one: age-keygen -o')
    expect(await refusedWith({ identityFile: folder })).toContain('is not a file')
    expect(await refusedWith({ identityFile: fileWith('# nothing\n') })).toContain('holds no age identity')
    expect(await refusedWith({ identityFile: fileWith('x'.repeat(70_000)) })).toContain('is too large')
    const cut = await refusedWith({ identityFile: fileWith(`# one\n${identity.slice(0, -1)}\n`) })
    expect(cut).toContain('line 2 is no age identity')
    expect(cut).not.toContain(identity.slice(20, 40))
    expect(await refusedWith({ identityFile: fileWith('hunter2hunter2') })).not.toContain('hunter2')
  })
})

describe('a key command', () => {
  it('gives what it prints, and runs once', async () => {
    const count = join(folder, 'count')
    const script = `const fs = require('fs')
      fs.appendFileSync(process.argv[1], 'x')
      process.stdout.write(fs.readFileSync(process.argv[2]))`
    const where = newPath(folder)
    const store = openFileStore({ ...where, keyCommand: [node, '-e', script, count, identityFile] })
    await Promise.all([store.put('db', 'x'), store.put('web', 'y')])
    expect((await store.get('db')).value).toBe('x')
    expect(readFileSync(count, 'utf8')).toBe('x')
  })

  it('is started without a shell', async () => {
    const message = await refusedWith({
      keyCommand: [node, '-p', 'process.argv[1]', `$(cat ${identityFile}); echo x`],
    })
    expect(message).toContain('line 1 is no age identity')
  })

  it.each([
    [['no-such-program-at-all'], 'keyCommand: no-such-program-at-all cannot be run (ENOENT); run it by hand'],
    [[node, '-e', 'console.log("hunter2"); process.exit(3)'], 'ended with 3; run it by hand'],
    [[node, '-e', 'console.error("hunter2"); process.exit(1)'], 'ended with 1'],
    [[node, '-e', ''], 'holds no age identity'],
  ])('%j that fails is refused, and nothing of it is shown', async (keyCommand, sentence) => {
    const message = await refusedWith({ keyCommand })
    expect(message).toContain(sentence)
    expect(message).not.toContain('hunter2')
  })

  it('that failed is run again', async () => {
    const where = newPath(folder)
    const marker = join(folder, 'second-time')
    const script = `
      const fs = require('fs')
      if (!fs.existsSync(process.argv[1])) { fs.writeFileSync(process.argv[1], ''); process.exit(1) }
      process.stdout.write(fs.readFileSync(process.argv[2]))`
    const store = openFileStore({ ...where, keyCommand: [node, '-e', script, marker, identityFile] })
    expect((await failure(store.put('db', 'x'))).code).toBe('CONFIG_INVALID')
    await store.put('db', 'x')
  })
})

describe('a passphrase', () => {
  it('is asked for once, and the question says whether the file is new', async () => {
    const where = newPath(folder)
    const asked: unknown[] = []
    const ask = async (request: object): Promise<string> => {
      asked.push(request)
      return passphrase
    }
    const store = openFileStore({ ...where, passphrase: ask, workFactor: 10 })
    await store.put('db', 'x')
    await store.put('db', 'y')
    const again = openFileStore({ ...where, passphrase: ask, workFactor: 10 })
    expect((await again.get('db')).value).toBe('y')
    expect(asked).toEqual([
      { path: where.path, isNew: true },
      { path: where.path, isNew: false },
    ])
  })

  it('that is empty seals nothing', async () => {
    expect(await refusedWith({ passphrase: async () => '' })).toContain('the passphrase is empty')
  })

  it('bounds the work of files that ask for more than its own', async () => {
    const where = newPath(folder)
    await openFileStore({ ...where, passphrase, workFactor: 11 }).put('db', 'x')
    const error = await failure(openFileStore({ ...where, passphrase, workFactor: 10 }).get('db'))
    expect(error.message).toContain('asks for work factor 11, and at most 10 is done')
  })
})

describe('the environment', () => {
  it('names a file, or holds the key, in this order', async () => {
    vi.stubEnv('STRONGROOM_KEY', 'nonsense')
    vi.stubEnv('STRONGROOM_KEY_FILE', identityFile)
    await worksWith({})
    vi.stubEnv('STRONGROOM_KEY_FILE', '')
    vi.stubEnv('STRONGROOM_KEY', identity)
    await worksWith({})
    vi.stubEnv('STRONGROOM_KEY', 'hunter2hunter2')
    expect(await refusedWith({})).toMatch(/STRONGROOM_KEY: line 1 is no age identity(?!.*hunter2)/)
  })

  it('without a key, the error says where one was looked for', async () => {
    vi.stubEnv('STRONGROOM_KEY_FILE', '')
    vi.stubEnv('STRONGROOM_KEY', '')
    expect(await refusedWith({})).toContain(
      'set STRONGROOM_KEY_FILE to the path of an age identity, or pass identityFile',
    )
  })
})

describe('the provider', () => {
  it('shows no key when it is printed', async () => {
    const provider = file({ ...newPath(folder), passphrase, workFactor: 10 })
    const store = createStore({ provider, layers: [] })
    await store.put('db', 'x')
    for (const subject of [provider, store]) {
      const shown = inspect(subject, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true })
      expect(shown).not.toContain(passphrase)
    }
  })

  it.each([
    [{ path: '' }, 'path must be the path of the file'],
    [{ identityFile, passphrase }, 'identityFile and passphrase contradict each other'],
    [{ identityFile, keyCommand: ['x'] }, 'identityFile and keyCommand contradict each other'],
    [{ keyCommand: [] }, 'keyCommand must name a program'],
    [{ passphrase: '' }, 'passphrase is empty'],
    [{ passphrase, recipients: [key.recipient] }, 'a file sealed with a passphrase has none'],
    [{ recipients: [] }, 'recipients must name somebody'],
    [{ recipients: [key.recipient, 'ssh-ed25519 AAAA'] }, 'recipients[1] is no public key'],
    [{ recipients: [key.recipient, 'age1pq1qqqq'] }, 'recipients mixes post-quantum keys with others'],
    [{ passphrase, workFactor: 9 }, 'workFactor must be a whole number from 10 to 20'],
    [{ passphrase, workFactor: 21 }, 'workFactor must be a whole number from 10 to 20'],
    [{ lockTimeoutMs: -1 }, 'lockTimeoutMs must be a number, 0 or more'],
    [{ recoveryWindowMs: Number.NaN }, 'recoveryWindowMs must be a number, 0 or more'],
  ] satisfies [Partial<FileOptions>, string][])('refuses options that cannot be', (options, sentence) => {
    expect(() => file({ path: 'x.age', ...options })).toThrow(sentence)
    expect(() => file({ path: 'x.age', ...options })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })

  it('refuses an option that there is not', () => {
    expect(() => file({ path: 'x', pasphrase: 'y' } as unknown as FileOptions)).toThrow(
      /no option "pasphrase"/,
    )
  })
})

describe('file: URLs', () => {
  it('open a path, relative or absolute, with what the query says', async () => {
    const { path, stateFolder } = newPath(folder)
    vi.stubEnv('XDG_STATE_HOME', stateFolder)
    const url = `file:${path}?identityFile=${identityFile}&recipient=${key.recipient}&prefix=prod`
    await (await openStore(url)).put('db', 'x')
    expect((await openFileStore({ path, identityFile, prefix: 'prod' }).get('db')).value).toBe('x')
    vi.spyOn(process, 'cwd').mockReturnValue(folder)
    const relative = `file:${path.slice(folder.length + 1)}?identityFile=${identityFile}`
    expect((await (await openStore(relative)).get('prod/db')).value).toBe('x')
    expect(
      (await (await openStore(`file://${path}?identityFile=${identityFile}`)).get('prod/db')).value,
    ).toBe('x')
    vi.restoreAllMocks()
  })

  it('ask for a passphrase where nothing else opens the file', async () => {
    const { path, stateFolder } = newPath(folder)
    vi.stubEnv('XDG_STATE_HOME', stateFolder)
    vi.stubEnv('STRONGROOM_KEY_FILE', '')
    vi.stubEnv('STRONGROOM_KEY', '')
    await openFileStore({ path, passphrase, workFactor: 10 }).put('db', 'x')
    const store = await openStore(`file:${path}`, { ask: async () => passphrase })
    expect((await store.get('db')).value).toBe('x')
    expect((await failure((await openStore(`file:${path}`)).get('db'))).message).toContain(
      'no key is given for',
    )
  })

  it.each([
    ['file:x.age?acceptRollback=yes', 'acceptRollback must be true, or left out'],
    ['file:x.age?passphrase=hunter2', 'there is no option "passphrase"'],
    ['file:x.age#part', 'it has a part after #'],
    ['file://host/x.age', 'it names a host'],
    ['file:a%2Fb.age', 'it names a host, or its path has an escaped slash'],
  ])('%s is refused: %s', async (url, sentence) => {
    const error = await failure(openStore(url))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(sentence)
    expect(error.message).not.toContain('hunter2')
  })
})
