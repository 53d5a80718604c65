import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateIdentity } from 'age-encryption'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Finding } from '../../src/cli/doctor/finding.js'
import { exitCodes } from '../../src/cli/exit-codes.js'
import { output, strongroom } from './fake-terminal.js'

const folder = mkdtempSync(join(tmpdir(), 'strongroom-cli-file-'))
afterAll(() => rmSync(folder, { recursive: true }))
const identity = await generateIdentity()
const keyFile = join(folder, 'key.txt')
writeFileSync(keyFile, identity, { mode: 0o600 })

let path: string
let store: readonly string[]
let count = 0
beforeEach(() => {
  count += 1
  path = join(folder, `${count}.age`)
  store = ['--store', `file:${path}`]
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
  vi.stubEnv('STRONGROOM_KEY_FILE', '')
  vi.stubEnv('STRONGROOM_KEY', '')
})
afterEach(() => vi.unstubAllEnvs())

describe('a file: store with a key in a file', () => {
  it('is made by the first put, and read by the next command', async () => {
    vi.stubEnv('STRONGROOM_KEY_FILE', keyFile)
    expect((await strongroom(['get', 'db', ...store])).code).toBe(exitCodes.notFound)
    await output(['put', 'db', ...store], { input: 'value of db' })
    expect(await output(['get', 'db', ...store])).toBe('value of db')
    expect(await output(['list', ...store])).toBe('db\n')
  })

  it('refuses an older copy, and takes it with --accept-rollback', async () => {
    vi.stubEnv('STRONGROOM_KEY_FILE', keyFile)
    await output(['put', 'db', ...store], { input: 'one' })
    copyFileSync(path, `${path}.copy`)
    await output(['put', 'db', ...store], { input: 'two' })
    copyFileSync(`${path}.copy`, path)
    const { code, stderr } = await strongroom(['get', 'db', ...store])
    expect(code).toBe(exitCodes.conflict)
    expect(stderr).toContain('is an older copy: it is generation 1, and generation 2 was seen here')
    expect(await output(['get', 'db', ...store, '--accept-rollback'])).toBe('one')
    expect(await output(['get', 'db', ...store])).toBe('one')
  })

  it('has an option that other stores refuse', async () => {
    const { code, stderr } = await strongroom([
      'get',
      'db',
      '--store',
      'aws://eu-west-1/prod',
      '--accept-rollback',
    ])
    expect(code).toBe(exitCodes.usage)
    expect(stderr).toContain('acceptRollback')
  })
})

describe('a file: store with a passphrase', () => {
  it('asks twice for a new one, then once, and shows nothing of it', { timeout: 30_000 }, async () => {
    const put = await strongroom(['put', 'db', ...store], {
      input: 'value of db',
      answers: ['open sesame', 'open sesame'],
    })
    expect(put.code).toBe(exitCodes.done)
    expect(put.stderr).toBe(`Passphrase of ${path}: \nThe same again, since the file is new: \n`)
    const get = await strongroom(['get', 'db', ...store], { answers: ['open sesame'] })
    expect(get).toMatchObject({
      code: exitCodes.done,
      stdout: 'value of db',
      stderr: `Passphrase of ${path}: \n`,
    })
    const wrong = await strongroom(['get', 'db', ...store], { answers: ['open barley'] })
    expect(wrong.code).toBe(exitCodes.denied)
    expect(wrong.stderr).toContain('is not sealed for the key that was given')
    expect(wrong.stderr).not.toContain('barley')
  })

  it('stores nothing when the two differ, or nobody can be asked', async () => {
    const differ = await strongroom(['put', 'db', ...store], {
      input: 'x',
      answers: ['open sesame', 'open sesam'],
    })
    expect(differ.code).toBe(exitCodes.usage)
    expect(differ.stderr).toContain('the two passphrases differ; nothing was stored')
    const nobody = await strongroom(['put', 'db', ...store], { input: 'x' })
    expect(nobody.code).toBe(exitCodes.usage)
    expect(nobody.stderr).toContain(
      `nobody can be asked for the passphrase of ${path}; set STRONGROOM_KEY_FILE`,
    )
    expect(existsSync(path)).toBe(false)
  })

  it('ends with 130 when Ctrl-C answers', async () => {
    const { code } = await strongroom(['get', 'db', ...store], { answers: ['open\x03'] })
    expect(code).toBe(exitCodes.SIGINT)
  })
})

describe('doctor', () => {
  const keyFindings = async (env: Record<string, string>): Promise<(string | undefined)[][]> => {
    const { findings } = JSON.parse(await output(['doctor', '--json'], { env, cwd: folder })) as {
      findings: Finding[]
    }
    return findings.filter(({ message }) => message.startsWith('file:')).map(({ id, status }) => [id, status])
  }

  it('warns of a key that stands in the environment itself, and of a path without a file', async () => {
    expect(await keyFindings({})).toEqual([])
    expect(await keyFindings({ STRONGROOM_KEY_FILE: keyFile })).toEqual([['credentials.file', 'info']])
    expect(await keyFindings({ STRONGROOM_KEY_FILE: `${keyFile}.none` })).toEqual([
      ['credentials.file', 'warn'],
    ])
    expect(await keyFindings({ STRONGROOM_KEY: identity })).toEqual([['credentials.STRONGROOM_KEY', 'warn']])
    const { stdout } = await strongroom(['doctor'], { env: { STRONGROOM_KEY: identity }, cwd: folder })
    expect(stdout).not.toContain(identity)
  })

  it('says what is wrong with the file', async () => {
    vi.stubEnv('STRONGROOM_KEY_FILE', keyFile)
    await output(['put', 'db', ...store], { input: 'x' })
    expect((await strongroom(['doctor', ...store])).stdout).toContain('ok    the store answers')
    chmodSync(path, 0o644)
    const { code, stdout } = await strongroom(['doctor', ...store])
    expect(code).toBe(exitCodes.failed)
    expect(stdout).toContain(`run: chmod 600 ${path} [CONFIG_INVALID]`)
  })
})
