import {
  classifyFault,
  defineProvider,
  type ProviderOperation,
  type SecretProvider,
} from 'strongroom/provider'
import { aliasOperations } from './alias.js'
import { aliasCapabilities, capabilities } from './capabilities.js'
import { connect } from './connect.js'
import { refuseDebugSwitch } from './debug-switch.js'
import { invalid } from './endpoint.js'
import { latestOperations } from './latest.js'
import { limits } from './limits.js'
import { listPageOperation } from './list.js'
import { gcpNames, parentOf } from './names.js'
import { checkOptions, type GcpOptions } from './options.js'
import { records } from './records.js'
import { type Service, sender } from './service.js'
import { tagOperation } from './tags.js'
import { setVersionStateOperation } from './version-state.js'

/**
 * Google Cloud Secret Manager, through `@google-cloud/secret-manager`. Nothing is sent, and no credential looked for,
 * before the first call.
 *
 * @example gcp({ project: 'my-project', prefix: 'prod' })
 * @throws {SecretError} `CONFIG_INVALID`, naming the option, the rule and what to do.
 */
export function gcp(options: GcpOptions = {}): SecretProvider {
  checkOptions(options)
  refuseDebugSwitch(process.env)
  const { location, currentAlias, create = {} } = options
  const place = { project: projectOf(options), location }
  const { codec, secretOf } = gcpNames(place, options.prefix, options.names)
  const connection = connect(options)
  const service: Service = {
    send: sender(connection),
    parent: parentOf(place),
    secretOf,
    create,
    isRegional: location !== undefined,
  }
  return defineProvider('gcp', {
    capabilities: currentAlias === undefined ? capabilities : aliasCapabilities,
    limits,
    names: codec,
    classify: classifyFault,
    close: connection.close,
    listPage: listPageOperation(service),
    tag: tagOperation(service),
    setVersionState: setVersionStateOperation(service),
    delete: deleteOperation(service),
    ...records(service),
    ...(currentAlias === undefined ? latestOperations(service) : aliasOperations(service, currentAlias)),
  })
}

/** DeleteSecret: at once, and for good. */
function deleteOperation({ send, secretOf }: Service): ProviderOperation<'delete'> {
  return async ({ ref }, { signal }) => {
    await send('deleteSecret', { name: secretOf(ref) }, signal)
    return {}
  }
}

function projectOf({ project = process.env['GOOGLE_CLOUD_PROJECT'] }: GcpOptions): string {
  if (project === undefined || project === '') {
    throw invalid(
      'no project; pass project, write it in the URL (gcp://my-project), or set GOOGLE_CLOUD_PROJECT',
    )
  }
  return project
}
