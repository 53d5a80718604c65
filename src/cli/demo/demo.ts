import type { Emulators } from 'strongroom/emulators'
import type { SecretStore } from '../../store.js'
import { createOutput, type Output } from '../output.js'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'
import { aws } from './aws.js'
import { azure } from './azure.js'
import { gcp } from './gcp.js'
import type { Chapter } from './step.js'
import { vault } from './vault.js'

const chapters: readonly Chapter[] = [aws, azure, gcp, vault]

/** Plays every chapter whose SDK is installed, on emulators in this process. */
export async function demo(terminal: Terminal): Promise<void> {
  const { startEmulators } = await import('strongroom/emulators')
  const output = createOutput(terminal)
  const cloud = await startEmulators()
  try {
    output.line(
      'Everything here runs on this machine: emulators of the services, and the official SDKs that speak to them.',
    )
    let played = 0
    for (const chapter of chapters) played += await play(chapter, cloud, output, terminal.stop)
    if (played === 0)
      throw new UsageError('no SDK is installed, so there was nothing to show; install one of the above')
    output.line('')
    output.line(
      `In a program:  ${output.paint('cyan', "const store = await openStore('aws://eu-west-1/prod')")}`,
    )
    output.line('For a shell:   strongroom emulate, then strongroom put, get, list, versions')
  } finally {
    await cloud.close()
  }
}

/** @returns how many chapters were played: 0 when the SDK is missing. */
async function play(chapter: Chapter, cloud: Emulators, output: Output, stop: AbortSignal): Promise<0 | 1> {
  const { line, paint } = output
  const emulator = cloud[chapter.service]
  line('')
  line(paint('bold', `${chapter.title}  (${emulator.httpUrl ?? emulator.url})`))
  const store = await open(emulator.storeUrl, cloud)
  if (typeof store === 'string') {
    line(`  left out: ${store}`)
    return 0
  }
  const versions: string[] = []
  try {
    for (const { says, code, run } of chapter.steps) {
      stop.throwIfAborted()
      const before = emulator.calls
      line('')
      line(`  ${says}`)
      line(paint('cyan', `    ${code}`))
      const result = await run({ cloud, emulator, store, versions })
      line(`    ${paint('green', '→')} ${result}`)
      line(paint('dim', `      requests: ${difference(before, emulator.calls)}`))
    }
  } finally {
    await store.close()
  }
  return 1
}

/** The store, or why there is none: an SDK that is not installed. */
async function open(url: string, cloud: Emulators): Promise<SecretStore | string> {
  const { openStore, SecretError } = await import('strongroom')
  try {
    return await openStore(url, { now: () => cloud.clock.now() })
  } catch (error) {
    if (!SecretError.is(error) || error.code !== 'CONFIG_INVALID') throw error
    return error.message
  }
}

/** The requests that arrived at the service in between. */
function difference(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): string {
  const counts = Object.entries(after).map(
    ([operation, count]) => [operation, count - (before[operation] ?? 0)] as const,
  )
  const made = counts.filter(([, count]) => count > 0).map(([operation, count]) => `${operation} ${count}`)
  return made.length === 0 ? 'none' : made.join(', ')
}
