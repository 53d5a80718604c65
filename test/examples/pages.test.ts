import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createStore, errorCodes } from 'strongroom'
import { aws } from 'strongroom/aws'
import { azure } from 'strongroom/azure'
import { env } from 'strongroom/env'
import { file } from 'strongroom/file'
import { gcp } from 'strongroom/gcp'
import { memory } from 'strongroom/memory'
import { vault } from 'strongroom/vault'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodes } from '../../src/cli/exit-codes.js'
import { createProgram } from '../../src/cli/program.js'
import { processTerminal } from '../../src/cli/terminal.js'

const providers = {
  aws: aws({ region: 'eu-west-1' }),
  azure: azure({ vaultName: 'vault' }),
  gcp: gcp({ project: 'project' }),
  vault: vault({ address: 'https://vault.example.com:8200', token: 'none' }),
  file: file({ path: 'secrets.age', passphrase: 'none' }),
  memory: memory(),
  env: env(),
}

const page = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** The rows of the table under a header that begins so, as cells. */
function table(path: string, header: string): string[][] {
  const [, after] = page(path).split(`\n${header}`)
  const lines = after?.split('\n').slice(2) ?? []
  const rows = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('|')),
  )
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const bare = (cell = ''): string => cell.replaceAll('`', '')
const shown = (fact: unknown): string => (fact === true ? 'yes' : fact === false ? 'no' : String(fact))

const checkout = new URL('../..', import.meta.url).pathname

/** Targets of the relative links of a page, with what is wrong with them. */
function brokenLinks(path: string): string[] {
  const links = [...page(path).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => target)
  return links.filter((link) => {
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? path : join(dirname(path), file)
    if (!existsSync(join(checkout, target))) return true
    return anchor !== undefined && !anchorsOf(target).includes(anchor)
  })
}

/** As GitHub makes them of headings. */
function anchorsOf(path: string): string[] {
  const headings = page(path).match(/^#+ .*$/gm) ?? []
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: checkout, encoding: 'utf8' })
  .trim()
  .split('\n')

describe('links of the documentation', () => {
  it.each(pages)('%s', (path) => {
    expect(brokenLinks(path)).toEqual([])
  })
})

describe('tables of the documentation', () => {
  it('README.md says what the stores say', () => {
    const rows = table('README.md', `| fact | ${Object.keys(providers).join(' | ')} |`)
    expect(rows.length).toBeGreaterThan(5)
    const expected = rows.map(([fact]) => [
      fact,
      ...Object.values(providers).map((provider) => {
        const { capabilities } = createStore({ provider })
        return shown(capabilities[bare(fact) as keyof typeof capabilities])
      }),
    ])
    expect(rows).toEqual(expected)
  })

  it('the page on capabilities has them all', () => {
    const facts = table('docs/guide/capabilities.md', '| fact | meaning |').map(([fact]) => bare(fact))
    expect(facts).toEqual(Object.keys(providers.memory.capabilities))
    expect(page('README.md')).toContain(`All ${facts.length} facts`)
  })

  it('the page on errors has every code, with the exit of the command', () => {
    const rows = table('docs/guide/errors.md', '| code | what happened')
    expect(rows.map(([code, , exit]) => [bare(code), Number(exit)]).toSorted()).toEqual(
      Object.entries(exitCodeOf).toSorted(),
    )
    expect(rows.map(([code]) => bare(code))).toEqual(errorCodes)
    expect(page('README.md')).toContain(`one of ${errorCodes.length} words`)
    const exits = table('docs/guide/errors.md', '| code | |').map(([code]) => Number(code))
    expect(exits).toEqual(Object.values(exitCodes).filter((code) => code !== exitCodes.SIGTERM))
  })

  it('the page on the command has every command', () => {
    const program = createProgram(processTerminal(new AbortController().signal), () => {})
    const documented = table('docs/guide/command-line.md', '| command | what it does').map(
      ([usage]) => bare(usage).split(' ')[0],
    )
    expect(documented).toEqual(program.commands.map((command) => command.name()))
  })
})
