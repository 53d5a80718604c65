/** The command line, or what stands in for it, cannot work as given: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Ctrl-C at a prompt, where the terminal sends a character instead of a signal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
