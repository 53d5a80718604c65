import { CommanderError } from 'commander'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { painter } from './output.js'
import type { Terminal } from './terminal.js'
import { Interrupted, UsageError } from './usage-error.js'

/**
 * Says on stderr what went wrong and gives the exit code. With `--json` what is said is one JSON line too, so that a
 * program can tell the codes apart.
 */
export async function report(error: unknown, terminal: Terminal, json: boolean): Promise<number> {
  // Help and version arrive as errors of commander, and were printed already.
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
  // Without a command, help was printed on stderr in place of a message.
  if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage
  const { exit, code, message, details } = await explain(error, terminal)
  if (json) {
    terminal.stderr.write(`${JSON.stringify({ error: { code, message, ...details } })}\n`)
  } else {
    const lead = painter(terminal.stderr, terminal.env)('red', 'strongroom:')
    const shown = details === undefined ? '' : ` [${code}]`
    terminal.stderr.write(`${lead} ${message}${shown}\n`)
  }
  return exit
}

interface Explanation {
  readonly exit: number
  readonly code: string
  readonly message: string
  readonly details?: object
}

async function explain(error: unknown, { stop }: Terminal): Promise<Explanation> {
  if (stop.aborted || error instanceof Interrupted) {
    const signal = stop.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT'
    return { exit: exitCodes[signal], code: 'INTERRUPTED', message: 'interrupted' }
  }
  if (error instanceof UsageError) return { exit: exitCodes.usage, code: 'USAGE', message: error.message }
  if (error instanceof CommanderError) {
    const said = error.message.replace(/^error: /, '')
    const hint =
      error.code === 'commander.missingArgument' ? '; strongroom help COMMAND says what it takes' : ''
    return { exit: exitCodes.usage, code: 'USAGE', message: `${said}${hint}` }
  }
  const { SecretError } = await import('strongroom')
  if (SecretError.is(error)) {
    const { code, message, ...details } = error.toJSON()
    return { exit: exitCodeOf[code], code, message, details }
  }
  // The store throws a TypeError for an argument that cannot work; here it came from the command line.
  if (error instanceof TypeError) return { exit: exitCodes.usage, code: 'USAGE', message: error.message }
  const message = error instanceof Error ? error.message : 'an unknown failure'
  return { exit: exitCodes.failed, code: 'FAILED', message }
}
