import type { Layer } from '../layer.js'

/** What a store has when nothing else is asked for: safe defaults, in their order. */
export function defaultLayers(): readonly Layer[] {
  return []
}
