import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { type AwsClient, type AwsOptions, aws, fromUrl } from 'strongroom/aws'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { SecretError } from '../../src/errors.js'
import { failure, type Stub, storeOn, stub, stubStore } from './support.js'

const value = { ARN: 'arn', Name: 'db', VersionId: 'v1', CreatedDate: 1, SecretString: 's' }
const ambient = {
  AWS_ACCESS_KEY_ID: 'AKIDAMBIENT',
  AWS_SECRET_ACCESS_KEY: 'ambient',
  AWS_SESSION_TOKEN: 'needle',
}

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent/config')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent/credentials')
  return () => vi.unstubAllEnvs()
})

function environment(variables: Record<string, string>): void {
  for (const [name, text] of Object.entries(variables)) vi.stubEnv(name, text)
}

const serve = (): Promise<Stub> => stub(() => ({ body: value }))
const signer = (server: Stub): string | undefined =>
  /Credential=([^/]+)\/\d+\/([^/]+)/
    .exec(String(server.requests[0]?.headers.authorization))
    ?.slice(1)
    .join(' ')

/** The files of the AWS command line, with these contents. */
async function configFile(config: string, credentials = ''): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-aws-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'config'), config)
  await writeFile(join(folder, 'credentials'), credentials)
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
}

describe('plain HTTP on loopback', () => {
  test('never sees ambient credentials', async () => {
    environment(ambient)
    const server = await serve()
    await stubStore(server).get('db')
    expect(signer(server)).toBe('strongroom eu-west-1')
    expect(server.requests[0]?.headers).not.toHaveProperty('x-amz-security-token')
  })

  test.each(['AWS_ENDPOINT_URL_SECRETS_MANAGER', 'AWS_ENDPOINT_URL'])('named by %s neither', async (name) => {
    const server = await serve()
    environment({ ...ambient, [name]: server.url })
    await storeOn({ region: 'eu-west-1' }).get('db')
    expect(signer(server)).toBe('strongroom eu-west-1')
  })

  test('named by a profile is refused before anything is sent', async () => {
    const server = await serve()
    environment(ambient)
    await configFile(`[default]\nregion = eu-west-1\nendpoint_url = ${server.url}\n`)
    const error = await failure(storeOn({}).get('db'))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain('endpoint_url')
    expect(server.requests).toEqual([])
  })

  test('sees credentials that were given for it: as such, by a function, by a profile', async () => {
    environment(ambient)
    await configFile('', '[emulator]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = x\n')
    const credentials = { accessKeyId: 'AKIDGIVEN', secretAccessKey: 'x' }
    const given: readonly [AwsOptions, string][] = [
      [{ credentials }, 'AKIDGIVEN'],
      [{ credentials: async () => credentials }, 'AKIDGIVEN'],
      [{ profile: 'emulator' }, 'AKIDPROFILE'],
    ]
    for (const [options, key] of given) {
      const server = await serve()
      await stubStore(server, options).get('db')
      expect(signer(server)).toBe(`${key} eu-west-1`)
    }
  })

  test('the option counts more than the variables, the specific variable more than the general', async () => {
    const [wanted, other] = [await serve(), await serve()]
    environment({ AWS_ENDPOINT_URL: other.url, AWS_ENDPOINT_URL_SECRETS_MANAGER: wanted.url })
    await storeOn({ region: 'eu-west-1' }).get('db')
    environment({ AWS_ENDPOINT_URL_SECRETS_MANAGER: other.url })
    await stubStore(wanted).get('db')
    expect([wanted.requests.length, other.requests.length]).toEqual([2, 0])
  })

  test('variables can be told to be ignored, as the SDK does', async () => {
    environment({ AWS_ENDPOINT_URL: 'http://example.com', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' })
    expect(aws({ region: 'eu-west-1' }).name).toBe('aws')
  })
})

describe('CONFIG_INVALID names the field and what to do', () => {
  const refused = (make: () => unknown): string => {
    try {
      make()
    } catch (error) {
      if (SecretError.is(error) && error.code === 'CONFIG_INVALID') return error.message
      throw error
    }
    throw new Error('nothing was thrown')
  }

  test.each<[AwsOptions, RegExp]>([
    [{ endpoint: 'http://example.com' }, /endpoint is plain http on example\.com.*use https/],
    [{ endpoint: 'http://10.0.0.1:4584' }, /endpoint is plain http/],
    [{ endpoint: 'http://127.0.0.1.example.com' }, /endpoint is plain http/],
    [{ endpoint: 'http://localhost.example.com' }, /endpoint is plain http/],
    [{ endpoint: 'localhost:4584' }, /endpoint must be a URL like/],
    [{ endpoint: 'ftp://localhost' }, /endpoint must be a URL like/],
    [{ endpoint: 'https://user:pw@host' }, /endpoint must not carry a user or password/],
    [{ endpoint: 'https://host?x=1' }, /endpoint must not carry a query/],
    [{ region: 'EU-west' }, /region "EU-west".*write it like "eu-west-1"/],
    [{ region: '' }, /region ""/],
    [{ recoveryWindowDays: 6 }, /recoveryWindowDays must be a whole number from 7 to 30/],
    [{ recoveryWindowDays: 7.5 }, /recoveryWindowDays/],
    [{ recoveryWindowDays: 31 }, /recoveryWindowDays/],
    [{ prefix: '/prod' }, /prefix: .*slash/],
    [{ create: { tags: { 'aws:team': 'a' } } }, /create\.tags.*"aws:team"/],
    [{ client: { send: async () => ({}) }, region: 'eu-west-1' }, /region is set beside client/],
    [{ client: {} as AwsClient }, /client must be a SecretsManagerClient/],
  ])('%o', (options, message) => {
    expect(
      refused(() =>
        aws({ region: 'eu-west-1', ...options, ...(options.client && { region: options.region }) }),
      ),
    ).toMatch(message)
  })

  test('an endpoint of the environment by the name of its variable, without its password', () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://user:hunter2@example.com')
    const message = refused(() => aws({ region: 'eu-west-1' }))
    expect(message).toMatch(/AWS_ENDPOINT_URL must not carry/)
    expect(message).not.toContain('hunter2')
  })

  test.each([
    ['aws:///prod', /no region; write it like aws:\/\/eu-west-1\/prod/],
    ['aws://eu-west-1/prod?endpont=x', /unknown parameter "endpont"/],
    ['aws://eu-west-1?profile=a&profile=b', /profile twice/],
    ['aws://eu-west-1:8080/prod', /port or a fragment/],
    ['aws://eu-west-1/prod#x', /port or a fragment/],
    ['aws://key:secret@eu-west-1/prod', /must not carry a user or password/],
    ['aws://eu-west-1/%E0%A4%A', /prefix in the URL/],
    ['aws://nowhere/prod', /region "nowhere"/],
    ['aws://eu-west-1/a//b', /prefix: .*slash/],
    ['aws://eu-west-1?endpoint=http://example.com', /endpoint is plain http/],
  ])('%s', (url, message) => {
    const text = refused(() => fromUrl(new URL(url)))
    expect(text).toMatch(message)
    expect(text).not.toContain('key:secret')
  })

  test('a missing region, at the first call, and before anything is sent', async () => {
    const server = await serve()
    const error = await failure(storeOn({ endpoint: server.url }).get('db'))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(/no region; pass region.*AWS_REGION/)
    vi.stubEnv('AWS_REGION', 'eu_west/1')
    expect((await failure(storeOn({ endpoint: server.url }).get('db'))).message).toMatch(
      /AWS_REGION.*is not one/,
    )
    expect(server.requests).toEqual([])
  })

  test('missing credentials are UNAUTHENTICATED, with what to do', async () => {
    for (const options of [{}, { profile: 'nobody' }]) {
      const error = await failure(storeOn({ region: 'eu-west-1', ...options }).get('db'))
      expect(error).toMatchObject({ code: 'UNAUTHENTICATED', retryable: false })
      expect(error.message).toMatch(/aws sso login.*pass credentials/)
    }
  })
})

describe('fromUrl', () => {
  test('region, prefix, profile and endpoint', async () => {
    const server = await serve()
    await configFile('', '[team-a]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = x\n')
    const url = new URL('aws://eu-west-1/k%C3%A4se/prod/')
    url.searchParams.set('endpoint', server.url)
    url.searchParams.set('profile', 'team-a')
    const provider = fromUrl(url)
    expect(provider.names.prefix).toBe('käse/prod/')
    const signal = new AbortController().signal
    const context = { signal, now: Date.now, sleep: async (): Promise<void> => {} }
    await provider.operations.get({ ref: 'x', canonical: 'x' }, context)
    expect(signer(server)).toBe('AKIDPROFILE eu-west-1')
    await provider.close()
  })
})

describe('client', () => {
  test('a ready-made one is used as it is, and stays open', async () => {
    const server = await serve()
    const credentials = { accessKeyId: 'AKIDOWN', secretAccessKey: 'x' }
    const client: AwsClient = new SecretsManagerClient({
      region: 'us-east-1',
      endpoint: server.url,
      credentials,
      maxAttempts: 1,
    })
    const store = storeOn({ client })
    await store.get('db')
    await store.close()
    await storeOn({ client }).get('db')
    expect([signer(server), server.requests.length]).toEqual(['AKIDOWN us-east-1', 2])
  })

  test('anything with its send will do; what it throws is classified too', async () => {
    const names: string[] = []
    const client: AwsClient = {
      send: async (command: object) => {
        names.push(command.constructor.name)
        throw Object.assign(new Error('no'), { name: 'ResourceNotFoundException' })
      },
    }
    expect(await failure(storeOn({ client }).get('db'))).toMatchObject({ code: 'NOT_FOUND' })
    expect(names).toEqual(['GetSecretValueCommand'])
  })

  test('retries of the SDK are off, whatever the environment says', async () => {
    environment({ AWS_MAX_ATTEMPTS: '5', AWS_RETRY_MODE: 'adaptive' })
    const server = await stub(() => ({ status: 500, body: {} }))
    expect(await failure(stubStore(server).get('db'))).toMatchObject({ code: 'UNAVAILABLE' })
    expect(server.requests).toHaveLength(1)
    expect(server.requests[0]?.headers['amz-sdk-request']).toBe('attempt=1; max=1')
  })

  test('nothing is looked up before the first call', () => {
    const provider = aws()
    expect(provider.capabilities.pending).toBe('native')
    expect(Object.isFrozen(provider.limits)).toBe(true)
  })
})
