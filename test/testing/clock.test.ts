import { createClock } from 'strongroom/testing'
import { expect, test } from 'vitest'

test('is real time until it is moved', () => {
  let real = 1_000
  const clock = createClock({ now: () => real })
  expect(clock.now()).toBe(1_000)
  clock.advance(50)
  real += 7
  expect(clock.now()).toBe(1_057)
  clock.set(10)
  real += 1
  expect(clock.now()).toBe(11)
})

test('starts where it is told, and stands when frozen', () => {
  let real = 1_000
  const running = createClock({ start: 5, now: () => real })
  const frozen = createClock({ start: 5, frozen: true, now: () => real })
  const frozenNow = createClock({ frozen: true, now: () => real })
  real += 2
  expect([running.now(), frozen.now(), frozenNow.now()]).toEqual([7, 5, 1_000])
})

test('tells who listens after every move, until they stop', () => {
  const clock = createClock({ start: 0, frozen: true })
  const heard: number[] = []
  const stop = clock.onChange((now) => heard.push(now))
  clock.advance(5)
  clock.set(3)
  stop()
  clock.advance(1)
  expect(heard).toEqual([5, 3])
})

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number])(
  'does not advance by %s',
  (ms) => {
    const clock = createClock({ start: 0, frozen: true })
    expect(() => clock.advance(ms)).toThrow(RangeError)
    expect(clock.now()).toBe(0)
  },
)

test('is not set to what is no time', () => {
  expect(() => createClock().set(Number.NaN)).toThrow(RangeError)
})
