const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of a duration as the service reads it: seconds as a number or text, or `1h30m`; else `undefined`. */
export function readDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) * 1_000 : undefined
  if (typeof value !== 'string') return undefined
  if (value === '') return 0
  if (/^[+-]?\d+$/.test(value)) return Number(value) * 1_000
  const match = /^([+-]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h|d))+)$/.exec(value)
  if (match === null) return undefined
  const [, sign, parts = ''] = match
  let sum = 0
  for (const [, amount, unit = ''] of parts.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h|d)/g)) {
    sum += Number(amount) * (units[unit] ?? 0)
  }
  return sign === '-' ? -sum : sum
}

/** `1h0m0s`, as the service writes a duration. */
export function writeDuration(ms: number): string {
  if (ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const seconds = Math.abs(ms) / 1_000
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)]
  const rest = `${Number((seconds % 60).toFixed(9))}s`
  if (hours > 0) return `${sign}${hours}h${minutes}m${rest}`
  return minutes > 0 ? `${sign}${minutes}m${rest}` : `${sign}${rest}`
}

/** A duration in a warning: without the units that are zero. */
export function shortDuration(ms: number): string {
  return writeDuration(ms)
    .replace(/(?<=[hm])0s$/, '')
    .replace(/(?<=h)0m$/, '')
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1_000)
}

/** With nine digits of fraction, as the service writes times, of which the clock has three. */
export function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000001Z')
}
