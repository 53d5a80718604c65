import { defineProvider, type NameCodec, SecretError, type SecretProvider } from 'strongroom/provider'
import { batchReader } from './batch.js'
import { capabilities } from './capabilities.js'
import { connect } from './client.js'
import { deleteOperation, restoreOperation } from './delete.js'
import { describeOperation } from './describe.js'
import { classify } from './errors.js'
import { getOperation } from './get.js'
import { limits } from './limits.js'
import { listPageOperation } from './list.js'
import { awsNames } from './names.js'
import { type AwsOptions, checkOptions, invalid } from './options.js'
import { discardOperation, promoteOperation } from './promote.js'
import { putOperation } from './put.js'
import { readRecordOperation, swapRecordOperation } from './records.js'
import type { Service } from './service.js'
import { tagOperation } from './tags.js'
import { versionsPageOperation } from './versions.js'

/**
 * AWS Secrets Manager, through `@aws-sdk/client-secrets-manager`. Nothing is sent, and no credential looked for,
 * before the first call.
 *
 * @throws {SecretError} `CONFIG_INVALID`, naming the option, the rule and what to do.
 */
export function aws(options: AwsOptions = {}): SecretProvider {
  checkOptions(options)
  const { send, close } = connect(options)
  const service: Service = {
    send,
    create: options.create ?? {},
    recoveryWindowDays: options.recoveryWindowDays,
  }
  return defineProvider('aws', {
    capabilities,
    limits,
    names: namesOf(options),
    classify,
    close: async () => close(),
    get: getOperation(service, options.batch === true ? batchReader(service) : undefined),
    put: putOperation(service),
    promote: promoteOperation(service),
    discard: discardOperation(service),
    describe: describeOperation(service),
    listPage: listPageOperation(service),
    versionsPage: versionsPageOperation(service),
    tag: tagOperation(service),
    delete: deleteOperation(service),
    restore: restoreOperation(service),
    readRecord: readRecordOperation(service),
    swapRecord: swapRecordOperation(service),
  })
}

function namesOf({ prefix, names }: AwsOptions): NameCodec {
  try {
    return awsNames(prefix, names)
  } catch (error) {
    if (SecretError.is(error)) throw invalid(`prefix: ${error.message}`)
    throw error
  }
}
