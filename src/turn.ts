import { setImmediate } from 'node:timers'

/** The turn of the event loop that goes on; another number is another turn. Time stands still in it, as for timers. */
export const turn: { id: number } = { id: 1 }

const ends: (() => void)[] = []

/** Runs a function when this turn is over. */
export function atEndOfTurn(run: () => void): void {
  if (ends.length === 0) setImmediate(endTurn)
  ends.push(run)
}

/** Ends the turn early, for who needs to see what would be done at its end. */
export function endTurn(): void {
  turn.id += 1
  for (const run of ends.splice(0)) run()
}
