import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { breachesOf } from './architecture/house.js'
import { arrowFault, circles, importsOf, roomOf } from './architecture/imports.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = ['src', 'providers'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path: `${folder}/${path}`, text: readFileSync(`${root}${folder}/${path}`, 'utf8') })),
)

describe('the house', () => {
  it('has sources to look at, each in a room', () => {
    expect(sources.length).toBeGreaterThan(20)
    expect(sources.filter(({ path }) => roomOf(path) === undefined)).toEqual([])
  })

  it('has arrows that point down', () => {
    const faults = sources.flatMap(({ path, text }) =>
      importsOf(path, text).flatMap((found) => {
        const fault = arrowFault(found)
        return fault === undefined ? [] : [`${path}:${found.line} ${fault}`]
      }),
    )
    expect(faults).toEqual([])
  })

  it('has no circle of imports that run', () => {
    expect(circles(sources.flatMap(({ path, text }) => importsOf(path, text)))).toEqual([])
  })

  it('keeps its rules in every file', () => {
    const breaches = sources.flatMap(({ path, text }) => breachesOf(path, text))
    expect(breaches.map(({ path, line, rule }) => `${path}:${line} ${rule}`)).toEqual([])
  })
})

describe('the reader of imports', () => {
  const fault = (path: string, text: string): string | undefined => {
    const [found] = importsOf(path, text)
    if (found === undefined) throw new Error('no import seen')
    return arrowFault(found)
  }

  it.each([
    ['src/store.ts', `import { aws } from 'strongroom/aws'`],
    ['src/store.ts', `import { aws } from '../providers/aws/index.js'`],
    ['src/store.ts', `export * from '../providers/aws/index.js'`],
    ['src/store.ts', `export const open = () => import('strongroom/aws')`],
    ['src/store.ts', `type Aws = import('strongroom/aws').Aws`],
    ['src/store.ts', `import type { Faults } from './testing/faults.js'`],
    ['src/open.ts', `import { aws } from 'strongroom/aws'`],
    ['src/open.ts', `import { aws } from '../providers/aws/index.js'`],
    ['src/open.ts', `export const open = () => import('../providers/aws/provider.js')`],
    ['src/open.ts', 'export const open = (name: string) => import(`strongroom/$' + '{name}`)'],
    ['src/boundary/index.ts', `import { cache } from '../layers/cache.js'`],
    ['src/boundary/index.ts', `import { createStore } from '../create-store.js'`],
    ['src/layers/cache.ts', `import { boundary } from '../boundary/index.js'`],
    ['src/rotation/machine.ts', `import { aws } from 'strongroom/aws'`],
    ['src/store.ts', `import { z } from 'zod'`],
    ['src/store.ts', `import { cache } from './layers/cache'`],
    ['providers/aws/provider.ts', `import { boundary } from '../../src/boundary/index.js'`],
    ['providers/aws/provider.ts', `import { createStore } from 'strongroom'`],
    ['providers/aws/provider.ts', `import { startAws } from './emulator/index.js'`],
    ['providers/aws/provider.ts', `import { escape } from '../azure/names.js'`],
    ['providers/aws/provider.ts', `import { SecretClient } from '@azure/keyvault-secrets'`],
    ['providers/memory/index.ts', `import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'`],
    ['providers/aws/emulator/index.ts', `import { limits } from '../limits.js'`],
    ['providers/aws/emulator/index.ts', `import { startAzure } from '../../azure/emulator/index.js'`],
    [
      'providers/aws/emulator/index.ts',
      `import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'`,
    ],
    ['providers/aws/emulator/index.ts', `import { defineProvider } from 'strongroom/provider'`],
    ['providers/emulators.ts', `import { aws } from './aws/index.js'`],
    ['src/agents/run.ts', `import 'node:fs'`],
  ])('refuses in %s: %s', (path, text) => {
    expect(fault(path, text)).toBeTypeOf('string')
  })

  it.each([
    ['src/open.ts', `export const open = () => import('strongroom/aws')`],
    ['src/open.ts', `export const open = () => import('../providers/aws/index.js')`],
    ['src/cli/store.ts', `export const open = (path: string) => import(path)`],
    ['src/cli/main.ts', `import { Command } from 'commander'`],
    ['src/layers/cache.ts', `import type { Call } from '../operations.js'`],
    ['providers/aws/provider.ts', `import { defineProvider } from 'strongroom/provider'`],
    ['providers/aws/provider.ts', `import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'`],
    ['providers/aws/emulator/server.ts', `import { createServer } from 'node:http'`],
    ['providers/aws/emulator/server.ts', `import { startServer } from 'strongroom/testing'`],
    ['providers/emulators.ts', `export const aws = () => import('./aws/emulator/index.js')`],
  ])('allows in %s: %s', (path, text) => {
    expect(fault(path, text)).toBeUndefined()
  })

  it('sees a circle of values and lets types be circular', () => {
    const value = [
      ...importsOf('src/a.ts', `import { b } from './b.js'`),
      ...importsOf('src/b.ts', `import { c } from './c.js'`),
      ...importsOf('src/c.ts', `import { a } from './a.js'`),
    ]
    const type = [
      ...importsOf('src/a.ts', `import { b } from './b.js'`),
      ...importsOf('src/b.ts', `import type { A } from './a.js'`),
    ]
    expect(circles(value)).toEqual([['src/a.ts', 'src/b.ts', 'src/c.ts']])
    expect(circles(type)).toEqual([])
  })
})

describe('the reader of house rules', () => {
  const rules = (text: string, path = 'src/toy.ts'): string[] =>
    breachesOf(path, text).map(({ rule }) => rule)

  it.each([
    ['try { f() } catch { g() }'],
    ['try { f() } catch (error) { g() }'],
    ['try { f() } catch (error) { if (error instanceof TypeError) g() }'],
    ['try { f() } catch (error) { if (isKnown(error)) return undefined }'],
    ['try { f() } catch (error) { return isKnown(error) ? 1 : 2 }'],
    ['try { f() } catch (error) { log(error.message) }'],
    ['p.catch(() => undefined)'],
    ['p.catch((error) => error instanceof TypeError)'],
  ])('refuses %s', (text) => {
    expect(rules(text)).toHaveLength(1)
  })

  it.each([
    ['try { f() } catch (error) { throw error }'],
    ['try { f() } catch (error) { if (!(error instanceof TypeError)) throw error }'],
    ['try { f() } catch (error) { return failed(error) }'],
    ['try { f() } catch (error) { last = error }'],
    ['try { f() } catch (error) { if (ready) reject(error) }'],
    ['p.catch((error) => { throw classify(error) })'],
    ['p.catch(report)'],
  ])('allows %s', (text) => {
    expect(rules(text)).toEqual([])
  })

  it('refuses a branch on the name of a provider, outside open.ts and the command', () => {
    expect(rules(`if (provider === 'aws') f()`)).toHaveLength(1)
    expect(rules(`switch (provider) { case 'vault': f() }`)).toHaveLength(1)
    expect(rules(`if (provider === 'aws') f()`, 'src/cli/doctor.ts')).toEqual([])
    expect(rules(`if (stage === 'current') f()`)).toEqual([])
  })

  it('refuses optional methods in the contract, but for what an author may leave out', () => {
    const member = (text: string, name = 'SecretProvider'): string[] =>
      rules(`export interface ${name} { ${text} }`, 'src/provider.ts')
    expect(member('close?(): void')).toHaveLength(1)
    expect(member('readonly close?: () => void')).toHaveLength(1)
    expect(member('readonly close?: (() => void) | undefined')).toHaveLength(1)
    expect(member('readonly detail?: string')).toEqual([])
    expect(member('readonly close?: () => void', 'ProviderDefinition')).toEqual([])
  })

  it('refuses JSON.parse beside the one parser, and top-level await', () => {
    expect(rules('export const x = JSON.parse(text)')).toHaveLength(1)
    expect(rules('export const x = JSON.parse(text)', 'src/json.ts')).toEqual([])
    expect(rules('export const x = await f()')).toHaveLength(1)
    expect(rules('export const x = async () => { await f() }')).toEqual([])
  })

  it('refuses a file that is long, and one that talks inside', () => {
    const code = (count: number): string => 'f()\n'.repeat(count)
    expect(rules(code(400))).toEqual([])
    expect(rules(code(401))).toHaveLength(1)
    expect(rules(`${code(20)}${'// because\n'.repeat(5)}${code(20)}`)).toEqual([])
    expect(rules(`${code(10)}${'// because\n'.repeat(5)}${code(10)}`)).toHaveLength(1)
    expect(rules(`${code(10)}${'// because\n'.repeat(5)}${code(10)}`, 'src/errors.ts')).toEqual([])
    expect(
      rules(`/**\n${' * A docstring.\n'.repeat(8)} */\nexport function g(): void {}\n${code(10)}`),
    ).toEqual([])
    expect(rules(`/**\n${' * Hidden.\n'.repeat(8)} */\nfunction g(): void {}\n${code(10)}`)).toHaveLength(1)
  })
})
