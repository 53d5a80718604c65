/** Times and durations as JSON has them. Here both are milliseconds, whose fraction goes down to a microsecond. */

/** `2026-01-01T00:00:00.000250Z`: no fraction, or three or six digits of it. */
export function timestampText(ms: number): string {
  const micros = Math.round(ms * 1_000)
  const seconds = Math.floor(micros / 1_000_000)
  const whole = new Date(seconds * 1_000).toISOString().slice(0, 19)
  return `${whole}${fraction(micros - seconds * 1_000_000)}Z`
}

export function durationText(ms: number): string {
  const micros = Math.round(Math.abs(ms) * 1_000)
  const seconds = Math.floor(micros / 1_000_000)
  return `${ms < 0 ? '-' : ''}${seconds}${fraction(micros - seconds * 1_000_000)}s`
}

function fraction(micros: number): string {
  if (micros === 0) return ''
  const digits = String(micros).padStart(6, '0')
  return `.${digits.endsWith('000') ? digits.slice(0, 3) : digits}`
}

const instantPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i

/** Milliseconds of an RFC 3339 time, down to a microsecond. */
export function timestampOf(text: string): number | undefined {
  const [, seconds, digits = '', zone] = instantPattern.exec(text) ?? []
  if (seconds === undefined) return undefined
  const ms = Date.parse(`${seconds}${zone}`)
  return Number.isNaN(ms) ? undefined : ms + microsOf(digits) / 1_000
}

const maxDurationSeconds = 315_576_000_000

/** Milliseconds of `3600s` or `-0.5s`, down to a microsecond. */
export function durationOf(text: string): number | undefined {
  const [, sign, seconds, digits = ''] = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text) ?? []
  if (seconds === undefined || Number(seconds) > maxDurationSeconds) return undefined
  const ms = Number(seconds) * 1_000 + microsOf(digits) / 1_000
  return sign === '-' ? -ms : ms
}

function microsOf(digits: string): number {
  return Number(digits.padEnd(9, '0').slice(0, 6))
}
