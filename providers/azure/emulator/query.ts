import type { EmulatorRequest } from 'strongroom/testing'

/** A parameter of the query, whatever the case of its name; `null` when it is not there. */
export function parameterOf({ query }: EmulatorRequest, name: string): string | null {
  for (const [key, value] of query) if (key.toLowerCase() === name) return value
  return null
}
