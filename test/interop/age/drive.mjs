// Our files under the age of others, and theirs under ours. Takes the path of the other tool.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateHybridIdentity, generateIdentity, identityToRecipient } from 'age-encryption'
import { createStore } from 'strongroom'
import { file } from 'strongroom/file'

const tool = process.argv[2] ?? ''
const folder = mkdtempSync(join(tmpdir(), 'strongroom-age-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** @param {string} name @param {string} identity */
function keyFile(name, identity) {
  const path = join(folder, name)
  writeFileSync(path, `${identity}\n`, { mode: 0o600 })
  return path
}

const [x25519, other, hybrid] = [
  await generateIdentity(),
  await generateIdentity(),
  await generateHybridIdentity(),
]
const passphrase = 'correct horse battery staple'
const recipients = await Promise.all([x25519, other].map((identity) => identityToRecipient(identity)))
/** What opens a file on our side, and what the other tool is told. */
const keys = {
  x25519: { options: { identityFile: keyFile('x25519.txt', x25519) }, told: x25519 },
  'one of two recipients': { options: { identityFile: join(folder, 'x25519.txt'), recipients }, told: other },
  'post-quantum': { options: { identityFile: keyFile('hybrid.txt', hybrid) }, told: hybrid },
  passphrase: { options: { passphrase, workFactor: 15 }, told: `passphrase ${passphrase}` },
}
/** The document around a value is a few hundred bytes: sealed in chunks of 64 KiB, it ends within, at and after one. */
const sizes = [0, 1, 1_000, 65_536 - 700, 65_536, 131_072, 400_000]

let passed = 0
let failed = 0
/** @param {string} title @param {() => Promise<boolean>} run */
async function check(title, run) {
  const [outcome] = await Promise.allSettled([run()])
  const ok = outcome.status === 'fulfilled' && outcome.value
  if (ok) passed += 1
  else failed += 1
  if (!ok) say(`FAIL ${title}${outcome.status === 'rejected' ? `: ${outcome.reason}` : ''}`)
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`)
}

/** @param {string[]} args @param {string} key */
function others(args, key) {
  const { status, stdout, stderr } = spawnSync(tool, args, { input: key, maxBuffer: 64 * 1024 * 1024 })
  if (status !== 0) throw new Error(stderr.toString())
  return stdout.toString()
}

for (const [name, { options, told }] of Object.entries(keys)) {
  for (const size of sizes) {
    const base = { detectRollback: false, ...options }
    const ours = join(folder, `ours-${name}-${size}.age`)
    const value = 'v'.repeat(size)
    const store = createStore({ provider: file({ path: ours, ...base }), layers: [] })
    await check(`${name}, ${size} bytes: our file is opened by the other`, async () => {
      await store.put('prod/db', value)
      await store.put('bytes', new Uint8Array([0, 255, 128]))
      const { secrets } = JSON.parse(others(['open', ours], told))
      return secrets['prod/db'].versions[0].text === value && secrets.bytes.versions[0].base64 === 'AP+A'
    })
    await check(`${name}, ${size} bytes: the other's file is opened by us, and written again`, async () => {
      const [theirs, text] = [join(folder, `theirs-${name}-${size}.age`), join(folder, 'text')]
      writeFileSync(text, others(['open', ours], told))
      const own = 'recipients' in options ? [x25519, other].join('\n') : told
      others(['seal', theirs, text], own)
      const reader = createStore({ provider: file({ path: theirs, ...base }), layers: [] })
      const read = (await reader.get('prod/db')).text() === value
      await reader.put('prod/db', 'changed')
      return read && others(['open', theirs], told).includes('"changed"')
    })
  }
}
await check('a foreign file that was changed is refused by both', async () => {
  const path = join(folder, 'ours-x25519-1000.age')
  const sealed = readFileSync(path)
  sealed[sealed.length - 20] ^= 1
  writeFileSync(path, sealed)
  const store = createStore({
    provider: file({ path, detectRollback: false, ...keys.x25519.options }),
    layers: [],
  })
  const [mine] = await Promise.allSettled([store.get('prod/db')])
  const theirs = spawnSync(tool, ['open', path], { input: x25519 })
  return mine.status === 'rejected' && theirs.status !== 0
})
say(`${passed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
