import { Readable } from 'node:stream'
import { exitCodes } from '../../src/cli/exit-codes.js'
import { run } from '../../src/cli/program.js'
import type { Input, Terminal } from '../../src/cli/terminal.js'

export interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly bytes: Buffer
}

export interface CommandOptions {
  /** What stands on standard input. Default nothing. */
  readonly input?: string | Uint8Array
  /** A person sits at it: what is typed, character by character. */
  readonly typed?: string
  /** What is typed when the command asks at the keyboard, one answer a question. Default: nobody sits there. */
  readonly answers?: readonly string[]
  /** Stdout is a terminal. Default false. */
  readonly isTerminal?: boolean
  readonly env?: Terminal['env']
  readonly cwd?: string
  readonly stop?: AbortSignal
  /** Told of each chunk on stdout. */
  readonly onOutput?: (chunk: string) => void
}

/** Runs the command in this process on a terminal that is not there. */
export async function strongroom(args: readonly string[], options: CommandOptions = {}): Promise<Answer> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  const answers = [...(options.answers ?? [])]
  const { input = '', typed, isTerminal = false, env = {}, cwd = import.meta.dirname, onOutput } = options
  const terminal: Terminal = {
    env,
    cwd,
    stdin: typed === undefined ? (Readable.from([Buffer.from(input)]) as Input) : keyboard(typed),
    keyboard: () => {
      const answer = answers.shift()
      return answer === undefined ? undefined : keyboard(`${answer}\r`)
    },
    stdout: {
      isTTY: isTerminal,
      write(chunk) {
        out.push(Buffer.from(chunk as string))
        onOutput?.(chunk.toString())
      },
    },
    stderr: { isTTY: isTerminal, write: (chunk) => err.push(Buffer.from(chunk as string)) },
    stop: options.stop ?? new AbortController().signal,
  }
  const code = await run(args, terminal)
  const bytes = Buffer.concat(out)
  return { code, bytes, stdout: bytes.toString(), stderr: Buffer.concat(err).toString() }
}

/** Runs it and insists that it did its work; gives what it printed. */
export async function output(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await strongroom(args, options)
  if (code !== exitCodes.done) throw new Error(`exit ${code}: ${stderr}`)
  return stdout
}

function keyboard(typed: string): Input {
  const characters = Readable.from(typed.split(''), { objectMode: true })
  let isRaw = false
  return Object.assign(characters, {
    isTTY: true,
    setRawMode(raw: boolean) {
      isRaw = raw
    },
    get isRaw() {
      return isRaw
    },
  })
}
