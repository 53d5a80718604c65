import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { awsEmulator } from 'strongroom/aws/emulator'
import type { Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BuiltCommand, buildCommand } from './built-command.js'

let command: BuiltCommand
let emulator: Emulator
const running: ChildProcess[] = []

beforeAll(async () => {
  ;[command, emulator] = await Promise.all([buildCommand(), awsEmulator({ seed: { stripe: 'sk_test_1' } })])
})
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  command.remove()
  await emulator.close()
})

function start(...args: readonly string[]): ReturnType<BuiltCommand['spawn']> {
  const child = command.spawn(args, { STRONGROOM_STORE: emulator.storeUrl })
  running.push(child)
  return child
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'close')
  return code
}

describe('the process', () => {
  it('reads through a pipe and ends by itself, without a word on stderr', async () => {
    const child = start('get', 'stripe')
    const [code, stdout, stderr] = await Promise.all([exitOf(child), text(child.stdout), text(child.stderr)])
    expect([code, stdout, stderr]).toEqual([0, 'sk_test_1', ''])
  })

  it('stores what comes in, of which nothing shows in the list of processes', async () => {
    const child = start('put', 'piped')
    child.stdin.write('sk_test_')
    const shown = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')
    child.stdin.end('from-a-pipe')
    expect(await exitOf(child)).toBe(0)
    expect(shown).not.toContain('sk_test_')
    expect(emulator.calls).toMatchObject({ CreateSecret: 1 })
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends on %s with %i and stores nothing', async (signal, expected) => {
    const before = emulator.calls
    const child = start('put', 'half')
    // More than a pipe holds: once it is gone, the command is reading.
    child.stdin.write(Buffer.alloc(8 * 1024 * 1024))
    await once(child.stdin, 'drain')
    child.kill(signal)
    expect(await exitOf(child)).toBe(expected)
    expect(emulator.calls).toEqual(before)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('an emulator ends cleanly on %s', async (signal) => {
    const child = start('emulate', 'aws=0', '--json')
    const stderr = text(child.stderr)
    const [line] = await once(child.stdout, 'data')
    const { aws } = JSON.parse(String(line)) as { aws: { url: string } }
    expect((await fetch(`${aws.url}/_emulator/calls`)).status).toBe(200)
    child.kill(signal)
    expect([await exitOf(child), await stderr]).toEqual([0, ''])
    await expect(fetch(aws.url)).rejects.toThrow()
  })

  it('a reader that has seen enough is no failure', async () => {
    const child = start('list')
    child.stdout.destroy()
    expect([await exitOf(child), await text(child.stderr)]).toEqual([0, ''])
  })
})
