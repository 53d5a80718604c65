import { createStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { expect, test } from 'vitest'

test('a listing says when each secret was changed last', async () => {
  let time = 1_000
  const store = createStore({ provider: memory(), layers: [], now: () => time })
  await store.put('db', 'one')
  await store.put('key', 'one')
  time = 2_000
  await store.put('db', 'two')
  const changes: unknown[] = []
  for await (const { name, changedAt } of store.list()) changes.push([name, changedAt])
  expect(changes).toEqual([
    ['db', new Date(2_000)],
    ['key', new Date(1_000)],
  ])
})
