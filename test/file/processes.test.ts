import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { testClock } from '../conformance/faulty-service.js'
import { failure } from '../core/stub-provider.js'
import { children } from './children.js'
import { newKey, newPath, openFileStore, testFolder } from './folder.js'

const folder = testFolder()
const start = children(folder)
const { identityFile } = await newKey(folder)

describe('several processes on one file', () => {
  it('have one winner when thirty compare and put at once', async () => {
    const options = { ...newPath(folder), identityFile, lockTimeoutMs: 60_000 }
    const { version } = await openFileStore(options).put('db', 'start')
    const racers = Array.from({ length: 30 }, () =>
      start({ run: 'race', options, name: 'db', ifVersion: version }),
    )
    await Promise.all(racers.map((racer) => racer.said(1)))
    for (const racer of racers) racer.process.stdin?.write('go\n')
    await Promise.all(racers.map((racer) => racer.gone))
    const winners = racers.filter(({ lines }) => lines[1] === 'won')
    expect(racers.map(({ lines }) => lines[1]).sort()).toEqual([...Array(29).fill('CONFLICT'), 'won'])
    const { value } = await openFileStore(options).get('db')
    expect(value).toBe(`written by ${winners[0]?.process.pid}`)
  }, 120_000)

  it('lose nothing when they write other names', async () => {
    const options = { ...newPath(folder), identityFile, lockTimeoutMs: 60_000 }
    const jobs = Array.from({ length: 6 }, (_, writer) =>
      Array.from({ length: 8 }, (_, at) => `w${writer}/${at}`),
    )
    const writers = jobs.map((names) => start({ run: 'add', options, names }))
    await Promise.all(writers.map((writer) => writer.gone))
    const listed: string[] = []
    for await (const { name } of openFileStore(options).list()) listed.push(name)
    expect(listed).toEqual(jobs.flat().sort())
    expect(existsSync(`${options.path}.lock`)).toBe(false)
  }, 120_000)

  it('see each other’s writes at once', async () => {
    const options = { ...newPath(folder), identityFile }
    const reader = openFileStore(options)
    expect(await reader.find('db')).toBeUndefined()
    for (const value of ['one', 'two', 'three']) {
      const { gone } = start({ run: 'write once', options, name: 'db', value, dieBefore: 0 })
      await gone
      expect((await reader.get('db')).value).toBe(value)
    }
  }, 30_000)
})

describe('a lock', () => {
  const write = (path: string, holder: object | string): void =>
    writeFileSync(`${path}.lock`, typeof holder === 'string' ? holder : JSON.stringify(holder))
  const store = async (lockTimeoutMs: number) => {
    const options = { ...newPath(folder), identityFile, lockTimeoutMs }
    await openFileStore(options).put('db', 'x')
    return { options, store: openFileStore(options) }
  }
  /** What this process writes into a lock, caught while it holds one. */
  const caught = async (path: string): Promise<string> => {
    let text = ''
    while (text === '') {
      await new Promise((resolve) => setImmediate(resolve))
      if (existsSync(`${path}.lock`)) text = readFileSync(`${path}.lock`, 'utf8')
    }
    return text
  }
  const holderOf = async (path: string, put: () => Promise<unknown>): Promise<Record<string, unknown>> => {
    const [text] = await Promise.all([caught(path), put()])
    return JSON.parse(text) as Record<string, unknown>
  }

  it('of a process that runs is waited for, and then named', async () => {
    const { options, store: ours } = await store(150)
    const child = start({ run: 'stand still', options })
    await child.said(1)
    const holder = await holderOf(options.path, () => ours.put('db', 'y'))
    write(options.path, { ...holder, pid: child.process.pid, startedAt: '' })
    const error = await failure(ours.put('db', 'z'))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true, providerCode: 'LOCKED' })
    expect(error.message).toMatch(
      new RegExp(`process ${child.process.pid} on \\S+ holds .*wait for it, or stop it`),
    )
    expect((await ours.get('db')).value).toBe('y')
    child.process.kill('SIGKILL')
    await child.gone
    await ours.put('db', 'z')
  }, 30_000)

  it.runIf(process.platform === 'linux')('of a process whose id was given again is taken over', async () => {
    const { options, store: ours } = await store(150)
    const holder = await holderOf(options.path, () => ours.put('db', 'y'))
    expect(holder['startedAt']).toMatch(/^\d+$/)
    write(options.path, { ...holder, pid: process.pid, startedAt: '1' })
    await ours.put('db', 'z')
    expect(existsSync(`${options.path}.lock`)).toBe(false)
  })

  it('that was taken over meanwhile ends the write before anything is replaced', async () => {
    const where = newPath(folder)
    const slow = openFileStore({ ...where, passphrase: 'p', workFactor: 15 })
    await slow.put('db', 'x')
    const before = readFileSync(where.path)
    const [error] = await Promise.all([
      failure(slow.put('db', 'y')),
      caught(where.path).then(() => write(where.path, 'somebody else')),
    ])
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(error.message).toContain('stood still for so long that another one took the lock over')
    expect(readFileSync(where.path).equals(before)).toBe(true)
    expect(existsSync(`${where.path}.bak`)).toBe(false)
    expect(readFileSync(`${where.path}.lock`, 'utf8')).toBe('somebody else')
  }, 30_000)

  it.each([
    ['of another machine', { pid: 1, startedAt: '1', place: 'elsewhere', id: 'x' }],
    ['that was never filled', ''],
    ['that is torn', '{"pid":12'],
  ])('%s is taken over when nobody renews it', async (_, content) => {
    const { options } = await store(10_000)
    const clock = testClock()
    write(options.path, content)
    const began = clock.timing.now()
    await openFileStore(options, clock.timing).put('db', 'y')
    expect(clock.timing.now() - began).toBeGreaterThanOrEqual(5_000)
    expect(clock.timing.now() - began).toBeLessThan(6_000)
  })

  it('of another machine that is renewed is waited for', async () => {
    const { options } = await store(20_000)
    const { timing } = testClock()
    write(options.path, { pid: 1, startedAt: '1', place: 'elsewhere', id: 'x' })
    let renewals = 0
    const after: typeof timing.after = (delayMs, run) => {
      renewals += 1
      utimesSync(`${options.path}.lock`, renewals, renewals)
      return timing.after(delayMs, run)
    }
    const error = await failure(openFileStore(options, { now: timing.now, after }).put('db', 'y'))
    expect(error.message).toContain('process 1 on elsewhere holds')
    expect(renewals).toBeGreaterThan(100)
  })
})
