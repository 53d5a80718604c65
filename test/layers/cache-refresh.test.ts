import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as esbuild from 'esbuild'
import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/errors.js'
import { cache } from '../../src/layers/cache.js'
import { retry } from '../../src/layers/retry.js'
import { timeout } from '../../src/layers/timeout.js'
import type { Call } from '../../src/operations.js'
import { settle } from '../support/fake-timing.js'
import { failed, type Held, held, type Rig, type RigOptions, record, rejection, rig } from './support.js'

const ttl = 100_000
const full: RigOptions = { random: () => 1, limits: { cacheTtlMs: ttl, propagationMs: 0 } }

/** A cache over a backend that answers each request when told. */
function manual(more: RigOptions = {}): Rig & { answers: Held<unknown>[] } {
  const answers: Held<unknown>[] = []
  const reply = (): Promise<unknown> => {
    const answer = held<unknown>()
    answers.push(answer)
    return answer.promise
  }
  return { ...rig([cache()], { ...full, reply, ...more }), answers }
}

function scripted(replies: readonly unknown[], more: RigOptions = {}): Rig {
  const reply = (_: unknown, request: number): unknown => replies[Math.min(request, replies.length) - 1]
  return rig([cache()], { ...full, reply, ...more })
}

const version = async ({ send }: Rig, input: object = {}, context: object = {}): Promise<string> =>
  (await send('get', input, context).output).version

describe('cache: refreshing in the background', () => {
  it('gives what is due at once, and asks for it once, for all readers', async () => {
    const backend = manual()
    const first = backend.send('get')
    await settle()
    backend.answers[0]?.resolve(record('v1'))
    await first.output
    await backend.timing.advance(ttl)
    for (let n = 0; n < 100; n += 1) {
      const { output, trail } = backend.send('get')
      expect((await output).version).toBe('v1')
      expect(trail).toEqual({ source: 'cache', attempts: 0 })
    }
    await settle()
    expect(backend.requests).toHaveLength(2)
    expect(backend.requests[1]?.context.background).toBe(true)
    backend.answers[1]?.resolve(record('v2'))
    await settle()
    expect(await version(backend)).toBe('v2')
  })

  it('lets readers wait from twice the time on', async () => {
    const backend = manual()
    const first = backend.send('get')
    await settle()
    backend.answers[0]?.resolve(record('v1'))
    await first.output
    await backend.timing.advance(ttl * 2)
    const late = backend.send('get')
    await settle()
    backend.answers[1]?.resolve(record('v2'))
    expect((await late.output).version).toBe('v2')
    expect(backend.requests[1]?.context.background).toBeUndefined()
  })

  it('refreshes ten at once; the others wait their turn', async () => {
    const backend = manual()
    const names = Array.from({ length: 25 }, (_, n) => ({ name: `n${n}` }))
    for (const name of names) backend.send('get', name)
    await settle()
    for (const { resolve } of backend.answers) resolve(record('v1'))
    await backend.timing.advance(ttl)
    for (const name of names) backend.send('get', name)
    await settle()
    expect(backend.requests).toHaveLength(25 + 10)
    for (const { resolve } of backend.answers.slice(25)) resolve(record('v2'))
    await settle()
    expect(backend.requests).toHaveLength(25 + 20)
    for (const { reject } of backend.answers.slice(35)) reject(failed('UNKNOWN'))
    await settle()
    expect(backend.requests).toHaveLength(25 + 25)
  })

  it('lets a reader join who wants a young answer, and a write send it anew', async () => {
    const backend = manual()
    const first = backend.send('get')
    await settle()
    backend.answers[0]?.resolve(record('v1'))
    await first.output
    await backend.timing.advance(ttl)
    await version(backend)
    const young = backend.send('get', {}, { maxAgeMs: 1_000 })
    await settle()
    expect(backend.requests).toHaveLength(2)
    const write = backend.send('put')
    await settle()
    expect(backend.requests).toHaveLength(4)
    expect(backend.requests[1]?.context.signal?.aborted).toBe(true)
    backend.answers[2]?.resolve({ version: 'v2' })
    await write.output
    await settle()
    backend.answers[1]?.resolve(record('v1'))
    backend.answers[4]?.resolve(record('v2'))
    expect((await young.output).version).toBe('v2')
  })

  it.each(['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED'] as const)(
    'marks as stale what it gives while the refresh fails with %s',
    async (code) => {
      const backend = scripted([record('v1'), failed(code), record('v2')])
      await version(backend)
      await backend.timing.advance(ttl)
      const first = backend.send('get')
      await first.output
      await settle()
      const again = backend.send('get')
      expect((await again.output).version).toBe('v1')
      expect([first.trail.source, again.trail.source]).toEqual(['cache', 'stale'])
      await backend.timing.advance(1_000)
      await version(backend)
      await settle()
      expect(await version(backend)).toBe('v2')
    },
  )

  it.each<[ErrorCode, ErrorCode]>([
    ['PERMISSION_DENIED', 'PERMISSION_DENIED'],
    ['DISABLED', 'DISABLED'],
    ['PENDING_DELETION', 'PENDING_DELETION'],
    ['INVALID_VALUE', 'INVALID_VALUE'],
    ['UNAUTHENTICATED', 'UNAUTHENTICATED'],
    ['NOT_FOUND', 'NOT_FOUND'],
    ['UNKNOWN', 'UNKNOWN'],
  ])('gives it no longer when the refresh fails with %s', async (code, expected) => {
    const backend = scripted([record('v1'), failed(code)])
    await version(backend)
    await backend.timing.advance(ttl)
    expect(await version(backend)).toBe('v1')
    await settle()
    expect((await rejection(backend.send('get').output)).code).toBe(expected)
  })

  it('ends with the store, and leaves no timer', async () => {
    const hanging = rig([cache(), retry(), timeout()], {
      ...full,
      reply: (_, n) => (n === 1 ? record('v1') : new Promise(() => {})),
    })
    await version(hanging)
    await hanging.timing.advance(ttl)
    await version(hanging)
    await settle()
    expect(hanging.timing.pending()).toBe(1)
    await hanging.close()
    expect(hanging.requests[1]?.context.signal?.aborted).toBe(true)
    await settle()
    expect(hanging.timing.pending()).toBe(0)
  })

  it('keeps no process alive, pauses between its attempts included', async () => {
    const folder = await mkdtemp(join(fileURLToPath(new URL('../..', import.meta.url)), '.exit-'))
    const outfile = join(folder, 'program.mjs')
    const contents = `
      import { createStore, defaultLayers } from './src/index.js'
      import { memory } from './providers/memory/index.js'
      const inner = memory({ seed: { db: 'x' } })
      let up = true
      const get = (...args) => up ? inner.operations.get(...args) : new Promise(() => {})
      const provider = { ...inner, operations: { ...inner.operations, get } }
      const store = createStore({ provider, layers: defaultLayers({ cache: { ttlMs: 60_000 } }), now: () => time })
      let time = 0
      await store.get('db')
      up = false
      time = 90_000
      console.log((await store.get('db')).value, process.uptime())
      process.on('exit', () => console.log('exit', process.uptime()))`
    await esbuild.build({
      stdin: { contents, resolveDir: fileURLToPath(new URL('../..', import.meta.url)), loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      alias: { 'strongroom/provider': fileURLToPath(new URL('../../src/provider.ts', import.meta.url)) },
      logLevel: 'silent',
    })
    const { stdout } = await promisify(execFile)(process.execPath, [outfile], { timeout: 30_000 })
    const [read, exit] = stdout.trim().split('\n')
    const secondsOf = (line: string | undefined): number => Number(line?.split(' ').at(-1))
    expect(read).toMatch(/^x /)
    // The attempt that hangs would be given up after ten seconds.
    expect(secondsOf(exit) - secondsOf(read)).toBeLessThan(5)
    await rm(folder, { recursive: true })
  }, 60_000)
})

describe('cache: remembering failures', () => {
  const codes = ['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED', 'UNKNOWN'] as const

  it.each(codes)('gives the same error for a second after %s, without a request', async (code) => {
    const backend = scripted([failed(code, { attempts: 3 }), record('v1')])
    expect((await rejection(backend.send('get').output)).attempts).toBe(3)
    await backend.timing.advance(999)
    const { output, trail } = backend.send('get')
    expect(await rejection(output)).toMatchObject({ code, attempts: 0 })
    expect(trail).toEqual({ source: 'cache', attempts: 0 })
    await backend.timing.advance(1)
    expect(await version(backend)).toBe('v1')
    expect(backend.requests).toHaveLength(2)
  })

  it('doubles the pause with each failure, up to half a minute, and begins anew after an answer', async () => {
    const state = { up: false }
    const backend = rig([cache()], {
      ...full,
      reply: () => (state.up ? record('v1') : failed('UNAVAILABLE')),
    })
    const pauseMs = async (): Promise<number> => {
      await rejection(backend.send('get').output)
      const before = backend.requests.length
      for (let ms = 0; ; ms += 500) {
        await Promise.allSettled([backend.send('get').output])
        if (backend.requests.length > before) return ms
        await backend.timing.advance(500)
      }
    }
    const pauses: number[] = []
    for (let n = 0; n < 7; n += 1) pauses.push(await pauseMs())
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    state.up = true
    await backend.timing.advance(30_000)
    await version(backend)
    state.up = false
    await rejection(backend.send('get', {}, { maxAgeMs: 0 }).output)
    await backend.timing.advance(ttl * 2)
    expect((await backend.send('get').output).version).toBe('v1')
    const before = backend.requests.length
    await backend.timing.advance(1_000)
    await version(backend)
    expect(backend.requests.length).toBe(before)
  })

  it('is shortened by chance by up to a fifth, and lengthened by what the service asks for', async () => {
    const early = scripted([failed('UNAVAILABLE'), record('v1')], { random: () => 0 })
    await rejection(early.send('get').output)
    await early.timing.advance(800)
    expect(await version(early)).toBe('v1')
    const asked = scripted([failed('RATE_LIMITED', { retryAfterMs: 20_000 }), record('v1')])
    await rejection(asked.send('get').output)
    await asked.timing.advance(19_999)
    await rejection(asked.send('get').output)
    await asked.timing.advance(1)
    expect(await version(asked)).toBe('v1')
  })

  it('is not for who wants a young answer, nor after a write of this store', async () => {
    const young = scripted([failed('UNAVAILABLE'), record('v1')])
    await rejection(young.send('get').output)
    expect(await version(young, {}, { maxAgeMs: 0 })).toBe('v1')
    const written = scripted([failed('UNAVAILABLE'), { version: 'v1' }, record('v1')])
    await rejection(written.send('get').output)
    await written.send('put').output
    expect(await version(written)).toBe('v1')
  })

  it('saves an outage its requests: stale values come at once', async () => {
    const backend = scripted([record('v1'), failed('UNAVAILABLE')])
    await version(backend)
    await backend.timing.advance(ttl * 2)
    for (let n = 0; n < 1_000; n += 1) expect(await version(backend)).toBe('v1')
    expect(backend.requests).toHaveLength(2)
  })

  it('forgets the oldest of ten thousand', async () => {
    const backend = scripted([failed('UNAVAILABLE')])
    for (let n = 0; n <= 10_000; n += 1) await rejection(backend.send('get', { name: `n${n}` }).output)
    await rejection(backend.send('get', { name: 'n1' }).output)
    expect(backend.requests).toHaveLength(10_001)
    await rejection(backend.send('get', { name: 'n0' }).output)
    expect(backend.requests).toHaveLength(10_002)
  })
})

describe('cache: one version, one record', () => {
  const reply: RigOptions['reply'] = () => ({ ...record('v1'), stages: ['current', 'newest-enabled'] })

  it('answers a version from what was read by a stage, for as long', async () => {
    const backend = rig([cache()], { ...full, reply })
    const current = await backend.send('get').output
    expect(await backend.send('get', { version: 'v1' }).output).toBe(current)
    expect(backend.requests).toHaveLength(1)
    await version(backend, { name: { id: 'prod/db' }, version: 'v1' })
    expect(backend.requests).toHaveLength(2)
    await backend.timing.advance(ttl * 2)
    await version(backend, { version: 'v1' })
    expect(backend.requests).toHaveLength(3)
  })

  it('hands out the same record for as long as nothing about it changes', async () => {
    let tags = {}
    const backend = rig([cache()], { ...full, reply: () => ({ ...record('v1'), tags }) })
    const first = await backend.send('get').output
    expect(await backend.send('get', {}, { maxAgeMs: 0 }).output).toBe(first)
    expect(await backend.send('get', { stage: 'newest-enabled' }).output).toBe(first)
    tags = { team: 'core' }
    const changed = await backend.send('get', {}, { maxAgeMs: 0 }).output
    expect(changed).not.toBe(first)
    expect(changed.tags).toEqual(tags)
  })

  it('tells values of one version apart, should a backend change them', async () => {
    let text = 'one'
    const backend = rig([cache()], { ...full, reply: () => record('v1', text) })
    await backend.send('get').output
    text = 'two'
    expect((await backend.send('get', {}, { maxAgeMs: 0 }).output).value.text()).toBe('two')
  })
})

describe('cache: turning points', () => {
  it('asks no later than at the expiry of the version', async () => {
    const backend = rig([cache()], full)
    const expiresAt = new Date(backend.timing.now() + 30_000)
    const expiring = rig([cache()], { ...full, reply: (_, n) => ({ ...record(`v${n}`), expiresAt }) })
    await version(expiring)
    await expiring.timing.advance(29_999)
    expect(await version(expiring)).toBe('v1')
    await expiring.timing.advance(1)
    expect(await version(expiring)).toBe('v2')
    await expiring.timing.advance(50_000)
    expect(await version(expiring)).toBe('v2')
  })

  const described = (info: object): Rig => {
    const answer = { name: 'prod/db', canonical: 'prod/db', id: 'id', tags: {}, state: 'active', ...info }
    const reply = ({ operation }: Call, n: number): unknown =>
      operation === 'describe' ? answer : record(`v${n}`)
    return rig([cache()], { ...full, reply })
  }

  it('asks no later than at the rotation that a description announces', async () => {
    const now = rig([], {}).timing.now()
    const current = { version: 'v1' }
    const nativeRotation = { enabled: true, nextAt: new Date(now + 30_000) }
    const backend = described({ current, nativeRotation })
    await version(backend)
    await backend.send('describe').output
    await backend.timing.advance(29_999)
    expect(await version(backend)).toBe('v1')
    await backend.timing.advance(1)
    expect(await version(backend)).toBe('v3')
    await backend.timing.advance(80_000)
    expect(await version(backend)).toBe('v3')
  })

  it.each([
    ['another version is current', { current: { version: 'v9' } }, 'v3'],
    ['it is deleted', { state: 'deleted', current: { version: 'v1' } }, 'v3'],
    ['this version is current', { current: { version: 'v1' } }, 'v1'],
    [
      'a rotation that is off',
      { current: { version: 'v1' }, nativeRotation: { enabled: false, nextAt: new Date(0) } },
      'v1',
    ],
  ])('believes a description that says: %s', async (_, info, expected) => {
    const backend = described(info)
    await version(backend)
    expect(backend.peek('prod/db')).toBeDefined()
    await backend.send('describe').output
    expect(backend.peek('prod/db') === undefined).toBe(expected === 'v3')
    expect(await version(backend)).toBe(expected)
  })

  it('keeps what a description has overtaken for an outage', async () => {
    const answers: Record<string, unknown> = { describe: { state: 'active', current: { version: 'v2' } } }
    const reply = ({ operation }: Call, n: number): unknown =>
      answers[operation] ?? (n === 1 ? record('v1') : failed('UNAVAILABLE'))
    const backend = rig([cache()], { ...full, reply })
    await version(backend)
    await backend.send('describe').output
    const { output, trail } = backend.send('get')
    expect((await output).version).toBe('v1')
    expect(trail.source).toBe('stale')
  })

  it('is not misled by a description that was under way before the read', async () => {
    const description = held<unknown>()
    const reply = ({ operation }: Call): unknown =>
      operation === 'describe' ? description.promise : record('v2')
    const backend = rig([cache()], { ...full, reply })
    const asked = backend.send('describe')
    await backend.timing.advance(10)
    await version(backend)
    description.resolve({ state: 'active', current: { version: 'v1' } })
    await asked.output
    expect(backend.peek('prod/db')?.version).toBe('v2')
  })
})

describe('cache: in a process that is frozen, or whose clock is set', () => {
  const counting: RigOptions = { ...full, reply: (_, n) => record(`v${n}`) }

  it('knows that what it holds is old when the process wakes up', async () => {
    const backend = rig([cache()], counting)
    await version(backend)
    backend.timing.jump(ttl * 2)
    expect(backend.peek('prod/db')).toBeUndefined()
    expect(await version(backend)).toBe('v2')
  })

  it('does not take an answer for new that was under way in the freezer', async () => {
    const backend = manual()
    const { output } = backend.send('get')
    await settle()
    backend.timing.jump(ttl * 2)
    backend.answers[0]?.resolve(record('v1'))
    await output
    expect(backend.peek('prod/db')).toBeUndefined()
  })

  it('goes by the time that has passed when the clock is set back', async () => {
    const backend = rig([cache()], counting)
    await version(backend)
    backend.timing.jump(-3_600_000)
    expect(await version(backend)).toBe('v1')
    await backend.timing.advance(ttl * 2)
    expect(await version(backend)).toBe('v2')
  })

  it('holds no error for longer either', async () => {
    const backend = scripted([failed('NOT_FOUND'), record('v1')])
    await rejection(backend.send('get').output)
    backend.timing.jump(-3_600_000)
    await backend.timing.advance(5_000)
    expect(await version(backend)).toBe('v1')
  })
})
