import type { Readable } from 'node:stream'

/** Everything outside that a command touches: the process in production, fakes in tests. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: Input
  readonly stdout: Sink
  readonly stderr: Sink
  /** Aborted by SIGINT or SIGTERM, with the signal's name as the reason. */
  readonly stop: AbortSignal
}

export type Input = Readable & {
  readonly isTTY?: boolean
  readonly setRawMode?: (raw: boolean) => unknown
}

export interface Sink {
  readonly isTTY?: boolean
  write(chunk: string | Uint8Array): unknown
}

export function processTerminal(stop: AbortSignal): Terminal {
  const { env, stdout, stderr } = process
  return {
    env,
    cwd: process.cwd(),
    stdout,
    stderr,
    stop,
    // A getter: touching stdin opens it, which commands that read nothing need not pay for.
    get stdin() {
      return process.stdin
    },
  }
}
