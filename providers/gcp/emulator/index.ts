import { type Emulator, type EmulatorOptions, startEmulator } from 'strongroom/testing'
import type { EventType, GcpEvent } from './events.js'
import type { GcpFacts } from './model.js'
import { isProjectId } from './names.js'
import { gcpService } from './service.js'
import type { TokenRules } from './tokens.js'

export interface GcpEmulatorOptions extends EmulatorOptions {
  /** Port of REST; `port` is that of gRPC. Default: the next one, or a free one. */
  readonly restPort?: number
  /** The project in `env`, in `storeUrl` and of seeds; every other is there too. Default `emulator-project`. */
  readonly projectId?: string
  /** Numbers of projects by their ids. Default: a number that follows from the id, the same in every run. */
  readonly projectNumbers?: Readonly<Record<string, string>>
  /** How names in answers name the project. Default `number`, as the service does. */
  readonly namesBy?: 'number' | 'id'
  /** What `ListLocations` answers; secrets are kept in any location. Default: eight of the service's. */
  readonly locations?: readonly string[]
  /** What a token must be. Default: none is needed, and any is taken. */
  readonly tokens?: TokenRules
  /** Told of each notification that the service publishes to a topic, after what it tells of has happened. */
  readonly onEvent?: (event: GcpEvent) => void
  /** Choices where no primary source tells what the service does. */
  readonly facts?: Partial<GcpFacts>
}

/**
 * Google Cloud Secret Manager on loopback: gRPC in plain text on `url`, a `host:port`, and REST on `restUrl`, both on one
 * state; global secrets and those of every location. Managed rotation is refused: no database stands behind it.
 *
 * In `faults` an error is a code of gRPC (`RESOURCE_EXHAUSTED`, `UNAVAILABLE`), or a reason that goes with one
 * (`SERVICE_DISABLED`, `CREDENTIALS_MISSING`). A lag of reads shows the past of `latest`, aliases and lists; a version
 * that is read by its number is always there.
 *
 * @throws {TypeError} for a `projectId` that no project can have, or a number in `projectNumbers` that is none.
 */
export async function gcpEmulator(options: GcpEmulatorOptions = {}): Promise<Emulator> {
  const { restPort, projectId = 'emulator-project', projectNumbers = {}, ...rest } = options
  if (!isProjectId(projectId)) throw new TypeError(`projectId: ${projectId} is no id of a project`)
  for (const [id, number] of Object.entries(projectNumbers)) {
    if (!/^\d{1,19}$/.test(number))
      throw new TypeError(`projectNumbers: ${id} has ${number}, which is no number`)
  }
  const service = gcpService({
    projectId,
    projectNumbers,
    namesBy: options.namesBy ?? 'number',
    locations: options.locations ?? defaultLocations,
    tokens: options.tokens,
    onEvent: options.onEvent ?? (() => {}),
    uptime: () => performance.now(),
    facts: {
      checksumMismatchCode: 'INVALID_ARGUMENT',
      maxDestroyTtlMs: 1_000 * 86_400_000,
      disableCancelsDestruction: false,
      latestChangesState: false,
      destroyedChangeCode: 'FAILED_PRECONDITION',
      numbersRestart: true,
      aliasOfAnyNumber: false,
      defaultPageSize: 100,
      eventDetails: true,
      ...options.facts,
    },
  })
  return startEmulator(service, {
    ...rest,
    http2: true,
    onClock: (context) => service.onClock(context),
    ...(restPort === undefined ? {} : { httpPort: restPort }),
  })
}

const defaultLocations = [
  'asia-northeast1',
  'australia-southeast1',
  'europe-west1',
  'europe-west3',
  'southamerica-east1',
  'us-central1',
  'us-east1',
  'us-west1',
]

export type { EventType, GcpEvent, GcpFacts, TokenRules }
