export { JsonError, parseJson } from '../json.js'
export { type CertificateBundle, type CertificateOptions, createCertificate } from './certificate.js'
export { type Clock, type ClockOptions, createClock } from './clock.js'
export * from './conformance/index.js'
export {
  type Emulator,
  type EmulatorOptions,
  type EmulatorUrls,
  type Failure,
  Refusal,
  type SeedSecrets,
  type Service,
  type ServiceContext,
  type ServiceOptions,
  startEmulator,
} from './emulator.js'
export type { FaultRule, Faults } from './faults.js'
export { canary, canaryValue, type Leak, leaksIn, type View } from './leaks.js'
export type { EmulatorReply, EmulatorRequest } from './server.js'
export type { Collection, StateDump, Transaction } from './state.js'
