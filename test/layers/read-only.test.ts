import { describe, expect, it } from 'vitest'
import { readOnly } from '../../src/layers/read-only.js'
import { effects, operationNames } from '../../src/operations.js'
import { rejection, rig } from './support.js'

describe('readOnly', () => {
  it.each(operationNames.filter((operation) => effects[operation] === 'read'))(
    'lets %s pass',
    async (operation) => {
      const { send, requests } = rig([readOnly()], { reply: () => 'answer' })
      expect(await send(operation).output).toBe('answer')
      expect(requests).toHaveLength(1)
    },
  )

  it.each(operationNames.filter((operation) => effects[operation] === 'write'))(
    'refuses %s before anything is sent',
    async (operation) => {
      const { send, requests } = rig([readOnly()])
      const error = await rejection(send(operation).output)
      expect(error.message).toBe(
        `scripted: ${operation} "prod/db": this store is read only; write through another store`,
      )
      expect(error).toMatchObject({ code: 'PERMISSION_DENIED', operation, provider: 'scripted', attempts: 0 })
      expect(requests).toHaveLength(0)
    },
  )
})
