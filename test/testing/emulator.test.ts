import { connect } from 'node:net'
import { createClock, type Emulator, startEmulator } from 'strongroom/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toyService } from './toy-service.js'

let toy: Emulator
let start: number
beforeEach(async () => {
  start = Date.UTC(2026, 0, 1)
  toy = await startEmulator(toyService, {
    clock: createClock({ start, frozen: true }),
    seed: { a: 'one', b: { two: 2 } },
  })
})
afterEach(() => toy.close())

const put = (path: string, body = 'x') => fetch(toy.url + path, { method: 'PUT', body })
const text = async (path: string) => ((await (await fetch(toy.url + path)).json()) as { text?: string }).text
const control = (path: string, body?: object, headers = {}) =>
  fetch(`${toy.url}/_emulator/${path}`, { method: 'POST', body: JSON.stringify(body), headers })

describe('a service on a socket', () => {
  test('answers on loopback, with the seed in it', async () => {
    expect(toy.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(toy.env).toEqual({ TOY_URL: toy.url })
    expect([await text('/a'), await text('/b')]).toEqual(['one', '{"two":2}'])
  })

  test('counts what arrived by operation; a challenge and the control endpoints are no operation', async () => {
    await put('/n')
    await text('/n')
    await text('/n')
    await fetch(`${toy.url}/challenge`)
    expect(await (await fetch(`${toy.url}/_emulator/calls`)).json()).toEqual({ PutNote: 1, GetNote: 2 })
    expect(toy.calls).toEqual({ PutNote: 1, GetNote: 2 })
  })

  test('a request that fails halfway changes nothing, and its text is not shown', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    const answer = await put('/n?explode', 'half')
    expect(answer.status).toBe(500)
    expect(await text('/n')).toBeUndefined()
    await new Promise(setImmediate)
    process.off('warning', listen)
    expect(warnings.map((warning) => warning.message)).toEqual([
      'the toy emulator failed by itself in PutNote: Error',
    ])
    expect(JSON.stringify(warnings, ['message', 'detail', 'stack'])).not.toContain('sk_live_1')
  })

  test('links are built from the host that the client called', async () => {
    const answer = (await (await fetch(`${toy.url.replace('127.0.0.1', 'localhost')}/a`)).json()) as {
      origin: string
    }
    expect(answer.origin).toBe(toy.url.replace('127.0.0.1', 'localhost'))
  })

  test('close ends kept sockets at once, twice is once, and the port is free', async () => {
    await text('/a')
    await toy.close()
    await toy.close()
    await expect(fetch(`${toy.url}/a`)).rejects.toThrow()
    const port = Number(new URL(toy.url).port)
    const again = await startEmulator(toyService, { port })
    expect(again.url).toBe(toy.url)
    await expect(startEmulator(toyService, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await again.close()
  })

  test('bytes that are no HTTP, a cut body and a body over the limit leave it running', async () => {
    const port = Number(new URL(toy.url).port)
    const send = (bytes: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
        let got = ''
        socket
          .on('data', (chunk) => (got += chunk))
          .on('close', () => resolve(got))
          .on('error', () => resolve(got))
        setTimeout(() => socket.end(), 50)
      })
    expect(await send('\x16\x03\x01 hello\r\n\r\n')).toContain('400 Bad Request')
    await send('PUT /cut HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nshort')
    expect((await put('/big', 'x'.repeat(11 * 1024 * 1024)).catch(() => ({ status: 413 }))).status).toBe(413)
    expect(await text('/cut')).toBeUndefined()
    expect(await text('/a')).toBe('one')
  })
})

describe('faults', () => {
  test('an error is answered so many times, without an effect, in the words of the service', async () => {
    toy.faults.add({
      operation: 'PutNote',
      error: 'Slow',
      message: 'calm down',
      retryAfterMs: 1500,
      times: 2,
    })
    const answer = await put('/n')
    expect([answer.status, answer.headers.get('retry-after-ms'), await answer.json()]).toEqual([
      429,
      '1500',
      { error: 'Slow', message: 'calm down' },
    ])
    expect((await put('/n')).status).toBe(429)
    expect(await text('/n')).toBeUndefined()
    expect((await put('/n')).status).toBe(200)
    expect(toy.calls).toMatchObject({ PutNote: 3 })
  })

  test.each([
    ['before', undefined],
    ['after', 'x'],
  ] as const)('an answer dropped %s the effect', async (drop, effect) => {
    toy.faults.add({ operation: '*', drop, times: 1 })
    await expect(put('/n')).rejects.toThrow()
    expect(await text('/n')).toBe(effect)
  })

  test('rules are used in order, and clear removes them', async () => {
    toy.faults.add({ operation: 'GetNote', status: 503, times: 1 })
    toy.faults.add({ operation: 'GetNote', status: 403 })
    const statuses = []
    for (let i = 0; i < 3; i += 1) statuses.push((await fetch(`${toy.url}/a`)).status)
    toy.faults.clear()
    expect([...statuses, (await fetch(`${toy.url}/a`)).status]).toEqual([503, 403, 403, 200])
  })

  test('a delay holds the answer', async () => {
    toy.faults.add({ operation: '*', delayMs: 120, times: 1 })
    const began = performance.now()
    await text('/a')
    expect(performance.now() - began).toBeGreaterThan(110)
  })

  test('an empty page reaches the service', async () => {
    toy.faults.add({ operation: 'ListNotes', emptyPage: true, times: 1 })
    const list = async () =>
      ((await (await fetch(toy.url, { method: 'POST' })).json()) as { keys: string[] }).keys
    expect(await list()).toEqual([])
    expect(await list()).toEqual(['/a', '/b'])
  })

  test('a lagging read sees the past until the clock has moved on; a write does not', async () => {
    toy.clock.advance(60_000)
    await put('/a', 'new')
    toy.faults.add({ operation: '*', lagMs: 5_000 })
    expect(await text('/a')).toBe('one')
    toy.clock.advance(4_999)
    expect(await text('/a')).toBe('one')
    toy.clock.advance(1)
    expect(await text('/a')).toBe('new')
    await put('/late', 'x')
    expect(await text('/late')).toBeUndefined()
    toy.faults.clear()
    expect(await text('/late')).toBe('x')
  })

  test.each([
    [{}, 'operation is missing'],
    [{ operation: '*', times: 0 }, 'times must be a whole number > 0'],
    [{ operation: '*', drop: 'sometimes' }, "drop must be 'before' or 'after'"],
    [{ operation: '*', delay: 3 }, 'unknown field delay'],
    [{ operation: '*', status: 99 }, 'status must be an HTTP status'],
    [{ operation: '*', lagMs: -1 }, 'lagMs must be a number of milliseconds >= 0'],
  ])('a rule %j is refused by field and rule', (rule, message) => {
    expect(() => toy.faults.add(rule as never)).toThrow(message)
  })
})

describe('control over HTTP', () => {
  test('reset empties state, faults and calls, and leaves the clock', async () => {
    toy.clock.advance(1)
    toy.faults.add({ operation: '*', status: 503 })
    await text('/a')
    expect((await control('reset')).status).toBe(200)
    expect(toy.calls).toEqual({})
    expect(await text('/a')).toBeUndefined()
    expect(toy.clock.now()).toBe(start + 1)
  })

  test('faults takes a rule, a list, or clear', async () => {
    await control('faults', { operation: 'GetNote', status: 503 })
    await control('faults', [{ operation: 'PutNote', status: 409 }])
    expect([(await fetch(`${toy.url}/a`)).status, (await put('/a')).status]).toEqual([503, 409])
    await control('faults', { clear: true })
    expect((await fetch(`${toy.url}/a`)).status).toBe(200)
  })

  test('clock advances, sets, and tells', async () => {
    const answers = [{ advanceMs: 1000 }, { setMs: start }, undefined]
    const times = []
    for (const body of answers) times.push(await (await control('clock', body)).json())
    expect(times).toEqual([{ now: start + 1000 }, { now: start }, { now: start }])
  })

  test.each([
    ['clock', { advanceMs: -1 }, 'advance takes'],
    ['clock', { advanceMs: 1, setMs: 1 }, 'either'],
    ['clock', { forward: 1 }, 'either'],
    ['faults', { operation: '*', oops: 1 }, 'unknown field oops'],
    ['faults', undefined, 'a rule or a list'],
  ])('a bad %s body %j is 400 and says what is wrong', async (path, body, message) => {
    const answer = await control(path, body)
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { error: string }).error).toContain(message)
  })

  test('text that is not JSON is 400; an unknown path 404; a web page 403', async () => {
    const answer = await fetch(`${toy.url}/_emulator/clock`, { method: 'POST', body: '{"advanceMs":' })
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'not JSON at byte 13' }])
    expect((await control('unknown')).status).toBe(404)
    expect((await control('reset', undefined, { origin: 'https://evil.example' })).status).toBe(403)
    expect(await text('/a')).toBe('one')
  })
})

test('a dump is plain JSON that another emulator loads; one of another service is refused', async () => {
  await put('/n', 'kept')
  const dump = JSON.parse(JSON.stringify(toy.state.dump()))
  toy.reset()
  await put('/gone')
  toy.state.load(dump)
  expect([await text('/n'), await text('/gone')]).toEqual(['kept', undefined])
  expect(toy.state.dump()).toEqual(dump)
  expect(() => toy.state.load({ ...dump, service: 'aws' })).toThrow('no state of the toy emulator')
})

test('an address that is not loopback is announced', async () => {
  const warnings: string[] = []
  const listen = (warning: Error) => warnings.push(warning.message)
  process.on('warning', listen)
  const open = await startEmulator(toyService, { host: '0.0.0.0' })
  await new Promise(setImmediate)
  process.off('warning', listen)
  expect(warnings).toEqual(['the toy emulator listens on 0.0.0.0: everyone who reaches it reads its secrets'])
  expect(open.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
  await open.close()
})
