import { type ProviderOperation, refusal, type Tags } from 'strongroom/provider'
import { limits } from './limits.js'
import type { Service } from './service.js'
import { changeSecret } from './update.js'

const maxLabelBytes = 128

/** GetSecret, UpdateSecret under its etag: labels that others change meanwhile are not lost. */
export function tagOperation(service: Service): ProviderOperation<'tag'> {
  return async ({ ref, set, remove }, { signal }) => {
    checkTags(set)
    await changeSecret(service, service.secretOf(ref), signal, ({ labels }) => {
      const kept = Object.entries(labels).filter(([key]) => !remove.includes(key))
      const next = { ...Object.fromEntries(kept), ...set }
      checkTags(next)
      return { labels: next }
    })
    return undefined
  }
}

/** @throws {SecretError} `INVALID_VALUE` for what labels do not hold, beside what `limits` says. */
export function checkTags(tags: Tags): void {
  const problem = labelProblem(tags)
  if (problem !== undefined) throw refusal('INVALID_VALUE', `tags: ${problem}`)
}

export function labelProblem(labels: Tags): string | undefined {
  const entries = Object.entries(labels)
  if (entries.length > limits.maxTags) {
    return `there would be ${entries.length}; a secret holds ${limits.maxTags}`
  }
  const wrong = entries.find(([key, value]) => !isLabel(key, value))
  if (wrong === undefined) return undefined
  const shown = JSON.stringify(wrong[0])
  return `the label ${shown} is none: lower-case letters, digits, - and _, a letter first, at most ${limits.maxTagKeyLength} characters and ${maxLabelBytes} bytes each`
}

function isLabel(key: string, value: string): boolean {
  return (
    limits.tagKeyPattern.test(key) &&
    limits.tagValuePattern.test(value) &&
    [...key].length <= limits.maxTagKeyLength &&
    [...value].length <= limits.maxTagValueLength &&
    Buffer.byteLength(key) <= maxLabelBytes &&
    Buffer.byteLength(value) <= maxLabelBytes
  )
}
