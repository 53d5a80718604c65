import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { canaryValue } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needlesOf } from '../../src/testing/leaks.js'
import { bundle, failure, openStub } from './stub.js'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const packages = join(process.env['STRONGROOM_SDKS'] ?? checkout, 'node_modules/@azure')
const folder = mkdtempSync(join(tmpdir(), 'strongroom-azure-log-'))

/** Beside the program stands the client alone: `@azure/identity` is not installed for it. */
beforeAll(async () => {
  mkdirSync(join(folder, 'node_modules/@azure'), { recursive: true })
  symlinkSync(join(packages, 'keyvault-secrets'), join(folder, 'node_modules/@azure/keyvault-secrets'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  await build({
    absWorkingDir: checkout,
    entryPoints: ['test/azure/child.ts'],
    outfile: join(folder, 'program.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['strongroom-source'],
    external: ['@azure/*'],
  })
}, 30_000)
afterAll(() => rmSync(folder, { recursive: true }))

describe('a program that prints nothing', () => {
  it.each([
    ['without a switch', {}],
    ['under AZURE_LOG_LEVEL=verbose', { AZURE_LOG_LEVEL: 'verbose' }],
    ['under DEBUG=azure*', { DEBUG: 'azure*' }],
  ] as const)(
    '%s shows no value and no token, and needs no identity',
    async (_, env) => {
      const [value, token] = [canaryValue(), canaryValue()]
      const stub = await openStub(({ method, target, body }) => {
        if (target.includes('/broken')) return { status: 200, body: `{"value":"${value}",` }
        if (target.includes('/missing')) return { status: 404, body: failure('SecretNotFound') }
        if (method === 'GET' && /\/(secrets|versions)\?/.test(target)) {
          return { status: 200, body: { value: [bundle(value)], nextLink: null } }
        }
        if (method === 'PUT')
          return { status: 200, body: bundle((JSON.parse(body) as { value: string }).value) }
        return { status: 200, body: bundle(value) }
      })
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, 'program.js')], {
        cwd: folder,
        env: { ENDPOINT: stub.url, VALUE: value, TOKEN: token, ...env },
      })
      await stub.close()
      expect(stub.requests.filter(({ method }) => method === 'PUT').length).toBeGreaterThanOrEqual(2)
      expect(stub.requests.some(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true)
      const printed = stdout + stderr
      if (Object.keys(env).length === 0) expect(printed).toBe('')
      else expect(printed).toContain('azure:keyvault-secrets')
      const seen = [value, token].flatMap(needlesOf).filter(({ text }) => printed.includes(text))
      expect(seen.map(({ form }) => form)).toEqual([])
    },
    30_000,
  )
})
