import { openStore, SecretError } from 'strongroom'
import { describe, expect, it } from 'vitest'
import { failure } from './stub-provider.js'

describe('openStore', () => {
  it('opens what the URL names, with the layers that it is given', async () => {
    const store = await openStore('memory:', { layers: [] })
    await store.put('db', 'x')
    expect((await store.get('db')).provider).toBe('memory')
    const env = await openStore('env:', { layers: [] })
    expect(env.capabilities.writable).toBe(false)
    const aws = await openStore('aws://eu-west-1/prod', { layers: [] })
    expect(aws.capabilities.pending).toBe('native')
    const azure = await openStore('azure://my-vault/prod', { layers: [] })
    expect(azure.capabilities.caseSensitiveNames).toBe(false)
  })

  it.each([
    ['ftp://host', 'ftp: names no provider; the forms are aws://'],
    ['toString:x', 'names no provider'],
    ['constructor:x', 'names no provider'],
    ['no url', 'the URL of the store cannot be read; the forms are aws://'],
    ['', 'cannot be read'],
    ['aws://user:hunter2@eu-west-1', 'a store URL carries no user or password'],
    ['aws://user@eu-west-1', 'a store URL carries no user or password'],
    ['memory:path', 'takes no path and no options'],
    ['memory:?a=b', 'takes no path and no options'],
    ['env:APP_?a=b', 'takes only a prefix'],
    ['env://host', 'takes only a prefix'],
    ['env:APP-', 'letters, digits and _'],
  ])('%s is CONFIG_INVALID: %s', async (url, rule) => {
    const error = await failure(openStore(url))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(rule)
    expect(error.message).not.toContain('hunter2')
  })

  it.each([undefined, null, 12, new URL('memory:')])('%s is a TypeError', async (url) => {
    await expect(openStore(url as unknown as string)).rejects.toThrow(
      'openStore takes the URL of a store as a string',
    )
    await expect(openStore(url as unknown as string)).rejects.not.toThrow(SecretError)
  })
})
