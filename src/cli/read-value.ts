import { addAbortSignal } from 'node:stream'
import type { Input, Terminal } from './terminal.js'
import { Interrupted, UsageError } from './usage-error.js'

/** The value of a put: all of standard input, or one hidden line where a person sits at it. */
export async function readValue(terminal: Terminal, question: string): Promise<Buffer> {
  const { stdin, stop } = terminal
  if (stdin.isTTY === true) return askHidden(stdin, terminal, question)
  const chunks: Buffer[] = []
  for await (const chunk of addAbortSignal(stop, stdin)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

const enter = new Set(['\r', '\n'])
const erase = new Set(['\b', '\x7f'])
const eraseLine = '\x15'
const interrupt = '\x03'
const endOfInput = '\x04'

/** Reads one line without showing it. */
export async function askHidden(
  keyboard: Input,
  { stderr, stop }: Terminal,
  question: string,
): Promise<Buffer> {
  if (keyboard.setRawMode === undefined)
    throw new UsageError('this terminal cannot hide what is typed; use a pipe')
  stderr.write(question)
  keyboard.setRawMode(true)
  keyboard.setEncoding('utf8')
  try {
    let typed: string[] = []
    for await (const chunk of addAbortSignal(stop, keyboard)) {
      for (const character of chunk as string) {
        if (enter.has(character) || character === endOfInput) return Buffer.from(typed.join(''))
        if (character === interrupt) throw new Interrupted()
        else if (erase.has(character)) typed.pop()
        else if (character === eraseLine) typed = []
        else typed.push(character)
      }
    }
    return Buffer.from(typed.join(''))
  } finally {
    keyboard.setRawMode(false)
    stderr.write('\n')
  }
}
