// Plays requests.jsonl against OpenBao and against the emulator, and compares status, headers, and bodies.
//   node run.mjs BAO [--record]     BAO is the binary; --record writes what it answers into answers.jsonl
// Exits 1 for a difference that differences.jsonl does not explain, and for one that it explains and that is gone.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import * as esbuild from 'esbuild'

const [bao, mode] = process.argv.slice(2)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const linesOf = (name) =>
  readFileSync(new URL(name, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
const requests = linesOf('requests.jsonl')
const explained = new Map(linesOf('differences.jsonl').map(({ id, why }) => [id, why]))

const { vaultEmulator } = await bundled('providers/vault/emulator/index.ts')
const { review } = await bundled('test/interop/openbao-diff/cluster.ts')
const { play } = await bundled('test/interop/openbao-diff/player.ts')
const { createCertificate } = await bundled('src/testing/certificate.ts')
const certificate = createCertificate()
const api = createSecureServer(certificate, answerReview).listen(0, '127.0.0.1')
await once(api, 'listening')
const known = { kubernetesHost: `https://127.0.0.1:${api.address().port}`, kubernetesCa: certificate.ca }

const emulator = await vaultEmulator({ tokenReview: review })
const [theirs, ours] = [
  await playOnOpenBao(),
  await play(emulator.url, requests, { ...known, unsealKey: emulatorKey() }),
]
await emulator.close()
api.close()
api.closeAllConnections()

if (mode === '--record') {
  const lines = [...theirs].map(([id, answer]) => JSON.stringify({ id, ...answer }))
  writeFileSync(new URL('answers.jsonl', import.meta.url), `${lines.join('\n')}\n`)
}
let failed = 0
const say = (line) => process.stdout.write(`${line}\n`)
for (const { id, method, path } of requests) {
  const isSame = isDeepStrictEqual(theirs.get(id), ours.get(id))
  if (isSame !== explained.has(id)) continue
  failed += 1
  say(`${id}  ${method} ${path}`)
  if (isSame) say('  listed as a difference, and there is none')
  else say(`  OpenBao  ${JSON.stringify(theirs.get(id))}\n  emulator ${JSON.stringify(ours.get(id))}`)
}
for (const id of explained.keys()) {
  if (theirs.has(id)) continue
  failed += 1
  say(`${id}  is listed, and no request has this id`)
}
say(`${requests.length} requests, ${explained.size} explained differences`)
say(`${requests.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** `POST /apis/authentication.k8s.io/v1/tokenreviews`, as OpenBao asks. */
async function answerReview(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const { spec } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  const { authenticated, username } = review(spec.token)
  const uid = '11111111-2222-3333-4444-555555555555'
  const status = {
    authenticated,
    ...(authenticated
      ? { user: { username, uid, groups: ['system:serviceaccounts'] } }
      : { error: 'unknown' }),
    ...(spec.audiences === undefined ? {} : { audiences: spec.audiences }),
  }
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status }
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function bundled(entry) {
  const outfile = `${root}.cache/interop/${entry.replaceAll('/', '-').replace(/ts$/, 'mjs')}`
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['strongroom-source'],
  })
  return import(pathToFileURL(outfile).href)
}

function emulatorKey() {
  return Buffer.from('32 bytes that unseal an emulator').toString('base64')
}

async function playOnOpenBao() {
  const home = mkdtempSync(`${tmpdir()}/strongroom-openbao-`)
  const address = `127.0.0.1:${await freePort()}`
  const args = [
    'server',
    '-dev',
    '-dev-root-token-id=root',
    `-dev-listen-address=${address}`,
    '-dev-no-store-token',
  ]
  const server = spawn(bao, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { HOME: home, PATH: process.env.PATH },
  })
  const exited = once(server, 'exit')
  let said = ''
  server.stdout.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  try {
    await until(() => /Unseal Key: (\S+)/.test(said) && isUp(`http://${address}`))
    const [, unsealKey] = /Unseal Key: (\S+)/.exec(said)
    return await play(`http://${address}`, requests, { ...known, unsealKey })
  } finally {
    server.kill()
    await exited
    rmSync(home, { recursive: true, force: true })
  }
}

async function isUp(url) {
  const [answer] = await Promise.allSettled([
    fetch(`${url}/v1/secret/config`, { headers: { 'x-vault-token': 'root' } }),
  ])
  return answer.status === 'fulfilled' && answer.value.status === 200
}

async function until(isDone) {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await isDone()) return
    await sleep(100)
  }
  throw new Error('OpenBao did not start within 30 seconds')
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}
