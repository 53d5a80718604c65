import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { root } from './files.mjs'

/** @typedef {Record<string, readonly [value: unknown, why: string]>} Row */

/**
 * docs/providers.md, made of the pinned rows of test/conformance/expected-capabilities.ts.
 *
 * @returns {Promise<string>}
 */
export async function providersPage() {
  const rows = await pinnedRows()
  const names = ['aws', 'azure', 'gcp', 'vault', 'file', 'memory', 'env']
  const missing = Object.keys(rows).filter((name) => !names.includes(name))
  if (missing.length > 0) throw new Error(`docs/providers.md has no place for ${missing.join(', ')}`)
  const facts = Object.keys(rows['memory'] ?? {})
  const table = facts.map((fact) => [`\`${fact}\``, ...names.map((name) => shown(rows[name]?.[fact]?.[0]))])
  const sections = names.map((name) => {
    const cells = facts.map((fact) => {
      const [value, why] = rows[name]?.[fact] ?? []
      return [`\`${fact}\``, shown(value), String(why).replaceAll('|', '\\|')]
    })
    return `## ${name}\n\n[Its page](../providers/${name}/README.md)\n\n${tableOf(['fact', 'value', 'why'], cells)}`
  })
  return `# What each provider can do

Made of test/conformance/expected-capabilities.ts by \`npm run docs\`: what is pinned there, every provider is held to.
[What the facts mean](guide/capabilities.md).

${tableOf(['fact', ...names], table)}

Sources, in brackets below: **guide** AWS Secrets Manager user guide · **api** its API reference and model · **about** Azure
"About Key Vault secrets" · **rest** Azure REST reference and its specification · **recorded** recordings of the real
service in azure-sdk-for-js · **gproto** the protos of Google's API · **gdoc** Google's guides on consistency and etags ·
**kv** Vault's documentation and code of the KV engine, version 2 · **bao** tried on OpenBao 2.7.2 · **node** Node.js
documentation · **posix** POSIX, environment variables · **own** what this package does itself.

${sections.join('\n\n')}
`
}

/**
 * @param {readonly string[]} header
 * @param {readonly (readonly string[])[]} rows
 */
function tableOf(header, rows) {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** @param {unknown} value */
function shown(value) {
  return value === true ? 'yes' : value === false ? 'no' : String(value)
}

/** @returns {Promise<Record<string, Row>>} */
async function pinnedRows() {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [join(root, 'test/conformance/expected-capabilities.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const text = outputFiles[0]?.text ?? ''
  const { expected } = await import(`data:text/javascript,${encodeURIComponent(text)}`)
  return expected
}
