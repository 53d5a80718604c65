import { type Limits, shelfLimits } from 'strongroom/provider'

/**
 * Rates were measured on two cores with a small file and an X25519 key; a passphrase makes each write as slow as its
 * work factor. Nothing is kept in a cache by default, since a read is one look at the file and sees what other processes
 * wrote.
 */
export const limits: Limits = Object.freeze({
  ...shelfLimits,
  readsPerSecond: 10_000,
  writesPerSecond: 100,
  cacheTtlMs: 0,
})

/** Of the sealed file. It is read whole, so that a larger one is refused before it is. */
export const maxFileBytes: number = 64 * 1024 * 1024
