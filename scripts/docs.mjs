// Keeps the TypeScript of the docs equal to what examples/ runs. A line `<!-- example: examples/x.ts#region -->` before
// a fenced block says where the block comes from: the lines between `// #region region` and `// #endregion`, or the whole
// file without `#region`. docs/providers.md is made as a whole. `--write` fills the blocks and makes the page, `--check`
// fails when one differs.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesUnder, root } from './lib/files.mjs'
import { conclude } from './lib/gate.mjs'
import { providersPage } from './lib/providers-page.mjs'

const marked = /^<!-- example: (\S+?)(?:#(\S+))? -->\n+```(\w+)\n([\s\S]*?)^```$/gm
const write = process.argv.includes('--write')
/** @type {string[]} */
const breaches = []
let blocks = 0

const pages = ['README.md', 'CONTRIBUTING.md', 'UPGRADING.md', 'SECURITY.md', 'docs', 'providers']
for (const page of pages.flatMap(filesUnder).filter((path) => path.endsWith('.md'))) {
  const text = readFileSync(join(root, page), 'utf8')
  const filled = text.replace(marked, (_, path, region, language, shown) => {
    blocks += 1
    const wanted = snippet(path, region, page)
    if (wanted !== shown && !write) breaches.push(`${page}: the block from ${path} differs; run npm run docs`)
    return `<!-- example: ${path}${region === undefined ? '' : `#${region}`} -->\n\`\`\`${language}\n${wanted}\`\`\``
  })
  if (write && filled !== text) writeFileSync(join(root, page), filled)
  if (page === 'README.md') breaches.push(...unmarked(text))
}
await keepProvidersPage()
conclude(`${blocks} snippets are what examples/ runs, and docs/providers.md what the tests pin`, breaches)

async function keepProvidersPage() {
  const path = join(root, 'docs/providers.md')
  const wanted = await providersPage()
  if (write) writeFileSync(path, wanted)
  else if (readFileSync(path, 'utf8') !== wanted) {
    breaches.push('docs/providers.md is not what the tests pin; run npm run docs')
  }
}

/**
 * @param {string} path
 * @param {string | undefined} region
 * @param {string} page
 */
function snippet(path, region, page) {
  if (!filesUnder('examples').includes(path)) {
    breaches.push(`${page}: ${path} is not a file in examples/`)
    return ''
  }
  const lines = readFileSync(join(root, path), 'utf8').split('\n')
  if (region === undefined) return lines.join('\n')
  const from = lines.findIndex((line) => isMark(line, `#region ${region}`))
  const length = lines.slice(from + 1).findIndex((line) => isMark(line, '#endregion'))
  if (from === -1 || length === -1) {
    breaches.push(`${page}: ${path} has no region ${region}`)
    return ''
  }
  return dedent(lines.slice(from + 1, from + 1 + length))
}

/**
 * @param {string} line
 * @param {string} mark
 */
function isMark(line, mark) {
  return line.trim() === `// ${mark}` || line.trim() === `# ${mark}`
}

/** @param {string[]} lines */
function dedent(lines) {
  const indents = lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length)
  const indent = Math.min(...indents)
  return lines.map((line) => `${line.slice(indent)}\n`).join('')
}

/**
 * README shows no TypeScript that nothing runs.
 *
 * @param {string} text
 */
function unmarked(text) {
  const rest = text.replace(marked, (block) => block.replace(/[^\n]/g, ''))
  return rest
    .split('\n')
    .flatMap((line, index) =>
      /^```(ts|typescript|js|javascript)\b/.test(line)
        ? [`README.md:${index + 1}: a program without <!-- example: … -->`]
        : [],
    )
}
