/** The fields that an options type has, spelled out: the compiler refuses a list that is not complete. */
export type Fields<T> = { readonly [K in keyof Required<T>]: true }

/**
 * Refuses what is no object of options, and a field that is none of them: a misspelt `ifVersion` would be a fence that
 * is not there.
 *
 * @throws {TypeError} naming the field, and those that there are.
 */
export function checkFields<T extends object>(where: string, options: T, fields: Fields<T>): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${where}: options must be an object`)
  for (const field of Object.keys(options)) {
    if (Object.hasOwn(fields, field)) continue
    const known = Object.keys(fields).join(', ')
    throw new TypeError(`${where}: there is no option ${JSON.stringify(field)}; there are ${known}`)
  }
}
