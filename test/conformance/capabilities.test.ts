import { aws } from 'strongroom/aws'
import { azure } from 'strongroom/azure'
import { env } from 'strongroom/env'
import { file } from 'strongroom/file'
import { gcp } from 'strongroom/gcp'
import { memory } from 'strongroom/memory'
import type { SecretProvider } from 'strongroom/provider'
import { vault } from 'strongroom/vault'
import { describe, expect, it } from 'vitest'
import { columns } from './columns.js'
import { expected } from './expected-capabilities.js'

const providers: Readonly<Record<keyof typeof expected, () => SecretProvider>> = {
  memory: () => memory(),
  file: () => file({ path: 'secrets.age', passphrase: 'none' }),
  env: () => env(),
  aws: () => aws({ region: 'eu-west-1' }),
  azure: () => azure({ vaultName: 'my-vault' }),
  gcp: () => gcp({ project: 'my-project' }),
  vault: () => vault({ address: 'https://vault.example.com:8200', token: 'none' }),
}

describe.each(Object.entries(providers))('%s declares what it can do', (name, open) => {
  const row = Object.entries(expected[name as keyof typeof expected])

  it.each(row)('%s', (fact, [value]) => {
    expect(open().capabilities).toHaveProperty(fact, value)
  })

  it('and each cell has its reason', () => {
    expect(row.filter(([, [, why]]) => why.trim() === '')).toEqual([])
  })

  it('and no fact beside these', () => {
    expect(Object.keys(open().capabilities).sort()).toEqual(row.map(([fact]) => fact).sort())
  })

  it('and memory is switched down to the same', () => {
    expect(columns[name] ?? memory().capabilities).toEqual(
      Object.fromEntries(row.map(([fact, [value]]) => [fact, value])),
    )
  })
})
