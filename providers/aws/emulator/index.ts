import { randomInt } from 'node:crypto'
import { type Emulator, type EmulatorOptions, startEmulator } from 'strongroom/testing'
import { awsService } from './service.js'
import type { Credentials } from './sigv4.js'

export interface AwsEmulatorOptions extends EmulatorOptions {
  /** With them, every request must be signed by this key (Signature Version 4). Default: anything goes. */
  readonly credentials?: Credentials
  /** Region of requests that are not signed, and of `env` and `storeUrl`. Default `us-east-1`. */
  readonly region?: string
  /** The one account, in every ARN. Default `123456789012`. */
  readonly accountId?: string
  /**
   * Versions that a secret may have before `LimitExceededException`. AWS says "about 100" and, elsewhere, that one write
   * every 10 minutes, which keeps 144 versions younger than a day, is still safe. Default 150.
   */
  readonly maxVersions?: number
  /** How long a forced deletion still shows as pending; AWS promises no time. Default 0. */
  readonly forceDeleteDelayMs?: number
  /** A whole number from 0 up to, not including, `max`: for ARNs and passwords. Default `crypto.randomInt`. */
  readonly randomInt?: (max: number) => number
  /** Real time, in milliseconds since the epoch, that signatures are checked against. Default `Date.now`. */
  readonly wallClock?: () => number
}

/**
 * AWS Secrets Manager on loopback: the wire protocol, the rules and the texts of the service, one state for each region.
 * Rotation is not in it: `RotateSecret` and `CancelRotateSecret` are unknown operations.
 */
export function awsEmulator(options: AwsEmulatorOptions = {}): Promise<Emulator> {
  const service = awsService({
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '123456789012',
    maxVersions: options.maxVersions ?? 150,
    forceDeleteDelayMs: options.forceDeleteDelayMs ?? 0,
    randomInt: options.randomInt ?? ((max) => randomInt(max)),
    credentials: options.credentials,
    wallClock: options.wallClock ?? Date.now,
  })
  return startEmulator(service, options)
}

export type { Credentials }
