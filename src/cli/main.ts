#!/usr/bin/env node
import { exitCodes } from './exit-codes.js'
import { run } from './program.js'
import { processTerminal } from './terminal.js'

// Each run of the command would carry the AWS SDK's notice about Node 20; `doctor` says it once.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'

// A reader that has seen enough (`| head -1`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(exitCodes.done)
})

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(exitCodes[signal])
    stopping.abort(signal)
  })
}

run(process.argv.slice(2), processTerminal(stopping.signal)).then((code) => {
  process.exitCode = code
  process.stdin.unref?.()
})
