import { describe, expect, it } from 'vitest'
import { deadline } from '../../src/layers/deadline.js'
import { failed, listeners, never, onAbort, record, rejection, rig } from './support.js'

describe('deadline', () => {
  it('gives a call 120 seconds when it says nothing itself', async () => {
    const { send, timing, requests } = rig([deadline()], { reply: never })
    const start = timing.now()
    const { output } = send('get')
    await timing.advance(119_999)
    expect(timing.pending()).toBe(1)
    await timing.advance(2)
    const error = await rejection(output)
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: true, outcomeUnknown: false, attempts: 1 })
    expect(error.message).toBe('scripted: get "prod/db": the deadline of 120000 ms has passed')
    expect(requests[0]?.context.deadlineAt).toBe(start + 120_000)
    expect(timing.pending()).toBe(0)
  })

  it("takes the call's own deadline, also a later one", async () => {
    for (const deadlineMs of [50, 400]) {
      const { send, timing } = rig([deadline({ defaultMs: 200 })], { reply: never })
      const { output } = send('get', {}, { deadlineAt: timing.now() + deadlineMs })
      await timing.advance(deadlineMs - 1)
      expect(timing.pending()).toBe(1)
      await timing.advance(1)
      expect((await rejection(output)).message).toMatch(`the deadline of ${deadlineMs} ms has passed`)
    }
  })

  it('sends nothing when the deadline has passed already', async () => {
    for (const early of [0, 1]) {
      const { send, timing, requests } = rig([deadline()])
      const error = await rejection(send('put', {}, { deadlineAt: timing.now() - early }).output)
      expect(error).toMatchObject({ code: 'TIMEOUT', outcomeUnknown: false, retryable: true, attempts: 0 })
      expect(error.message).toMatch('the deadline of 0 ms has passed')
      expect(requests).toHaveLength(0)
      expect(timing.pending()).toBe(0)
    }
  })

  it('passes answers and errors on, and leaves no timer and no listener', async () => {
    const { signal } = new AbortController()
    const error = failed('NOT_FOUND')
    const { send, timing } = rig([deadline()], { reply: (_, n) => (n === 1 ? record('v1') : error) })
    expect((await send('get', {}, { signal }).output).version).toBe('v1')
    expect(await rejection(send('get', {}, { signal }).output)).toBe(error)
    expect(listeners(signal)).toBe(0)
    expect(timing.pending()).toBe(0)
  })

  it('says of a write that was sent that its outcome is unknown, and not to repeat it', async () => {
    const { send, timing } = rig([deadline()], { reply: never })
    const { output } = send('put')
    await timing.advance(120_000)
    const told = { code: 'TIMEOUT', outcomeUnknown: true, retryable: false, attempts: 1 }
    expect(await rejection(output)).toMatchObject(told)
  })

  it('aborts what runs below with the error that the caller gets', async () => {
    const { send, timing, requests } = rig([deadline()], { reply: never })
    const { output } = send('get')
    await timing.advance(120_000)
    expect(requests[0]?.context.signal?.reason).toBe(await rejection(output))
  })

  it('lets an inner layer answer when it hears that the time is up', async () => {
    const { send, timing } = rig([deadline(), onAbort(() => record('held'))])
    const { output } = send('get')
    await timing.advance(120_000)
    expect((await output).version).toBe('held')
    expect(timing.pending()).toBe(0)
  })

  it('gives its own error when an inner layer rejects on hearing it', async () => {
    const { send, timing } = rig([deadline(), onAbort(() => failed('UNAVAILABLE'))])
    const { output } = send('get')
    await timing.advance(120_000)
    expect(await rejection(output)).toMatchObject({ code: 'TIMEOUT', retryable: true })
    expect(timing.pending()).toBe(0)
  })

  it("goes on giving ABORTED for the caller's signal", async () => {
    const controller = new AbortController()
    const { send, timing, requests } = rig([deadline()], { reply: never })
    const { output } = send('get', {}, { signal: controller.signal })
    controller.abort('enough')
    expect(await rejection(output)).toMatchObject({ code: 'ABORTED', retryable: false })
    expect(requests[0]?.context.signal?.reason).toBe('enough')
    expect(listeners(controller.signal)).toBe(0)
    expect(timing.pending()).toBe(0)
    expect((await rejection(send('get', {}, { signal: controller.signal }).output)).code).toBe('ABORTED')
    expect(requests).toHaveLength(1)
  })

  it('refuses a default that is not above 0', () => {
    expect(() => deadline({ defaultMs: 0 })).toThrow(
      new TypeError('deadline: defaultMs must be a number above 0'),
    )
  })
})
