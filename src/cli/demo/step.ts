import type { Emulators } from 'strongroom/emulators'
import type { Emulator } from 'strongroom/testing'
import type { SecretStore } from '../../store.js'

/** What a step works with. */
export interface Stage {
  readonly cloud: Emulators
  readonly emulator: Emulator
  /** Opened by URL, with the default layers, on the clock of the emulators. */
  readonly store: SecretStore
  /** Versions that earlier steps made, oldest first. */
  readonly versions: string[]
}

/** One line of the demo: what is done, in words and in code, and what came of it. */
export interface Step {
  readonly says: string
  readonly code: string
  /** Does what `code` says; gives the line that a reader should see. */
  readonly run: (stage: Stage) => Promise<string>
}

/** Part of the demo: one cloud. */
export interface Chapter {
  readonly service: keyof Omit<Emulators, 'clock' | 'close' | symbol>
  readonly title: string
  readonly steps: readonly Step[]
}

/** What a step that must fail failed with, as a line. */
export async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const { SecretError } = await import('strongroom')
  try {
    await attempt
  } catch (error) {
    if (!SecretError.is(error)) throw error
    return `SecretError ${error.code}: ${error.message}`
  }
  throw new Error('the demo expected a refusal and got an answer')
}

/** The history of a name, newest first, with short version ids. */
export async function historyOf(store: SecretStore, name: string): Promise<string> {
  const lines: string[] = []
  for await (const { version, stages } of store.versions(name)) {
    lines.push(`${version.slice(0, 8)} ${stages.join(', ') || 'older'}`)
  }
  return lines.join(' · ')
}
