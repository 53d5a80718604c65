import { invalidParameter } from './errors.js'
import type { Secret } from './lookup.js'
import { list, type Member, structure, text } from './members.js'

export interface FilterInput {
  readonly Key?: string
  readonly Values?: readonly string[]
}

type Matcher = (secret: Secret, value: string) => boolean

const hasPrefix = (fields: readonly (string | undefined)[], value: string): boolean =>
  fields.some((field) => field?.startsWith(value))

/**
 * The words of a text in lower case. Within what stands between blanks, one kind of separator cuts, and so does a capital
 * or a digit before small letters (`AppBeta`, `COMPANYthings` as `compan`, `ythings`); where two kinds meet, as in
 * `prod-AppBeta/x`, nothing cuts. Seen live.
 */
function wordsOf(text: string): string[] {
  return text
    .split(/\s+/)
    .flatMap((part) => {
      const [separator, ...others] = new Set(part.match(/[/_+=.@-]/g))
      if (others.length > 0) return [part]
      const pieces = separator === undefined ? [part] : part.split(separator)
      return pieces.flatMap((piece) => piece.split(/([^\p{Ll}]\p{Ll}+)/u))
    })
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

/** Every word of the value begins a word of the fields, in any order; a value without a word matches nothing. */
function hasWords(fields: readonly (string | undefined)[], value: string): boolean {
  const words = fields.flatMap((field) => wordsOf(field ?? ''))
  const wanted = wordsOf(value)
  return wanted.length > 0 && wanted.every((want) => words.some((word) => word.startsWith(want)))
}

const tagKeys = ({ tags = [] }: Secret): string[] => tags.map(({ Key }) => Key)
const tagValues = ({ tags = [] }: Secret): string[] => tags.map(({ Value }) => Value)
const primaryRegion = (secret: Secret): string | undefined =>
  secret.primaryRegion ?? (secret.replicas === undefined ? undefined : secret.region)

const matchers: Readonly<Record<string, Matcher>> = {
  description: (secret, value) => hasWords([secret.description], value),
  name: (secret, value) => hasPrefix([secret.name], value),
  'tag-key': (secret, value) => hasPrefix(tagKeys(secret), value),
  'tag-value': (secret, value) => hasPrefix(tagValues(secret), value),
  'primary-region': (secret, value) => hasPrefix([primaryRegion(secret)], value),
  'owning-service': () => false,
  all: (secret, value) =>
    hasWords(
      [secret.name, secret.description, primaryRegion(secret), ...tagKeys(secret), ...tagValues(secret)],
      value,
    ),
}

export const filterList: Member<readonly FilterInput[]> = list(
  structure({
    Key: text({ oneOf: Object.keys(matchers) }),
    Values: list(text({ max: 512, pattern: /^!?[a-zA-Z0-9 :_@/+=.\-!]*$/ }), 1, 10),
  }),
  0,
  10,
)

/** The secrets that pass every filter: that match one of its values, or fail to match one that begins with `!`. */
export function filterSecrets(
  secrets: readonly Secret[],
  filters: readonly FilterInput[],
): readonly Secret[] {
  const tests = filters.map(({ Key, Values }) => {
    const matches = Key === undefined ? undefined : matchers[Key]
    if (matches === undefined) throw invalidParameter('Invalid filter key')
    if (Values === undefined) throw invalidParameter(`Invalid filter values for key: ${Key}`)
    return (secret: Secret) =>
      Values.some((value) =>
        value.startsWith('!') ? !matches(secret, value.slice(1)) : matches(secret, value),
      )
  })
  return secrets.filter((secret) => tests.every((test) => test(secret)))
}
