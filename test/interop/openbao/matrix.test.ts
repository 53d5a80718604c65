import { createClock } from 'strongroom/testing'
import { vault } from 'strongroom/vault'
import { expect, test } from 'vitest'
import { matrix } from '../../conformance/matrix/matrix.js'
import { services } from '../../conformance/matrix/services.js'
import { rootToken, startOpenBao } from './openbao.js'

const onEmulator = services.find(({ name }) => name === 'vault')

test('Vault is a service of the matrix', () => expect(onEmulator).toBeDefined())

if (onEmulator !== undefined) {
  matrix({
    ...onEmulator,
    start: async () => {
      const bao = await startOpenBao()
      return { emulator: { clock: createClock(), close: () => bao.close() }, url: bao.url }
    },
    provider: (endpoint) => vault({ address: endpoint, token: rootToken }),
    credentials: [rootToken],
  })
}
