import type { SecretStore } from 'strongroom'
import type { Capabilities } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { collect, failure, type StubOptions, stub } from './stub-provider.js'

describe('what is refused before the wire', () => {
  const denials: readonly [
    fact: Partial<Capabilities>,
    what: string,
    run: (store: SecretStore) => Promise<unknown>,
  ][] = [
    [{ writable: false }, 'put', (store) => store.put('db', 'x')],
    [{ writable: false }, 'promote', (store) => store.promote('db', 'v1')],
    [{ writable: false }, 'restore', (store) => store.restore('db')],
    [{ writable: false }, 'delete', (store) => store.delete('db')],
    [{ writable: false }, 'tag', (store) => store.tag('db', {})],
    [{ pending: 'none' }, 'stage "pending"', (store) => store.get('db', { stage: 'pending' })],
    [{ pending: 'none' }, 'stage "pending"', (store) => store.put('db', 'x', { stage: 'pending' })],
    [{ pending: 'none' }, 'promote', (store) => store.promote('db', 'v1')],
    [{ pending: 'none' }, 'discard', (store) => store.discard('db', 'v1')],
    [{ versionOrder: 'none' }, 'stage "previous"', (store) => store.get('db', { stage: 'previous' })],
    [{ expiry: 'none' }, 'expiresAt', (store) => store.put('db', 'x', { expiresAt: new Date() })],
    [{ putIfVersion: 'none' }, 'ifVersion', (store) => store.put('db', 'x', { ifVersion: 'v1' })],
    [{ putIfAbsent: 'none' }, 'ifAbsent', (store) => store.put('db', 'x', { ifAbsent: true })],
    [{ putIdempotent: false }, 'idempotencyKey', (store) => store.put('db', 'x', { idempotencyKey: 'k' })],
    [{ nativeRotation: false }, 'rotationToken', (store) => store.put('db', 'x', { rotationToken: 't' })],
    [{ tagScope: 'none' }, 'tags', (store) => store.put('db', 'x', { tags: { a: 'b' } })],
    [{ tagScope: 'none' }, 'tags', (store) => store.tag('db', { set: { a: 'b' } })],
    [{ tagScope: 'none' }, 'tags', (store) => store.tag('db', { remove: ['a'] })],
    [{ list: false }, 'list', (store) => collect(store.list())],
    [{ listByTag: false }, 'list by tags', (store) => collect(store.list({ tags: {} }))],
    [
      { versionDestroy: false },
      'state "destroyed"',
      (store) => store.setVersionState('db', 'v1', 'destroyed'),
    ],
    [{ versionDisable: false }, 'state "disabled"', (store) => store.setVersionState('db', 'v1', 'disabled')],
    [{ versionDisable: false }, 'state "enabled"', (store) => store.setVersionState('db', 'v1', 'enabled')],
    [{ purge: false }, 'purge', (store) => store.delete('db', { purge: true })],
    [{ deleteRecoverable: false }, 'recoverable delete', (store) => store.delete('db')],
    [{ deleteRecoverable: false }, 'restore', (store) => store.restore('db')],
    [{ recordSwap: 'none' }, 'readRecord', (store) => store.readRecord('db')],
    [{ recordSwap: 'none' }, 'swapRecord', (store) => store.swapRecord('db', null, { ifRevision: 'r' })],
  ]

  it.each(denials)('%j has no %s', async (capabilities, what, run) => {
    const { store, calls } = stub({ capabilities })
    const error = await failure(run(store))
    const [fact, value] = Object.entries(capabilities)[0] ?? []
    expect(error.code).toBe('UNSUPPORTED')
    expect(error.message).toContain(`stub has no ${what} (capabilities.${fact} is ${JSON.stringify(value)})`)
    expect(calls).toEqual([])
    await run(stub().store)
  })

  it('ends its message where there is nothing to do instead', async () => {
    const error = await failure(
      stub({ capabilities: { list: false } })
        .store.list()
        .next(),
    )
    expect(error.message).toBe('stub: listPage: stub has no list (capabilities.list is false)')
  })

  it.each<[Partial<Capabilities>, (store: SecretStore) => Promise<unknown>, string]>([
    [{ pending: 'none' }, (store) => store.promote('db', 'v1'), '; use a rotation'],
    [{ pending: 'none' }, (store) => store.discard('db', 'v1'), '; use a rotation'],
    [{ pending: 'none' }, (store) => store.put('db', 'x', { stage: 'pending' }), '; use a rotation'],
    [{ deleteRecoverable: false }, (store) => store.delete('db'), '; pass purge: true'],
    [
      { putIdempotent: false },
      (store) => store.put('db', 'x', { idempotencyKey: 'k' }),
      '; use ifVersion or ifAbsent',
    ],
  ])('%j says what to do instead', async (capabilities, run, advice) => {
    expect((await failure(run(stub({ capabilities }).store))).message).toContain(advice)
  })

  it.each<[string, (store: SecretStore) => Promise<unknown>]>([
    ['give version or stage, not both', (store) => store.get('db', { version: 'v1', stage: 'current' })],
    ['version must be a version id', (store) => store.get('db', { version: 'a/b' })],
    [
      'stage must be one of current, previous, pending, newest-enabled',
      (store) => store.get('db', { stage: 'x' as never }),
    ],
    [
      'stage must be one of current, pending',
      (store) => store.put('db', 'x', { stage: 'previous' as never }),
    ],
    [
      'onDeleted must be one of fail, restore',
      (store) => store.put('db', 'x', { onDeleted: 'purge' as never }),
    ],
    [
      'ifVersion and ifAbsent contradict',
      (store) => store.put('db', 'x', { ifVersion: 'v', ifAbsent: true }),
    ],
    ['ifVersion must be a version id', (store) => store.put('db', 'x', { ifVersion: ' ' })],
    [
      'idempotencyKey must be a string that is not empty',
      (store) => store.put('db', 'x', { idempotencyKey: '' }),
    ],
    ['idempotencyKey must be a string', (store) => store.put('db', 'x', { idempotencyKey: 7 as never })],
    ['expiresAt must be a valid Date', (store) => store.put('db', 'x', { expiresAt: new Date(Number.NaN) })],
    ['expiresAt must be a valid Date', (store) => store.put('db', 'x', { expiresAt: 7 as never })],
    ['tags must be an object of strings', (store) => store.put('db', 'x', { tags: ['a'] as never })],
    ['tags must be an object of strings', (store) => store.put('db', 'x', { tags: null as never })],
    ['tags must be an object of strings', (store) => store.put('db', 'x', { tags: 'a' as never })],
    ['tags must be an object of strings', (store) => store.tag('db', { set: { a: 1 } as never })],
    ['remove must be an array of tag keys', (store) => store.tag('db', { remove: 'a' as never })],
    ['remove must be an array of tag keys', (store) => store.tag('db', { remove: [1] as never })],
    ['tag "a" is in both set and remove', (store) => store.tag('db', { set: { a: '' }, remove: ['b', 'a'] })],
    ['version must be a version id', (store) => store.promote('db', '')],
    ['ifCurrent must be a version id', (store) => store.promote('db', 'v1', { ifCurrent: '' })],
    ['version must be a version id', (store) => store.discard('db', 'a b')],
    ['version must be a version id', (store) => store.setVersionState('db', 'a#', 'disabled')],
    [
      'state must be one of enabled, disabled, destroyed',
      (store) => store.setVersionState('db', 'v', 'off' as never),
    ],
    ['purge must be a boolean', (store) => store.delete('db', { purge: 1 as never })],
    ['prefix must be a string', (store) => collect(store.list({ prefix: 1 as never }))],
    ['tags must be an object of strings', (store) => collect(store.list({ tags: { a: 1 } as never }))],
    [
      'ifRevision must be what readRecord gave',
      (store) => store.swapRecord('db', null, { ifRevision: 1 as never }),
    ],
    [
      'record must be { nonce, of, rotation?, hold? }',
      (store) => store.swapRecord('db', {} as never, { ifRevision: 'r' }),
    ],
    ['record must be', (store) => store.swapRecord('db', { nonce: '', of: 'x' }, { ifRevision: 'r' })],
    ['record must be', (store) => store.swapRecord('db', { nonce: 'n' } as never, { ifRevision: 'r' })],
    ['record must be', (store) => store.swapRecord('db', undefined as never, { ifRevision: 'r' })],
  ])('a mistake is a TypeError: %s', async (message, run) => {
    const { store, calls } = stub()
    await expect(run(store)).rejects.toThrow(TypeError)
    await expect(run(store)).rejects.toThrow(message)
    expect(calls).toEqual([])
  })

  it.each(['v1', 'A-Za-z0-9_.~+=', '0', 'é'])('%s is a version id', async (version) => {
    const { store, calls } = stub()
    await store.get('db', { version })
    expect(calls[0]?.input).toMatchObject({ version })
  })

  it.each<[string, StubOptions, (store: SecretStore) => Promise<unknown>, string, string]>([
    [
      'an empty value',
      { capabilities: { emptyValue: false } },
      (store) => store.put('db', ''),
      'INVALID_VALUE',
      'stub does not hold an empty value; delete the secret instead',
    ],
    [
      'text',
      { limits: { maxValueBytes: 4 } },
      (store) => store.put('db', 'éé1'),
      'TOO_LARGE',
      'the value takes 5 bytes; the limit on stub is 4',
    ],
    [
      'bytes',
      { limits: { maxValueBytes: 4 }, capabilities: { binary: 'encoded' } },
      (store) => store.put('db', new Uint8Array(4)),
      'TOO_LARGE',
      'the value takes 8 bytes as base64, which is how this backend keeps bytes; the limit on stub is 4',
    ],
    [
      'too many tags',
      { limits: { maxTags: 1 } },
      (store) => store.put('db', 'x', { tags: { a: '', b: '' } }),
      'INVALID_VALUE',
      'tags: 2 given; stub holds 1',
    ],
    [
      'an empty key',
      { limits: { tagKeyPattern: /^.*$/ } },
      (store) => store.put('db', 'x', { tags: { '': 'x' } }),
      'INVALID_VALUE',
      'tags: the key "" is not one that stub takes',
    ],
    [
      'a long key',
      { limits: { maxTagKeyLength: 2 } },
      (store) => store.tag('db', { set: { abc: '' } }),
      'INVALID_VALUE',
      '(1 to 2 characters matching ^.+$)',
    ],
    [
      'a wrong key',
      { limits: { tagKeyPattern: /^[a-z]+$/ } },
      (store) => store.tag('db', { set: { A: '' } }),
      'INVALID_VALUE',
      'matching ^[a-z]+$',
    ],
    [
      'a long tag',
      { limits: { maxTagValueLength: 2 } },
      (store) => store.tag('db', { set: { a: 'abc' } }),
      'INVALID_VALUE',
      'tags: the value of "a" is not one that stub takes (at most 2 characters',
    ],
    [
      'a wrong tag',
      { limits: { tagValuePattern: /^[a-z]*$/ } },
      (store) => store.tag('db', { set: { a: 'A' } }),
      'INVALID_VALUE',
      'matching ^[a-z]*$',
    ],
    [
      'a large record',
      {},
      (store) => store.swapRecord('db', { nonce: 'n', of: 'x'.repeat(2_048) }, { ifRevision: 'r' }),
      'TOO_LARGE',
      'the record takes 2069 bytes; the limit is 2048',
    ],
  ])('%s over a limit says the rule', async (_, options, run, code, rule) => {
    const { store, calls } = stub(options)
    const error = await failure(run(store))
    expect(error.code).toBe(code)
    expect(error.message).toContain(rule)
    expect(calls).toEqual([])
  })

  it.each<[StubOptions, (store: SecretStore) => Promise<unknown>]>([
    [{ limits: { maxValueBytes: 4 } }, (store) => store.put('db', 'éé')],
    [
      { limits: { maxValueBytes: 4 }, capabilities: { binary: 'encoded' } },
      (store) => store.put('db', new Uint8Array(3)),
    ],
    [
      { limits: { maxValueBytes: 4 }, capabilities: { binary: 'encoded' } },
      (store) => store.put('db', 'abcd'),
    ],
    [{ limits: { maxValueBytes: 4 } }, (store) => store.put('db', new Uint8Array(4))],
    [{ limits: { maxTags: 2 } }, (store) => store.put('db', 'x', { tags: { a: '', b: '' } })],
    [
      { limits: { maxTagKeyLength: 2, maxTagValueLength: 2 } },
      (store) => store.tag('db', { set: { ab: 'ab' } }),
    ],
    [{ capabilities: { tagScope: 'none' } }, (store) => store.put('db', 'x', { tags: {} })],
    [{ capabilities: { emptyValue: true } }, (store) => store.put('db', '')],
    [{ capabilities: { listByTag: false } }, (store) => collect(store.list())],
    [{ capabilities: { tagScope: 'none' } }, (store) => store.tag('db', {})],
    [{ capabilities: { putIfAbsent: 'none' } }, (store) => store.put('db', 'x', { ifAbsent: false })],
    [{}, (store) => store.swapRecord('db', { nonce: 'n', of: 'x'.repeat(2_027) }, { ifRevision: '' })],
  ])('what is just within a limit is sent: %j', async (options, run) => {
    const { store, calls } = stub(options)
    await run(store)
    expect(calls).toHaveLength(1)
  })

  it('takes a value only from the store', async () => {
    const { store } = stub()
    await expect(store.put('db', undefined as never)).rejects.toThrow('value must be')
  })
})

describe('an empty value where the backend holds none', () => {
  it('is refused, and any other is stored', async () => {
    const { store, calls } = stub({ capabilities: { emptyValue: false } })
    await expect(store.put('db', '')).rejects.toMatchObject({ code: 'INVALID_VALUE' })
    expect(calls).toEqual([])
    await store.put('db', 'x')
    expect(calls).toHaveLength(1)
  })
})
