import { awsEmulator } from 'strongroom/aws/emulator'
import type { Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type CommandOptions, output, strongroom } from './fake-terminal.js'

let emulator: Emulator
let env: Record<string, string>

beforeAll(async () => {
  emulator = await awsEmulator()
  env = { STRONGROOM_STORE: emulator.storeUrl }
})
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

const say = (args: readonly string[], options: CommandOptions = {}): Promise<string> =>
  output(args, { env, ...options })
const attempt = (args: readonly string[], options: CommandOptions = {}): Promise<Answer> =>
  strongroom(args, { env, ...options })

describe('put and get', () => {
  it('gives back what was put, byte for byte and without a newline', async () => {
    await say(['put', 'stripe'], { input: 'sk_test_1\r\n' })
    expect(await say(['get', 'stripe'])).toBe('sk_test_1\r\n')
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    await say(['put', 'key'], { input: bytes })
    expect((await attempt(['get', 'key'])).bytes).toEqual(Buffer.from(bytes))
  })

  it('ends the line on a terminal, and keeps bytes off it', async () => {
    await say(['put', 'stripe'], { input: 'sk_test_1' })
    await say(['put', 'key'], { input: new Uint8Array([0, 255]) })
    expect(await say(['get', 'stripe'], { isTerminal: true })).toBe('sk_test_1\n')
    expect(await attempt(['get', 'key'], { isTerminal: true })).toMatchObject({ code: 2, stdout: '' })
  })

  it('tells of a newline that echo added, and drops it when asked', async () => {
    const kept = await attempt(['put', 'stripe'], { input: 'sk_test_1\n' })
    expect(kept.stderr).toContain('--trim')
    expect(await say(['get', 'stripe'])).toBe('sk_test_1\n')
    const trimmed = await attempt(['put', 'stripe', '--trim'], { input: 'sk_test_1\r\n' })
    expect(trimmed.stderr).toBe('')
    expect(await say(['get', 'stripe'])).toBe('sk_test_1')
    expect((await attempt(['put', 'pem'], { input: 'a\nb\n' })).stderr).toBe('')
  })

  it('reads one hidden line where a person sits at it', async () => {
    const answer = await attempt(['put', 'stripe'], { typed: 'sk_tesx\x7ft_ö\r', isTerminal: true })
    expect(answer.code).toBe(0)
    expect(answer.stderr).toBe('Value of stripe: \n')
    expect(answer.stdout).not.toContain('sk_test')
    expect(await say(['get', 'stripe'])).toBe('sk_test_ö')
  })

  it('stores nothing when the person leaves or enters nothing', async () => {
    expect(await attempt(['put', 'stripe'], { typed: 'sk_\x03' })).toMatchObject({ code: 130 })
    expect(await attempt(['put', 'stripe'], { typed: 'sk_\x15\r' })).toMatchObject({ code: 2 })
    expect(emulator.calls).toEqual({})
  })

  it('checks JSON before it sends it, without quoting it', async () => {
    const answer = await attempt(['put', 'db', '--kind', 'json'], { input: '{"password":"hunter2"' })
    expect(answer.code).toBe(1)
    expect(answer.stderr).toContain('not JSON at byte 21')
    expect(answer.stderr).not.toContain('hunter2')
    expect(emulator.calls).toEqual({})
  })

  it('reads a version, a stage and a field', async () => {
    const { version } = JSON.parse(await say(['put', 'db', '--json'], { input: '{"user":"u1"}' }))
    await say(['put', 'db'], { input: '{"user":"u2"}' })
    expect(await say(['get', 'db', '--field', 'user'])).toBe('u2')
    expect(await say(['get', 'db', '--version', version, '--field', 'user'])).toBe('u1')
    expect(await say(['get', 'db', '--stage', 'previous'])).toBe('{"user":"u1"}')
  })

  it('tells with --json what is known, and the value only with --reveal', async () => {
    await say(['put', 'stripe', '--tag', 'team=red', '--tag', 'env=a=b'], { input: 'sk_test_1' })
    const shown = await say(['get', 'stripe', '--json'])
    expect(shown).not.toContain('sk_test_1')
    expect(JSON.parse(shown)).toMatchObject({
      name: 'stripe',
      stages: ['current'],
      state: 'enabled',
      kind: 'text',
      provider: 'aws',
    })
    expect(JSON.parse(await say(['list', '--json']))).toMatchObject([{ tags: { team: 'red', env: 'a=b' } }])
    expect(JSON.parse(await say(['get', 'stripe', '--json', '--reveal'])).value).toBe('sk_test_1')
    await say(['put', 'key'], { input: new Uint8Array([255]) })
    expect(JSON.parse(await say(['get', 'key', '--json', '--reveal'])).valueBase64).toBe('/w==')
  })

  it('takes an identifier of the backend', async () => {
    await say(['put', 'stripe'], { input: 'sk_test_1' })
    const [{ id }] = JSON.parse(await say(['list', '--json']))
    expect(await say(['get', '--id', id])).toBe('sk_test_1')
  })

  it('takes a name out of the trash only when asked', async () => {
    const { openStore } = await import('strongroom')
    const store = await openStore(emulator.storeUrl)
    await store.put('stripe', 'sk_test_1')
    await store.delete('stripe')
    await store.close()
    expect(await attempt(['put', 'stripe'], { input: 'sk_test_2' })).toMatchObject({ code: 5 })
    await say(['put', 'stripe', '--restore'], { input: 'sk_test_2' })
    expect(await say(['get', 'stripe'])).toBe('sk_test_2')
  })
})

describe('list and versions', () => {
  it('prints names, one a line, in a pipe', async () => {
    await say(['put', 'prod/a', '--tag', 'team=red'], { input: '1' })
    await say(['put', 'prod/b'], { input: '2' })
    await say(['put', 'test/a'], { input: '3' })
    expect(await say(['list', '--prefix', 'prod/'])).toBe('prod/a\nprod/b\n')
    expect(await say(['list', '--tag', 'team=red'])).toBe('prod/a\n')
    const documents = JSON.parse(await say(['list', '--json'])) as { name: string }[]
    expect(documents.map(({ name }) => name)).toEqual(['prod/a', 'prod/b', 'test/a'])
  })

  it('prints a table on a terminal, in which nothing from outside moves the cursor', async () => {
    await say(['put', 'stripe', '--tag', 'note=two words'], { input: '1' })
    const [header, row] = (await say(['list'], { isTerminal: true, env: { ...env, NO_COLOR: '1' } })).split(
      '\n',
    )
    expect(header).toMatch(/^NAME {4}CHANGED +TAGS$/)
    expect(row).toMatch(/^stripe {2}\d{4}-\S+Z {2}note=two words$/)
    expect((await say(['list'], { isTerminal: true })).split('\n')[0]).toContain('\x1b[')
  })

  it('says so on stderr when there is nothing', async () => {
    expect(await attempt(['list'], { isTerminal: true })).toMatchObject({ code: 0, stdout: '' })
    expect(await say(['list'])).toBe('')
    expect(await say(['list', '--json'])).toBe('[]\n')
  })

  it('prints the history, newest first, and no value', async () => {
    await say(['put', 'stripe'], { input: 'sk_test_1' })
    emulator.clock.advance(1_000)
    await say(['put', 'stripe'], { input: 'sk_test_2' })
    const rows = (await say(['versions', 'stripe'])).trim().split('\n')
    expect(rows.map((row) => row.split('\t').slice(2))).toEqual([
      ['enabled', 'current'],
      ['enabled', 'previous'],
    ])
    const json = await say(['versions', 'stripe', '--json'])
    expect(JSON.parse(json)).toHaveLength(2)
    expect(rows.join() + json).not.toContain('sk_test')
  })
})

describe('exit codes', () => {
  it.each([
    ['AccessDeniedException', 4, 'PERMISSION_DENIED'],
    ['UnrecognizedClientException', 4, 'UNAUTHENTICATED'],
    ['InternalServiceError', 6, 'UNAVAILABLE'],
  ])('for %s is %i', async (error, exit, code) => {
    emulator.faults.add({ operation: 'GetSecretValue', error })
    const answer = await attempt(['get', 'stripe', '--json'])
    expect(answer).toMatchObject({ code: exit, stdout: '' })
    expect(JSON.parse(answer.stderr)).toMatchObject({ error: { code, provider: 'aws', secret: 'stripe' } })
  })

  it('3 when there is no such secret', async () => {
    const answer = await attempt(['get', 'stripe'])
    expect(answer).toMatchObject({ code: 3, stdout: '' })
    expect(answer.stderr).toMatch(/^strongroom: aws: get "stripe": .* \[NOT_FOUND\]\n$/)
  })

  it('5 when somebody was there first', async () => {
    await say(['put', 'stripe'], { input: '1' })
    expect(await attempt(['put', 'stripe', '--if-absent'], { input: '2' })).toMatchObject({ code: 5 })
    expect(
      await attempt(['put', 'stripe', '--if-version', 'ffffffff-0000-4000-8000-000000000000'], {
        input: '2',
      }),
    ).toMatchObject({ code: 5 })
  })

  it('130 when it was interrupted, whatever the store made of that', async () => {
    const stop = new AbortController()
    stop.abort('SIGINT')
    expect(await attempt(['get', 'stripe'], { stop: stop.signal })).toMatchObject({ code: 130 })
    expect(await attempt(['put', 'stripe'], { input: '1', stop: stop.signal })).toMatchObject({ code: 130 })
  })
})
