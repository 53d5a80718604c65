import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import protojson from 'protobufjs/ext/protojson.js'
import { fromSdk } from './sdk-client.js'

protojson.install()

/** The official descriptor of the service, by a codec that is not the emulator's: what the wire has to be. */
const read = (path: string): protobuf.INamespace => JSON.parse(readFileSync(path, 'utf8'))
const sdk = fromSdk.resolve('@google-cloud/secret-manager').replace(/build\/src\/.*$/, 'build/protos')
const gax = fromSdk.resolve('google-gax').replace(/build\/src\/.*$/, 'build/protos')

export const official: protobuf.Root = protobuf.Root.fromJSON(read(join(sdk, 'protos.json')))
const locations = protobuf.Root.fromJSON(read(join(gax, 'locations.json')))
export const rpcStatus: protobuf.Root = protobuf.Root.fromJSON(read(join(gax, 'status.json')))

interface Method {
  readonly path: string
  readonly request: protobuf.Type
  readonly response: protobuf.Type
}

const services = [
  official.lookupService('google.cloud.secretmanager.v1.SecretManagerService'),
  locations.lookupService('google.cloud.location.Locations'),
]

/** A method by its name, with the types that it takes and gives. */
export function methodOf(name: string): Method {
  const service = services.find((one) => one.methods[name] !== undefined)
  const method = service?.methods[name]?.resolve() as protobuf.Method | undefined
  if (service === undefined || method === undefined) throw new Error(`there is no method ${name}`)
  return {
    path: `/${service.fullName.slice(1)}/${name}`,
    request: method.resolvedRequestType as protobuf.Type,
    response: method.resolvedResponseType as protobuf.Type,
  }
}
