import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkout, type EmptyFolder, emptyFolder, textOf } from './empty-folder.js'

interface Manifest {
  readonly version: string
  readonly exports: Record<string, string | Record<string, string>>
}

const awsSdk = '@aws-sdk/client-secrets-manager'
let bare: EmptyFolder
let withAws: EmptyFolder

beforeAll(async () => {
  bare = await emptyFolder()
  withAws = await emptyFolder()
  withAws.link(awsSdk)
  return () => {
    bare.remove()
    withAws.remove()
  }
})

/** What a module program printed on stdout as JSON. */
async function say(folder: EmptyFolder, program: string): Promise<unknown> {
  const { code, stdout, stderr } = await folder.node('--input-type=module', '--eval', program)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

function packed(folder: EmptyFolder, path = ''): string {
  return join(folder.path, 'node_modules/strongroom', path)
}

describe('the tarball', () => {
  it('brings no other package', () => {
    expect(readdirSync(join(bare.path, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'strongroom',
    ])
  })

  it('holds what it exports, with its sources and the licences, and no tests', () => {
    const { exports } = JSON.parse(readFileSync(packed(bare, 'package.json'), 'utf8')) as Manifest
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    )
    expect(targets.filter((target) => !existsSync(packed(bare, target)))).toEqual([])
    for (const file of ['LICENSE', 'README.md', 'SECURITY.md', 'dist/THIRD-PARTY-LICENSES.txt']) {
      expect(existsSync(packed(bare, file)), file).toBe(true)
    }
    const files = readdirSync(packed(bare), { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => /(^|\/)(test|scripts|bench)\/|\.test\./.test(file))).toEqual([])
  })
})

describe('without an SDK', () => {
  it('is imported', async () => {
    expect(
      await say(bare, `import * as s from 'strongroom'; console.log(JSON.stringify(typeof s.openStore))`),
    ).toBe('function')
  })

  it('is required by CommonJS', async () => {
    const program = `const s = require('strongroom'); console.log(typeof s.createStore, typeof s.openStore)`
    const { code, stdout } = await bare.node('--input-type=commonjs', '--eval', program)
    expect([code, stdout.trim()]).toEqual([0, 'function function'])
  })

  it('keeps a secret in memory', async () => {
    const program = `
      import { openStore } from 'strongroom'
      const store = await openStore('memory:')
      await store.put('stripe', 'packed-and-read-back')
      const secret = await store.get('stripe')
      await store.close()
      console.log(JSON.stringify([secret.value, String(JSON.stringify(secret)).includes('packed-and-read-back')]))`
    expect(await say(bare, program)).toEqual(['packed-and-read-back', false])
  })

  it.each([
    ['aws://eu-west-1', awsSdk],
    ['file:secrets.age', 'age-encryption'],
  ])('says what to install when %s needs one', async (url, sdk) => {
    const program = `
      import { openStore, SecretError } from 'strongroom'
      const error = await openStore('${url}').then(() => undefined, (reason) => reason)
      console.log(JSON.stringify([SecretError.is(error), error?.code, error?.message]))`
    const [isSecretError, code, message] = (await say(bare, program)) as [boolean, string, string]
    expect([isSecretError, code]).toEqual([true, 'CONFIG_INVALID'])
    expect(message).toContain(`npm install ${sdk}`)
  })

  it('emulates every cloud, Google over gRPC too', async () => {
    const program = `
      import { connect } from 'node:http2'
      import { startEmulators } from 'strongroom/emulators'
      const cloud = await startEmulators({ seed: { stripe: 'sk_test_1' } })
      const { clock, close, ...services } = cloud
      const session = connect('http://' + cloud.gcp.url)
      const stream = session.request({
        ':method': 'POST',
        ':path': '/google.cloud.secretmanager.v1.SecretManagerService/AccessSecretVersion',
        'content-type': 'application/grpc',
        te: 'trailers',
      })
      const name = Buffer.from('projects/emulator-project/secrets/stripe/versions/1')
      stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, name.length + 2, 0x0a, name.length]), name]))
      const [chunks, status] = await new Promise((resolve) => {
        const chunks = []
        stream.on('data', (chunk) => chunks.push(chunk))
        stream.on('trailers', (trailers) => resolve([chunks, trailers['grpc-status']]))
      })
      session.close()
      await close()
      const holdsValue = Buffer.concat(chunks).includes('sk_test_1')
      console.log(JSON.stringify([Object.keys(services).filter((one) => services[one].url).sort(), status, holdsValue]))`
    expect(await say(bare, program)).toEqual([['aws', 'azure', 'gcp', 'vault'], '0', true])
  })

  it('has types that need no SDK', async () => {
    bare.link('@types/node')
    bare.link('undici-types')
    const { exports } = JSON.parse(readFileSync(packed(bare, 'package.json'), 'utf8')) as Manifest
    const subpaths = Object.keys(exports).filter((subpath) => subpath !== './package.json')
    const lines = subpaths.map(
      (subpath, index) => `import type * as t${index} from 'strongroom${subpath.slice(1)}'`,
    )
    const names = subpaths.map((_, index) => `typeof t${index}`)
    bare.write('user.ts', `${lines.join('\n')}\nexport type All = [${names.join(', ')}]\n`)
    const tsc = join(checkout, 'node_modules/typescript/bin/tsc')
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', 'node']
    const { code, stdout } = await bare.node(tsc, ...flags, '--skipLibCheck', 'false', 'user.ts')
    expect([code, stdout]).toEqual([0, ''])
  })
})

describe('with the AWS SDK beside it', () => {
  it('does not load the SDK on import', async () => {
    const loader = pathToFileURL(join(checkout, 'scripts/lib/trace-loader.mjs')).href
    const program = `
      import { register } from 'node:module'
      import { receiveMessageOnPort } from 'node:worker_threads'
      const { port1, port2 } = new MessageChannel()
      register('${loader}', { data: { port: port2 }, transferList: [port2] })
      await import('strongroom')
      const urls = []
      for (let report; (report = receiveMessageOnPort(port1)); ) urls.push(report.message)
      console.log(JSON.stringify(urls.filter((url) => url.startsWith('file:'))))`
    const urls = (await say(withAws, program)) as string[]
    expect(urls.length).toBeGreaterThan(0)
    expect(urls.filter((url) => !url.includes('/strongroom/dist/src/'))).toEqual([])
  })

  const shown = [...textOf('README.md').matchAll(/<!-- example: (\S+?)(?:#\S+)? -->/g)].flatMap(
    ([, path]) => path ?? [],
  )

  it('has a program in README', () => {
    expect(shown).not.toEqual([])
  })

  it.each([...new Set(shown)])('runs what README shows of %s', async (path) => {
    const { code } = await transform(textOf(path), { loader: 'ts', format: 'esm', target: 'node20.19' })
    withAws.write('program.mjs', code)
    const answer = await withAws.node('program.mjs')
    expect(answer.stderr).toBe('')
    expect(answer.code).toBe(0)
  })
})

describe('the command', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(packed(bare, 'package.json'), 'utf8')) as Manifest
    const answer = await bare.node(join(bare.path, 'node_modules/.bin/strongroom'), '--version')
    expect([answer.code, answer.stdout.trim()]).toEqual([0, version])
  })

  it('shows the demo', async () => {
    const answer = await withAws.node(join(withAws.path, 'node_modules/.bin/strongroom'), 'demo')
    expect(answer.stderr).toBe('')
    expect(answer.code).toBe(0)
  })
})
