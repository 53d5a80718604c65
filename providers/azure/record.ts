import { createHash } from 'node:crypto'
import {
  type ProviderContext,
  type ProviderOperations,
  parseJson,
  type RecordState,
  refusal,
  type Tags,
  type WorkflowRecord,
} from 'strongroom/provider'
import { readCurrent } from './current.js'
import { beforeWriting } from './errors.js'
import type { Version } from './history.js'
import type { Vault } from './vault.js'

const revisionTag = 'revision'
const partTag = /^record-\d\d$/
const maxTagLength = 256
const contentType = 'application/vnd.strongroom.record'
const noRecord = 'none'

/**
 * A record lives in the tags of its sibling, whose value is empty: changing tags makes no version. Its revision is its
 * nonce. The service has no fence: between the comparison and the write another writer can slip in.
 */
export function records(vault: Vault): Pick<ProviderOperations, 'readRecord' | 'swapRecord'> {
  return {
    async readRecord({ recordRef }, context) {
      return stateOf(await readCurrent(vault, recordRef, context))
    },
    async swapRecord({ recordRef, record, ifRevision }, context) {
      const current = await beforeWriting(readCurrent(vault, recordRef, context))
      const held = current?.tags?.[revisionTag] ?? noRecord
      if (held !== ifRevision) throw refusal('CONFLICT', 'the record has a newer revision; read it again')
      const revision = record?.nonce ?? tombstoneOf(held)
      await write(vault, recordRef, current, tagsOf(record, revision), context)
      return { revision }
    },
  }
}

async function write(
  vault: Vault,
  name: string,
  current: Version | undefined,
  tags: Tags,
  context: ProviderContext,
): Promise<void> {
  if (current === undefined) await vault.set(name, '', { tags, contentType }, context)
  else await vault.update(name, current.version, { tags }, context)
}

function stateOf(current: Version | undefined): RecordState {
  const tags = current?.tags ?? {}
  const revision = tags[revisionTag] ?? noRecord
  const parts = Object.keys(tags).filter((key) => partTag.test(key))
  if (parts.length === 0) return { revision }
  const text = parts.sort().map((key) => tags[key])
  return { revision, record: parseJson(text.join('')) as unknown as WorkflowRecord }
}

/** JSON in pieces that a tag can hold, never parting a surrogate pair. */
function tagsOf(record: WorkflowRecord | null, revision: string): Tags {
  const parts: string[] = record === null ? [] : ['']
  for (const character of record === null ? '' : JSON.stringify(record)) {
    const last = parts.at(-1) ?? ''
    if (last.length + character.length > maxTagLength) parts.push(character)
    else parts[parts.length - 1] = last + character
  }
  const entries = parts.map((part, index) => [`record-${String(index).padStart(2, '0')}`, part] as const)
  return { [revisionTag]: revision, ...Object.fromEntries(entries) }
}

/** An empty record has no nonce; what follows a revision is as fresh as it. */
function tombstoneOf(revision: string): string {
  return createHash('sha256').update(`empty after ${revision}`).digest('hex')
}
