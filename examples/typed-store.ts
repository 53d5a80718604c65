// #region all
import { createStore, SecretError, type SecretReader } from 'strongroom'
import { memory } from 'strongroom/memory'
import { z } from 'zod'

const schemas = {
  db: z.object({ host: z.string(), port: z.coerce.number(), password: z.string() }),
}
const store = createStore({ provider: memory(), secrets: schemas })

await store.put('db', { host: 'localhost', port: '5432', password: 'correct horse' })
const db = await store.get('db')
console.log(db.value.port + 1) // 5433: a number, checked and typed

await store.put('db', { host: 'localhost' })
await store.get('db').catch((error: unknown) => {
  if (!SecretError.is(error)) throw error
  console.log(error.code) // INVALID_VALUE; the message names the path, never the value
})
// #endregion

// #region reader
async function address(secrets: SecretReader<typeof schemas>): Promise<string> {
  const { value } = await secrets.get('db')
  return `${value.host}:${value.port}`
}
// #endregion

await store.put('db', { host: 'localhost', port: '5432', password: 'correct horse' })
console.log(await address(store))
await store.close()
