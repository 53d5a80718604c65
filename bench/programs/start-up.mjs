// What an import adds to the start of a process: of the core over an empty program, of a provider over its bare SDK. The best
// of the rounds counts: a busy machine only adds.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { goal, isShort } from '../report.mjs'
import { bests } from '../rounds.mjs'

/** The checkout: one copy of each SDK for both sides. */
const cwd = dirname(dirname(import.meta.dirname))
const rounds = isShort ? 5 : 25
const providers = [
  { name: 'aws', sdk: ['@aws-sdk/client-secrets-manager'] },
  { name: 'azure', sdk: ['@azure/keyvault-secrets', '@azure/identity'] },
  { name: 'vault', sdk: ['node-vault'] },
]

const found = await bests(
  {
    empty: start([]),
    core: start(['strongroom']),
    ...Object.fromEntries(providers.map(({ name, sdk }) => [`sdk of ${name}`, start(sdk)])),
    ...Object.fromEntries(providers.map(({ name, sdk }) => [name, start([...sdk, `strongroom/${name}`])])),
  },
  rounds,
)
goal({
  what: '`import "strongroom"` over bare Node',
  measured: found.core - found.empty,
  atMost: 10,
  unit: ' ms',
  beside: `${found.core.toFixed(1)} ms beside ${found.empty.toFixed(1)} ms`,
  digits: 1,
})
for (const { name } of providers) {
  const [ours = Number.NaN, bare = Number.NaN] = [found[name], found[`sdk of ${name}`]]
  goal({
    what: `\`import "strongroom/${name}"\` over its bare SDK`,
    measured: ours - bare,
    atMost: 5,
    unit: ' ms',
    beside: `${ours.toFixed(1)} ms beside ${bare.toFixed(1)} ms`,
    digits: 1,
  })
}

/** @param {readonly string[]} packages */
function start(packages) {
  const program = packages.map((name) => `import ${JSON.stringify(name)}`).join('\n')
  return () => {
    const since = performance.now()
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, NODE_CHANNEL_FD: undefined },
    })
    if (status !== 0) throw new Error(stderr)
    return performance.now() - since
  }
}
