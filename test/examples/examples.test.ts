import { readdirSync } from 'node:fs'
import { inspect } from 'node:util'
import { openStore } from 'strongroom'
import { startEmulators } from 'strongroom/emulators'
import { afterEach, describe, expect, it, vi } from 'vitest'

const environment = { ...process.env }
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.env = { ...environment }
})

/** What each program prints. */
const printed: Readonly<Record<string, readonly string[]>> = {
  'quick-start': ['sk_test_1', expect.stringMatching(/^Secret\(stripe, version [\w-]+\)$/)],
  aws: ['stripe 9'],
  azure: ["correct horse { team: 'payments' }"],
  vault: ["correct horse 1 { team: 'payments' }"],
  errors: ['NOT_FOUND false'],
  layers: ['sk_test_1', 'PERMISSION_DENIED'],
  'local-development': ['sk_from_my_shell', 'dsn_shared'],
  'typed-store': ['5433', 'INVALID_VALUE', 'localhost:5432'],
  'test-your-app': ['charged 100 with a key of 9 characters'],
  'custom-layer': ['{ put: 1, get: 2 }'],
  lambda: [],
  portable: [
    '7 stores are read',
    'a value: 28ab62a8, text',
    'a field of an object: 86cc7dcb',
    'missing: NOT_FOUND, undefined',
    'three at once: fulfilled, fulfilled, rejected',
    'names: 2',
    'versions: 1',
    'state: active',
    '6 stores are written',
    'changed: 3fc4ccfe',
    'before: 7692c3ad',
    'a writer that is late: CONFLICT',
    'a second creation: ALREADY_EXISTS',
    'tags: {"team":"payments"}',
    'rolled back: 7692c3ad',
    'versions: 2  (pending native: aws, memory, file)',
    'versions: 3  (pending none: azure, gcp, vault)',
    'an old version off: UNSUPPORTED  (versionDisable false: aws, vault)',
    'an old version off: done  (versionDisable true: azure, gcp, memory, file)',
    'read by its id: done  (versionDisable false: aws, vault)',
    'read by its id: DISABLED  (versionDisable true: azure, gcp, memory, file)',
    'deleted: done  (deleteRecoverable true: aws, azure, vault, memory, file)',
    'deleted: UNSUPPORTED  (deleteRecoverable false: gcp)',
    'read: PENDING_DELETION  (deleteRecoverable true: aws, azure, vault, memory, file)',
    'read: done  (deleteRecoverable false: gcp)',
    'restored: done  (deleteRecoverable true: aws, azure, vault, memory, file)',
    'restored: UNSUPPORTED  (deleteRecoverable false: gcp)',
    'read: 7692c3ad',
    'purged: done',
    'read: NOT_FOUND',
  ],
  'during-a-rotation': ['connected', "[ 'second', 'first' ]", 'db changed', 'number 5 0'],
  opentelemetry: [
    'strongroom put stripe provider',
    'strongroom get stripe provider',
    'strongroom get stripe cache',
  ],
  'toy-client': [],
  'toy-provider': [],
}

async function run(example: string): Promise<string[]> {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
    lines.push(parts.map((part) => (typeof part === 'string' ? part : inspect(part))).join(' '))
  })
  await import(`../../examples/${example}.ts`)
  return lines
}

describe('the examples', () => {
  it('are all here', () => {
    const programs = readdirSync(new URL('../../examples', import.meta.url)).filter((file) =>
      file.endsWith('.ts'),
    )
    expect(programs.map((file) => file.replace('.ts', '')).toSorted()).toEqual(
      Object.keys(printed).toSorted(),
    )
  })

  it.each(Object.entries(printed))('%s prints what it says', async (example, lines) => {
    expect(await run(example)).toEqual(lines)
  })

  it('lambda reads once and answers warm starts from the cache', async () => {
    vi.resetModules()
    const cloud = await startEmulators({ services: ['aws'], seed: { stripe: 'sk_test_1' } })
    vi.stubEnv('SECRETS', cloud.aws.storeUrl)
    const { handler } = await import('../../examples/lambda.js')
    const answers = [await handler({ amount: 1 }), await handler({ amount: 2 })]
    const store = await openStore(cloud.aws.storeUrl)
    const { version } = await store.get('stripe')
    expect(answers).toEqual([
      { statusCode: 200, body: `would charge 1 with version ${version}` },
      { statusCode: 200, body: `would charge 2 with version ${version}` },
    ])
    expect(cloud.aws.calls).toEqual({ GetSecretValue: 2 })
    await store.close()
    await cloud.close()
  })
})
