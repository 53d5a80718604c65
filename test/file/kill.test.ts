import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { failure } from '../core/stub-provider.js'
import { children } from './children.js'
import { newKey, newPath, openFileStore, testFolder } from './folder.js'

const kills = Number(process.env['STRONGROOM_KILLS'] ?? 20)
const folder = testFolder()
const start = children(folder)
const { identityFile } = await newKey(folder)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('a process that is killed while it writes', () => {
  it(`${kills} times at a random moment, has stored all that it was told so`, async () => {
    const options = { ...newPath(folder), identityFile }
    await openFileStore(options).put('before', 'x')
    let acknowledged = 0
    for (let round = 0; round < kills; round += 1) {
      const name = `round-${round}`
      const child = start({ run: 'write for ever', options, name })
      await child.said(1)
      await pause(randomInt(120))
      child.process.kill('SIGKILL')
      await child.gone
      const store = openFileStore(options)
      const [count = '', version = ''] = child.lines.at(-1)?.split(' ') ?? []
      acknowledged += Number(count)
      const { value, version: found } = await store.get(name)
      // The write that was under way may have been done, too.
      expect([Number(count), Number(count) + 1]).toContain(Number(value.split(' ')[0]))
      expect(Number(found)).toBeGreaterThanOrEqual(Number(version))
      for (const line of child.lines) {
        const [index, id = ''] = line.split(' ')
        expect((await store.get(name, { version: id })).value.split(' ')[0]).toBe(index)
      }
      await store.delete(name, { purge: true })
    }
    expect((await openFileStore(options).get('before')).value).toBe('x')
    process.stdout.write(`${kills} kills, ${acknowledged} acknowledged writes, 0 lost\n`)
    expect(acknowledged).toBeGreaterThanOrEqual(kills)
  }, 240_000)

  it('before each of its calls to the file system, leaves the state before or after', async () => {
    const options = { ...newPath(folder), identityFile }
    await openFileStore(options).put('db', 'value 0')
    const outcomes = { before: 0, after: 0 }
    for (let step = 1, done = false; !done; step += 1) {
      const value = `value ${step}`
      const before = (await openFileStore(options).get('db')).value
      const child = start({ run: 'write once', options, name: 'db', value, dieBefore: step })
      await child.gone
      done = child.lines[0] === 'done'
      const after = (await openFileStore(options).get('db')).value
      expect(done ? [value] : [before, value]).toContain(after)
      outcomes[after === value ? 'after' : 'before'] += 1
      expect(step).toBeLessThan(200)
    }
    expect(outcomes.before).toBeGreaterThan(10)
    expect(outcomes.after).toBeGreaterThan(3)
  }, 120_000)

  it('before each call of its first write, leaves nothing, the secret, or a sentence that says what to remove', async () => {
    const seen = new Set<string>()
    for (let step = 1, done = false; !done; step += 1) {
      const options = { ...newPath(folder), identityFile }
      const child = start({
        run: 'write once',
        options,
        name: 'db',
        value: 'first value',
        dieBefore: step,
      })
      await child.gone
      done = child.lines[0] === 'done'
      const store = openFileStore(options)
      if (existsSync(options.path)) {
        expect((await store.get('db')).value).toBe('first value')
        seen.add('stored')
        continue
      }
      const { code, message } = await failure(store.put('db', 'another', { ifVersion: 'none' }))
      expect(
        code === 'CONFLICT' ||
          message.includes('the first write was cut off, and stored nothing; remove that'),
      ).toBe(true)
      seen.add(code)
    }
    expect([...seen].sort()).toEqual(['CONFLICT', 'UNAVAILABLE', 'stored'])
  }, 120_000)
})
