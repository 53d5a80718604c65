import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { FileOptions } from 'strongroom/file'
import { describe, expect, it } from 'vitest'
import { failure } from '../core/stub-provider.js'
import { type Child, children } from './children.js'
import { newKey, newPath, openFileStore, testFolder } from './folder.js'

const kills = Number(process.env['STRONGROOM_KILLS'] ?? 20)
const folder = testFolder()
const start = children(folder)
const { identityFile } = await newKey(folder)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Every version that a child was told of is there, and current is the last of them, or the one that was under way. */
async function expectStored(options: FileOptions, name: string, lines: readonly string[]): Promise<void> {
  const store = openFileStore(options)
  const current = Number((await store.get(name)).value.split(' ')[0])
  expect([lines.length, lines.length + 1]).toContain(current)
  for (const line of lines) {
    const [count, version = ''] = line.split(' ')
    expect((await store.get(name, { version })).value.split(' ')[0]).toBe(count)
  }
  await store.delete(name, { purge: true })
}

describe('a process that is killed while it writes', () => {
  it(`${kills} times at a random moment, beside one that goes on, has stored all that it was told so`, async () => {
    const options = { ...newPath(folder), identityFile }
    await openFileStore(options).put('before', 'x')
    let acknowledged = 0
    for (let round = 0; round < kills / 2; round += 1) {
      const names = [`round-${round}/killed`, `round-${round}/other`]
      const [killed, other] = names.map((name) => start({ run: 'write for ever', options, name })) as [
        Child,
        Child,
      ]
      await Promise.all([killed.said(1), other.said(1)])
      await pause(randomInt(120))
      killed.process.kill('SIGKILL')
      await killed.gone
      await other.said(other.lines.length + 2)
      other.process.kill('SIGKILL')
      await other.gone
      acknowledged += killed.lines.length + other.lines.length
      await expectStored(options, names[0] ?? '', killed.lines)
      await expectStored(options, names[1] ?? '', other.lines)
    }
    expect((await openFileStore(options).get('before')).value).toBe('x')
    process.stdout.write(`${kills} kills, ${acknowledged} acknowledged writes, 0 lost\n`)
  }, 480_000)

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
