import { execFileSync } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { createStore, SecretError, SecretValue } from 'strongroom'
import { memory } from 'strongroom/memory'
import { canaryValue } from 'strongroom/testing'
import { describe, expect, it } from 'vitest'
import { takeLeaks } from './watch.js'

describe('the watch of the suites', () => {
  const value = canaryValue()
  const message = { about: { value: Buffer.from(value).toString('base64') } }
  const published = channel('strongroom:call:end')

  it.each<[string, () => unknown]>([
    // biome-ignore lint/suspicious/noConsole: what is watched
    ['console.log', () => console.log('%s', `the value is ${value}`)],
    ['process.stderr', () => process.stderr.write(`${Buffer.from(value).toString('hex')}\n`)],
    ['an error: SecretError', () => new SecretError({ code: 'UNKNOWN', message: `not ${value}` })],
    ['an error: TypeError', () => new TypeError(`value: ${encodeURIComponent(value)}`)],
    ['diagnostics channel strongroom:call:end', () => published.publish(message)],
    ['arguments of a child process (execFileSync)', () => execFileSync('true', [value])],
  ])('sees a value in %s', (where, leak) => {
    leak()
    expect(takeLeaks()).toContain(where)
  })

  it('sees a value in a warning', async () => {
    process.emitWarning(`look: ${value}`)
    await new Promise((resolve) => setImmediate(resolve))
    expect(takeLeaks()).toContain('a warning')
  })

  it('sees a value in a snapshot', () => {
    expect(() => expect({ deep: { value } }).toMatchInlineSnapshot()).toThrow('a snapshot would keep a value')
  })

  it('sees a value that any test makes, without the canary', () => {
    SecretValue.text('hunter2 of the other kind')
    new TypeError('not hunter2 of the other kind')
    expect(takeLeaks()).toEqual(['an error: TypeError'])
  })

  it('sees a value hidden behind an error', () => {
    const error = new SecretError({ code: 'UNKNOWN', message: 'clean' })
    Object.defineProperty(error, 'hidden', { value: { request: Buffer.from(value) } })
    expect(takeLeaks()).toEqual(['an error: SecretError'])
  })

  it('leaves errors what they are', () => {
    const error = new SecretError({ code: 'UNKNOWN', message: 'clean' })
    expect([error instanceof SecretError, error instanceof Error]).toEqual([true, true])
    expect(new TypeError('x')).toBeInstanceOf(TypeError)
    expect(() => null as unknown as () => void).not.toThrow()
    expect(() => (undefined as unknown as { x: 1 }).x).toThrow(TypeError)
  })

  it('sees nothing where a store does its work', async () => {
    const store = createStore({ provider: memory() })
    await store.put('db', value)
    const secret = await store.get('db')
    expect(secret.value).toBe(value)
    await expect(store.get('none')).rejects.toThrow(SecretError)
    expect(takeLeaks()).toEqual([])
  })
})
