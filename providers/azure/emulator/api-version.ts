import type { EmulatorRequest } from 'strongroom/testing'
import { badParameter } from './errors.js'
import { parameterOf } from './query.js'

const latest = '2026-04-01'
const stable = [
  '2015-06-01',
  '2016-10-01',
  '7.0',
  '7.1',
  '7.2',
  '7.3',
  '7.4',
  '7.5',
  '7.6',
  '2025-07-01',
  latest,
]
const preview = /^(7\.[1-6]|202[5-9]-\d\d-\d\d)-preview(\.\d)?$/

/**
 * The version of the interface that a request asks for, which has no default. Some clients escape the hyphen of the
 * parameter's name.
 *
 * @throws {AzureError} `BadParameter` when it is missing or none of the service's.
 */
export function apiVersionOf(request: EmulatorRequest): string {
  const version = parameterOf(request, 'api-version')
  if (version === null || version === '') throw badParameter('api-version must be specified')
  if (stable.includes(version) || preview.test(version)) return version
  throw badParameter(
    `The specified version (${version}) is not recognized. Consider using the latest supported version (${latest}).`,
  )
}

/** `previousVersion` came with 2025-06-01-preview. Versions called by a number are older. */
export function hasPreviousVersion(apiVersion: string): boolean {
  return /^\d{4}-/.test(apiVersion) && apiVersion >= '2025-06-01-preview'
}
