/**
 * @typedef {object} Goal
 * @property {string} what
 * @property {string} limit
 * @property {string} measured
 * @property {string} beside the numbers that the ratio was made of
 * @property {boolean | undefined} met `undefined` when it could not be measured here
 * @property {boolean} certain whether the machine has no say in it, so that a miss fails the run
 */

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {readonly string[]} columns
 * @property {readonly (readonly string[])[]} rows
 */

/** @typedef {{ goal?: Goal, table?: Table }} Message */

export const isShort = process.env.STRONGROOM_BENCH_SHORT === '1'

/**
 * Reports a number that must stay below a limit, or above one.
 *
 * @param {{ what: string, measured: number, atMost?: number, atLeast?: number, unit?: string, beside?: string, certain?: boolean, digits?: number }} goal
 */
export function goal({
  what,
  measured,
  atMost,
  atLeast,
  unit = '',
  beside = '',
  certain = false,
  digits = 2,
}) {
  const met =
    measured <= (atMost ?? Number.POSITIVE_INFINITY) && measured >= (atLeast ?? Number.NEGATIVE_INFINITY)
  const limit = atMost === undefined ? `≥ ${atLeast}${unit}` : `≤ ${atMost}${unit}`
  send({ goal: { what, limit, measured: `${measured.toFixed(digits)}${unit}`, beside, met, certain } })
}

/**
 * Reports a goal that cannot be measured on this machine, and why.
 *
 * @param {string} what
 * @param {string} limit
 * @param {string} reason
 */
export function notRun(what, limit, reason) {
  send({ goal: { what, limit, measured: '–', beside: reason, met: undefined, certain: false } })
}

/**
 * @param {string} title
 * @param {readonly string[]} columns
 * @param {readonly (readonly string[])[]} rows
 */
export function table(title, columns, rows) {
  send({ table: { title, columns, rows } })
}

/** @param {Message} message */
function send(message) {
  if (process.send === undefined) console.log(JSON.stringify(message, undefined, 2))
  else process.send(message)
}

/** @param {number} ns */
export function nanoseconds(ns) {
  return ns < 10_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1_000).toFixed(1)} µs`
}
