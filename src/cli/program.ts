import { Command } from 'commander'
import { completionCommand } from './commands/completion.js'
import { demoCommand } from './commands/demo.js'
import { doctorCommand } from './commands/doctor.js'
import { emulateCommand } from './commands/emulate.js'
import { getCommand } from './commands/get.js'
import { listCommand } from './commands/list.js'
import { putCommand } from './commands/put.js'
import { versionsCommand } from './commands/versions.js'
import { exitCodes } from './exit-codes.js'
import { report } from './failure.js'
import { packageVersion } from './package.js'
import type { Terminal } from './terminal.js'

/** Runs one command line to its end and gives the exit code. Never rejects. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.done
  const program = createProgram(terminal, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, terminal, args.includes('--json'))
  }
}

/** Ends a command that did its work with a code other than 0. */
export type SetExitCode = (code: number) => void

/** The tree of commands. Each loads the library only when it runs. */
export function createProgram(terminal: Terminal, setExitCode: SetExitCode): Command {
  const program = new Command('strongroom')
    .description('One store of secrets over many clouds: read, write, emulate.')
    .version(packageVersion(), '--version', 'print the version')
    .enablePositionalOptions()
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
  const commands = [
    getCommand(terminal),
    putCommand(terminal),
    listCommand(terminal),
    versionsCommand(terminal),
    emulateCommand(terminal),
    demoCommand(terminal),
    doctorCommand(terminal, setExitCode),
    completionCommand(terminal, program),
  ]
  for (const command of commands) program.addCommand(command)
  for (const command of [program, ...commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      // Said once, by report().
      outputError: () => {},
    })
  }
  return program.addHelpText('after', exitCodeHelp)
}

const exitCodeHelp = `
Exit codes: 0 done · 1 failed · 2 usage · 3 not found · 4 denied or unauthenticated · 5 conflict or blocked ·
6 unavailable or throttled · 7 found something · 130 interrupted
`
