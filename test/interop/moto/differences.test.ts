import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { differences } from './differences.js'
import { type Moto, startMoto } from './moto.js'

let moto: Moto
let client: SecretsManagerClient

beforeAll(async () => {
  moto = await startMoto()
  client = new SecretsManagerClient({
    region: 'eu-west-1',
    endpoint: moto.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})
afterAll(async () => {
  client.destroy()
  await moto.close()
})

test.each(differences)('moto differs from AWS: $name', async ({ differs }) => {
  expect(await differs(client), 'moto does as AWS does now: take it off the list').toBe(true)
})
