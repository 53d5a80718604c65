import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { strongroom } from './fake-terminal.js'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'strongroom-config-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

const write = (file: string, text: string): void => writeFileSync(join(cwd, file), text)
const environment = { CONFIG_TEST_stripe: 'from-config', OTHER_stripe: 'from-env' }

/** A read through whatever store is configured; `env:` reads the real environment. */
async function read(args: readonly string[] = [], env: Record<string, string> = {}): Promise<string> {
  Object.assign(process.env, environment)
  try {
    const { code, stdout, stderr } = await strongroom(['get', 'stripe', ...args], { cwd, env })
    return code === 0 ? stdout : `${code} ${stderr}`
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
  }
}

describe('the configuration', () => {
  it.each([
    ['strongroom.config.json', '{ "store": "env:CONFIG_TEST_" }'],
    ['strongroom.config.mjs', 'export default { store: "env:" + "CONFIG_TEST_" }'],
    ['strongroom.config.js', 'module.exports = { store: "env:CONFIG_TEST_" }'],
  ])('may be %s', async (file, text) => {
    write(file, text)
    expect(await read()).toBe('from-config')
  })

  it('gives way to the environment, and that to --store', async () => {
    write('strongroom.config.json', '{ "store": "env:NOBODY_" }')
    expect(await read([], { STRONGROOM_STORE: 'env:OTHER_' })).toBe('from-env')
    expect(await read(['--store', 'env:CONFIG_TEST_'], { STRONGROOM_STORE: 'env:OTHER_' })).toBe(
      'from-config',
    )
  })

  it.each([
    ['strongroom.config.json', '{ "store": ', 'strongroom.config.json is not JSON at byte 11'],
    ['strongroom.config.json', '{ "stores": [] }', 'strongroom.config.json must hold an object with the URL'],
    [
      'strongroom.config.mjs',
      'export const store = "env:"',
      'strongroom.config.mjs must export default an object',
    ],
  ])('that is wrong names itself: %s %s', async (file, text, message) => {
    write(file, text)
    const answer = await read()
    expect(answer).toMatch(/^2 /)
    expect(answer).toContain(message)
  })

  it('in TypeScript needs a Node that strips types, and says so', async () => {
    write('strongroom.config.ts', 'export default { store: "env:CONFIG_TEST_" as string }')
    const strips = 'typescript' in process.features && process.features.typescript !== false
    expect(await read()).toMatch(strips ? /^from-config$/ : /^2 .*strips types \(22\.18 or later\)/)
  })
})
