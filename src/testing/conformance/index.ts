export type { ConformanceCase, Needs } from './case.js'
export { conformanceCases } from './cases/index.js'
export type { Ability, BackendOptions, FaultKind, Harness } from './harness.js'
export { conformanceSuite, type ReadyCase, runCase, type Verdict } from './suite.js'
