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

const wordsOf = (field: string): string[] =>
  field
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

/** Every word of the value begins a word of the fields, in any order. Seen live on descriptions. */
function hasWords(fields: readonly (string | undefined)[], value: string): boolean {
  const words = fields.flatMap((field) => wordsOf(field ?? ''))
  return wordsOf(value).every((wanted) => words.some((word) => word.startsWith(wanted)))
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

/**
 * The secrets that pass every filter. Within one, no value that begins with `!` may match, and one of the others has to
 * if there are any.
 */
export function filterSecrets(
  secrets: readonly Secret[],
  filters: readonly FilterInput[],
): readonly Secret[] {
  const tests = filters.map(({ Key, Values }) => {
    const matches = Key === undefined ? undefined : matchers[Key]
    if (matches === undefined) throw invalidParameter('Invalid filter key')
    if (Values === undefined) throw invalidParameter(`Invalid filter values for key: ${Key}`)
    const refused = Values.filter((value) => value.startsWith('!')).map((value) => value.slice(1))
    const wanted = Values.filter((value) => !value.startsWith('!'))
    return (secret: Secret) =>
      !refused.some((value) => matches(secret, value)) &&
      (wanted.length === 0 || wanted.some((value) => matches(secret, value)))
  })
  return secrets.filter((secret) => tests.every((test) => test(secret)))
}
