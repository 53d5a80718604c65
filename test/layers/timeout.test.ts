import { describe, expect, it } from 'vitest'
import { timeout } from '../../src/layers/timeout.js'
import { operationNames } from '../../src/operations.js'
import { settle } from '../support/fake-timing.js'
import { failed, held, listeners, never, onAbort, record, rejection, rig } from './support.js'

describe('timeout', () => {
  it('passes an answer on, and leaves no timer and no listener', async () => {
    const { signal } = new AbortController()
    const { send, timing } = rig([timeout()], { reply: () => record('v1') })
    const { output } = send('get', {}, { signal })
    expect(listeners(signal)).toBe(1)
    expect(timing.pending()).toBe(1)
    expect((await output).version).toBe('v1')
    expect(listeners(signal)).toBe(0)
    expect(timing.pending()).toBe(0)
  })

  it('passes an error on as it is, and leaves no timer and no listener', async () => {
    const { signal } = new AbortController()
    const error = failed('CONFLICT')
    const { send, timing } = rig([timeout()], { reply: () => error })
    expect(await rejection(send('put', {}, { signal }).output)).toBe(error)
    expect(listeners(signal)).toBe(0)
    expect(timing.pending()).toBe(0)
  })

  it('lets go of a read after 10 seconds, although nothing below listens', async () => {
    const { send, timing, requests } = rig([timeout()], { reply: never })
    const { output, trail } = send('get')
    await timing.advance(9_999)
    expect(timing.pending()).toBe(1)
    expect(requests[0]?.context.signal?.aborted).toBe(false)
    await timing.advance(1)
    const error = await rejection(output)
    expect(error.toJSON()).toEqual({
      code: 'TIMEOUT',
      message: 'scripted: get "prod/db": no answer within 10000 ms',
      retryable: true,
      attempts: 1,
      outcomeUnknown: false,
      provider: 'scripted',
      operation: 'get',
      secret: 'prod/db',
    })
    expect(trail.attempts).toBe(1)
    expect(requests[0]?.context.signal?.reason).toBe(error)
    expect(timing.pending()).toBe(0)
  })

  it('lets go of a write after 30 seconds, and says that its outcome is unknown', async () => {
    const { send, timing } = rig([timeout()], { reply: never })
    const { output } = send('put')
    await timing.advance(29_999)
    expect(timing.pending()).toBe(1)
    await timing.advance(1)
    expect(await rejection(output)).toMatchObject({ code: 'TIMEOUT', outcomeUnknown: true })
  })

  it('knows the outcome of a write that never left this process', async () => {
    const stuck = { name: 'stuck', wrap: () => never }
    const { send, timing } = rig([timeout(), stuck])
    const { output } = send('put', {}, { trail: { source: 'provider', attempts: 2 } })
    await timing.advance(30_000)
    expect(await rejection(output)).toMatchObject({ code: 'TIMEOUT', outcomeUnknown: false, attempts: 2 })
  })

  it('takes its limits from the options, by the effect of the operation', async () => {
    for (const operation of operationNames) {
      const { send, timing } = rig([timeout({ readMs: 100, writeMs: 200 })], { reply: never })
      const { output } = send(operation)
      await timing.advance(100)
      const reads = ['get', 'describe', 'listPage', 'versionsPage', 'readRecord']
      expect(timing.pending(), operation).toBe(reads.includes(operation) ? 0 : 1)
      await timing.advance(100)
      expect((await rejection(output)).code).toBe('TIMEOUT')
    }
  })

  it('never sleeps longer than a timer can, which would be no time at all', async () => {
    const { send, timing } = rig([timeout({ readMs: Number.POSITIVE_INFINITY })], { reply: never })
    send('get')
    await timing.advance(2 ** 31 - 2)
    expect(timing.pending()).toBe(1)
    await timing.advance(1)
    expect(timing.pending()).toBe(0)
  })

  it('drops what comes late: an answer, an error', async () => {
    const late = [held<unknown>(), held<unknown>()]
    const { send, timing } = rig([timeout()], { reply: (_, request) => late[request - 1]?.promise })
    const sent = [send('get'), send('get')]
    await timing.advance(10_000)
    late[0]?.resolve(record('v1'))
    late[1]?.reject(failed('NOT_FOUND'))
    await settle()
    for (const { output } of sent) expect((await rejection(output)).code).toBe('TIMEOUT')
  })

  it('takes no answer that is given only because the time is up', async () => {
    const { send, timing } = rig([timeout(), onAbort(() => record('v1'))])
    const { output } = send('get')
    await timing.advance(10_000)
    expect((await rejection(output)).code).toBe('TIMEOUT')
  })

  it("gives ABORTED for the caller's signal, at once, and hands the reason down", async () => {
    const controller = new AbortController()
    const { send, timing, requests } = rig([timeout()], { reply: never })
    const { output } = send('put', {}, { signal: controller.signal })
    controller.abort('enough')
    expect(await rejection(output)).toMatchObject({
      code: 'ABORTED',
      message: 'scripted: put "prod/db": the caller aborted it',
      outcomeUnknown: true,
      retryable: false,
    })
    expect(requests[0]?.context.signal?.reason).toBe('enough')
    expect(listeners(controller.signal)).toBe(0)
    expect(timing.pending()).toBe(0)
  })

  it('gives the error that an outer layer aborted with', async () => {
    const controller = new AbortController()
    const { send } = rig([timeout()], { reply: never })
    const read = send('get', {}, { signal: controller.signal })
    const write = send('put', {}, { signal: controller.signal })
    controller.abort(failed('TIMEOUT', { message: 'the deadline' }))
    const told = { code: 'TIMEOUT', message: 'the deadline', attempts: 1 }
    expect(await rejection(read.output)).toMatchObject({ ...told, outcomeUnknown: false })
    expect(await rejection(write.output)).toMatchObject({ ...told, outcomeUnknown: true })
  })

  it('sends nothing for a signal that is aborted already', async () => {
    const { send, timing, requests } = rig([timeout()])
    const error = await rejection(send('put', {}, { signal: AbortSignal.abort() }).output)
    expect(error).toMatchObject({ code: 'ABORTED', outcomeUnknown: false, attempts: 0 })
    expect(requests).toHaveLength(0)
    expect(timing.pending()).toBe(0)
  })

  it('refuses a limit that is not above 0, naming it', () => {
    expect(() => timeout({ readMs: 0 })).toThrow(new TypeError('timeout: readMs must be a number above 0'))
    expect(() => timeout({ writeMs: -1 })).toThrow('timeout: writeMs must be a number above 0')
    expect(() => timeout({ readMs: Number.NaN })).toThrow(TypeError)
    expect(() => timeout({ readMs: '10' as unknown as number })).toThrow(TypeError)
  })
})
