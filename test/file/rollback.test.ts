import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Decrypter, Encrypter } from 'age-encryption'
import type { FileOptions } from 'strongroom/file'
import { describe, expect, it } from 'vitest'
import { openSeen, type Sight } from '../../providers/file/seen.js'
import { failure } from '../core/stub-provider.js'
import { newKey, newPath, openFileStore, testFolder } from './folder.js'

const folder = testFolder()
const key = await newKey(folder)
const { identityFile } = key

/** A store of two generations, and a copy of the first. */
async function twice() {
  const options = { ...newPath(folder), identityFile }
  const copy = `${options.path}.copy`
  await openFileStore(options).put('db', 'one')
  copyFileSync(options.path, copy)
  await openFileStore(options).put('db', 'two')
  return { options, copy }
}

async function refused(options: FileOptions): Promise<string> {
  const store = openFileStore(options)
  const [get, put] = [await failure(store.get('db')), await failure(store.put('db', 'three'))]
  expect(get).toMatchObject({ code: 'CONFLICT', providerCode: 'ROLLED_BACK', retryable: false })
  expect(put).toMatchObject({ code: 'CONFLICT', outcomeUnknown: false })
  return get.message
}

describe('an old copy put back', () => {
  it('is refused, by a store that read the newer one and by one that is new', async () => {
    const { options, copy } = await twice()
    const reader = openFileStore(options)
    expect((await reader.get('db')).value).toBe('two')
    copyFileSync(copy, options.path)
    expect(await failure(reader.get('db'))).toMatchObject({ code: 'CONFLICT' })
    expect(await refused(options)).toContain(
      'is an older copy: it is generation 1, and generation 2 was seen here',
    )
  })

  it('is refused when only a reader saw the newer one', async () => {
    const { options, copy } = await twice()
    const elsewhere = { ...options, stateFolder: join(folder, 'another-machine') }
    await openFileStore(elsewhere).get('db')
    copyFileSync(copy, options.path)
    expect(await refused(elsewhere)).toContain('is an older copy')
  })

  it('is taken once it is accepted, and is then what counts', async () => {
    const { options, copy } = await twice()
    copyFileSync(copy, options.path)
    expect((await openFileStore({ ...options, acceptRollback: true }).get('db')).value).toBe('one')
    expect((await openFileStore(options).get('db')).value).toBe('one')
    await openFileStore(options).put('db', 'two again')
    expect((await openFileStore(options).get('db')).value).toBe('two again')
  })

  it('is not noticed by who never saw more, nor where that is turned off', async () => {
    const { options, copy } = await twice()
    copyFileSync(copy, options.path)
    const stranger = { ...options, stateFolder: join(folder, 'stranger') }
    expect((await openFileStore(stranger).get('db')).value).toBe('one')
    expect((await openFileStore({ ...options, detectRollback: false }).get('db')).value).toBe('one')
  })
})

describe('what else may lie in the place of the file', () => {
  it('is refused: another store', async () => {
    const { options } = await twice()
    const other = { ...newPath(folder), identityFile }
    await openFileStore(other).put('db', 'theirs')
    renameSync(other.path, options.path)
    expect(await refused(options)).toContain('is another file than the one that was seen here before')
  })

  it('is refused: the same generation with other content, which two machines made', async () => {
    const { options, copy } = await twice()
    const elsewhere = { ...options, path: copy, stateFolder: join(folder, 'second-machine') }
    await openFileStore(elsewhere).put('db', 'two, by another machine')
    renameSync(copy, options.path)
    expect(await refused(options)).toContain('holds something else than the generation 2 that was seen here')
  })

  it('is refused: nothing, with the .bak beside it', async () => {
    const { options } = await twice()
    rmSync(options.path)
    for (const each of [options, { ...options, acceptRollback: true }]) {
      const store = openFileStore(each)
      const errors = [await failure(store.get('db')), await failure(store.put('db', 'x'))]
      for (const { message } of errors)
        expect(message).toContain(`${options.path}.bak, the generation before it, is there`)
    }
    expect(existsSync(options.path)).toBe(false)
    renameSync(`${options.path}.bak`, options.path)
    expect(await refused(options)).toContain('is an older copy')
    expect((await openFileStore({ ...options, acceptRollback: true }).get('db')).value).toBe('one')
  })

  it('is refused: nothing, where a file was seen', async () => {
    const { options } = await twice()
    rmSync(options.path)
    rmSync(`${options.path}.bak`)
    expect(await refused(options)).toContain(
      'is gone, and generation 2 of it was seen here; restore it from a copy',
    )
    const anew = openFileStore({ ...options, acceptRollback: true })
    await anew.put('db', 'a new life')
    expect((await openFileStore(options).get('db')).value).toBe('a new life')
  })
})

describe('what was seen', () => {
  it('is kept where XDG_STATE_HOME says, readable by its owner only', async () => {
    const { path } = newPath(folder)
    const before = process.env['XDG_STATE_HOME']
    process.env['XDG_STATE_HOME'] = join(folder, 'xdg')
    try {
      await openFileStore({ path, identityFile }).put('db', 'x')
    } finally {
      if (before === undefined) delete process.env['XDG_STATE_HOME']
      else process.env['XDG_STATE_HOME'] = before
    }
    const [kept = ''] = readdirSync(join(folder, 'xdg', 'strongroom')).filter((name) =>
      name.endsWith('.json'),
    )
    const text = readFileSync(join(folder, 'xdg', 'strongroom', kept), 'utf8')
    expect(JSON.parse(text)).toEqual({
      path,
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      generation: 1,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it('is refused when it is damaged, with the way out', async () => {
    const options = { ...newPath(folder), identityFile, stateFolder: join(folder, 'damaged-state') }
    await openFileStore(options).put('db', 'x')
    const [kept = ''] = readdirSync(options.stateFolder)
    writeFileSync(join(options.stateFolder, kept), '{"generation":')
    const error = await failure(openFileStore(options).get('db'))
    expect(error.message).toContain(`${kept} is damaged; remove it to take the file as it is`)
    rmSync(join(options.stateFolder, kept))
    expect((await openFileStore(options).get('db')).value).toBe('x')
  })

  it('that cannot be kept is said before anything is written', async () => {
    const blocker = join(folder, 'a-file')
    writeFileSync(blocker, '')
    const options = { ...newPath(folder), identityFile, stateFolder: join(blocker, 'state') }
    const error = await failure(openFileStore(options).put('db', 'x'))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(error.message).toContain('set stateFolder, or detectRollback: false')
    expect(existsSync(options.path)).toBe(false)
    await openFileStore({ ...options, detectRollback: false }).put('db', 'x')
  })
})

describe('the memory of what was seen', () => {
  const context = {
    signal: new AbortController().signal,
    now: Date.now,
    sleep: async (): Promise<void> => {},
  }
  const sight = (generation: number, id = 'a'): Sight => ({
    id,
    generation,
    hash: `hash of ${id} ${generation}`,
  })

  it('goes forward only, whoever is slow to tell, and starts again with another file', async () => {
    const seen = openSeen(newPath(folder).path, join(folder, 'memory'))
    expect(await seen.read()).toBeUndefined()
    await Promise.all([3, 9, 8, 5].map((generation) => seen.note(sight(generation), context)))
    expect(await seen.read()).toEqual(sight(9))
    await seen.note(sight(1, 'b'), context)
    expect(await seen.read()).toEqual(sight(1, 'b'))
    await seen.note(sight(2, 'b'), context)
    await seen.replace(sight(1, 'b'), context)
    expect(await seen.read()).toEqual(sight(1, 'b'))
  })
})

describe('who can write the file, and has no key,', () => {
  it('cannot change it, though anybody can make one for a public key: that is another file', async () => {
    const { options } = await twice()
    const decrypter = new Decrypter()
    decrypter.addIdentity(key.identity)
    const text = await decrypter.decrypt(readFileSync(options.path), 'text')
    const encrypter = new Encrypter()
    encrypter.addRecipient(key.recipient)
    writeFileSync(options.path, await encrypter.encrypt(text.replace(/"id":"\w+"/, '"id":"forged"')))
    expect(await refused(options)).toContain('is another file')
  })
})
