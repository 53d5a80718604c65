import { invalidArgument } from './errors.js'
import { camelCase } from './json-form.js'

/** The paths of a field mask in the spelling of JSON, each once. @throws {GcpError} for an empty mask. */
export function readMask(paths: readonly string[] = []): readonly string[] {
  const names = new Set(paths.map((path) => camelCase(path.trim())))
  names.delete('etag')
  names.delete('name')
  if (names.size === 0) throw invalidArgument('The field mask update_mask must name at least one field.')
  return [...names]
}
