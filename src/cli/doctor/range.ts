/**
 * Whether a version is in a range of the forms that our package.json uses: `>=20.19`, `^3.723.0`, and several of them
 * joined by `||`. A pre-release counts as its release.
 */
export function satisfies(version: string, range: string): boolean {
  const actual = partsOf(version)
  return range.split('||').some((alternative) => {
    const caret = alternative.trim().startsWith('^')
    const floor = partsOf(alternative.trim().replace(/^(\^|>=)/, ''))
    return isAtLeast(actual, floor) && (!caret || actual[leading(floor)] === floor[leading(floor)])
  })
}

/** The first number that is not 0: a caret holds it fixed. */
function leading(parts: readonly number[]): number {
  const at = parts.findIndex((part) => part !== 0)
  return at === -1 ? 0 : at
}

function isAtLeast(actual: readonly number[], floor: readonly number[]): boolean {
  const at = [0, 1, 2].find((index) => (actual[index] ?? 0) !== (floor[index] ?? 0))
  return at === undefined || (actual[at] ?? 0) > (floor[at] ?? 0)
}

function partsOf(version: string): number[] {
  return version.split(/[.+-]/, 3).map(Number)
}
