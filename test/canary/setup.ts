import { afterEach, expect } from 'vitest'
import { showsValue, startWatch, takeLeaks } from './watch.js'

startWatch()

expect.addSnapshotSerializer({
  test: showsValue,
  serialize: () => {
    throw new Error('a snapshot would keep a value')
  },
})

afterEach(() => {
  const leaks = takeLeaks()
  if (leaks.length > 0) throw new Error(`a value leaked into ${[...new Set(leaks)].join(', ')}`)
})
