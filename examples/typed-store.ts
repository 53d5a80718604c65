// #region all
import { createStore, SecretError } from 'strongroom'
import { memory } from 'strongroom/memory'
import { z } from 'zod'

const store = createStore({
  provider: memory(),
  secrets: { db: z.object({ host: z.string(), port: z.coerce.number(), password: z.string() }) },
})

await store.put('db', { host: 'localhost', port: '5432', password: 'correct horse' })
const db = await store.get('db')
console.log(db.value.port + 1) // 5433: a number, checked and typed

await store.put('db', { host: 'localhost' })
await store.get('db').catch((error: unknown) => {
  if (!SecretError.is(error)) throw error
  console.log(error.code) // INVALID_VALUE; the message names the path, never the value
})
// #endregion
await store.close()
