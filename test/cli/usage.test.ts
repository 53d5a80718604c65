import { describe, expect, it } from 'vitest'
import { strongroom } from './fake-terminal.js'

describe('a value on the command line', () => {
  it.each([
    [['put', 'stripe', 'sk_live_0123456789']],
    [['put', 'stripe', '--sk_live_0123456789']],
    [['put', 'stripe', '--value', 'sk_live_0123456789']],
    [['put', '--value=sk_live_0123456789', 'stripe']],
    [['put', 'stripe', '-v', 'sk_live_0123456789']],
    [['put', '--json', 'stripe', 'sk_live_0123456789']],
  ])('is a usage error that does not repeat it: %j', async (args) => {
    const { code, stdout, stderr } = await strongroom(args, { env: { STRONGROOM_STORE: 'memory:' } })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).not.toContain('sk_live')
    expect(stderr).toContain('a value is never an argument')
  })
})

describe('usage', () => {
  it.each([
    [['frobnicate'], 'unknown command'],
    [['get'], "missing required argument 'name'; strongroom help COMMAND"],
    [['get', 'a', 'b'], 'too many arguments'],
    [['get', 'a', '--frob'], "unknown option '--frob'"],
    [['get', 'a', '--version', '1', '--stage', 'previous'], 'cannot be used with'],
    [['get', 'a', '--stage', 'next'], 'Allowed choices are current, previous'],
    [['put', 'a', '--if-version', '1', '--if-absent'], 'cannot be used with'],
    [['put', 'a', '--tag', 'red'], '--tag takes KEY=VALUE'],
    [['put', 'a', '--expires-at', 'soon'], '--expires-at takes a date'],
    [['put', 'a'], 'the value is empty'],
    [['get', 'a//b'], 'double slash'],
    [['list', '--store', 'ftp://host'], 'names no provider'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
  ])('%j is exit 2', async (args, message) => {
    const { code, stdout, stderr } = await strongroom(args, { env: { STRONGROOM_STORE: 'memory:' } })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
  })

  it('without a command prints help on stderr', async () => {
    const { code, stdout, stderr } = await strongroom([])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Exit codes:')
  })

  it.each([[['--help']], [['help']], [['get', '--help']], [['help', 'put']]])(
    '%j prints help',
    async (args) => {
      const { code, stdout, stderr } = await strongroom(args)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toContain('Usage: strongroom')
    },
  )

  it('tells the version', async () => {
    const { code, stdout } = await strongroom(['--version'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('says where a store can come from', async () => {
    const { code, stderr } = await strongroom(['get', 'a'])
    expect(code).toBe(2)
    for (const way of ['--store', 'STRONGROOM_STORE', 'strongroom.config.json']) expect(stderr).toContain(way)
  })
})
