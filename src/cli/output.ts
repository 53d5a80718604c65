import { styleText } from 'node:util'
import type { Sink, Terminal } from './terminal.js'

/** The one way out: results on stdout, everything else on stderr. */
export interface Output {
  /** Bytes as they are, without a newline. */
  raw(bytes: Uint8Array): void
  /** A line of the result, for people. */
  line(text: string): void
  /** The result as one JSON document on one line. */
  document(value: unknown): void
  /** Rows for people on a terminal, with a header; elsewhere tab-separated and without one. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): void
  /** Something to know that is not the result: stderr. */
  note(text: string): void
  readonly isTerminal: boolean
  readonly paint: Paint
}

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
export type Paint = (colour: Colour, text: string) => string

export function createOutput(terminal: Terminal): Output {
  const { stdout, stderr, env } = terminal
  const paint = painter(stdout, env)
  const line = (text: string): void => void stdout.write(`${text}\n`)
  return {
    raw: (bytes) => void stdout.write(bytes),
    line,
    document: (value) => line(JSON.stringify(value)),
    table(header, rows) {
      const shown = rows.map((row) => row.map(visible))
      if (stdout.isTTY !== true) {
        for (const row of shown) line(row.join('\t'))
        return
      }
      const widths = header.map((title, at) =>
        Math.max(title.length, ...shown.map((row) => row[at]?.length ?? 0)),
      )
      const aligned = (row: readonly string[]): string =>
        row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()
      line(paint('dim', aligned(header)))
      for (const row of shown) line(aligned(row))
    },
    note: (text) => void stderr.write(`${text}\n`),
    isTerminal: stdout.isTTY === true,
    paint,
  }
}

/** Colour on a terminal that has it, unless NO_COLOR is set to anything. */
export function painter(sink: Sink, env: Terminal['env']): Paint {
  const colourful = sink.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  return (colour, text) => (colourful ? styleText(colour, text, { validateStream: false }) : text)
}

/** Names and tags come from elsewhere: none of them may move the cursor or forge a line. */
export function visible(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
