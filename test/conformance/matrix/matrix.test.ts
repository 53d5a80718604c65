import { expect, it } from 'vitest'
import { operationNames } from '../../../src/operations.js'
import { needlesOf } from '../../../src/testing/leaks.js'
import { faults } from './faults.js'
import { matrix, oddValue } from './matrix.js'
import { services } from './services.js'

const cells = services.length * faults.length * operationNames.length

for (const service of services) matrix(service)

it(`has ${cells} cells, each with an expected code, and 7 views of ${needlesOf(oddValue()).length} forms`, () => {
  expect(cells).toBe(1_495)
  expect(needlesOf(oddValue()).length).toBeGreaterThanOrEqual(9)
})
