import { invalidParameter } from './errors.js'
import { flag, integer, text } from './members.js'
import { type Operation, operation } from './operation.js'

const lower = 'abcdefghijklmnopqrstuvwxyz'
const upper = lower.toUpperCase()
const digits = '0123456789'
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

export const getRandomPassword: Operation = operation(
  {
    PasswordLength: integer(1, 4096),
    ExcludeCharacters: text({ max: 4096 }),
    ExcludeNumbers: flag(),
    ExcludePunctuation: flag(),
    ExcludeUppercase: flag(),
    ExcludeLowercase: flag(),
    IncludeSpace: flag(),
    RequireEachIncludedType: flag(),
  },
  (input, { settings: { randomInt } }) => {
    const { PasswordLength: length = 32, ExcludeCharacters = '', RequireEachIncludedType = true } = input
    const types = [
      input.ExcludeLowercase === true ? '' : lower,
      input.ExcludeUppercase === true ? '' : upper,
      input.ExcludeNumbers === true ? '' : digits,
      input.ExcludePunctuation === true ? '' : punctuation,
    ]
      .filter((type) => type !== '')
      .map((type) => without(type, ExcludeCharacters))
    if (RequireEachIncludedType && types.includes('')) {
      throw invalidParameter('All characters of the desired type have been excluded.')
    }
    const all = types.join('') + (input.IncludeSpace === true ? without(' ', ExcludeCharacters) : '')
    if (all === '') throw invalidParameter('All characters have been excluded from selection.')
    if (RequireEachIncludedType && length < types.length) {
      throw invalidParameter('Password length is too short based on the required types.')
    }
    const pick = (from: string): string => from.charAt(randomInt(from.length))
    const characters = (RequireEachIncludedType ? types : []).map(pick)
    while (characters.length < length) characters.push(pick(all))
    return { RandomPassword: shuffle(characters, randomInt).join('') }
  },
)

function without(type: string, excluded: string): string {
  return [...type].filter((character) => !excluded.includes(character)).join('')
}

function shuffle<T>(items: readonly T[], randomInt: (max: number) => number): T[] {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i -= 1) {
    const j = randomInt(i + 1)
    ;[shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T]
  }
  return shuffled
}
