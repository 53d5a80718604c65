import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.close())

const password = async (body: object = {}): Promise<string> =>
  (await h.ok('GetRandomPassword', body)).RandomPassword
const types = {
  ExcludeLowercase: /[a-z]/,
  ExcludeUppercase: /[A-Z]/,
  ExcludeNumbers: /[0-9]/,
  ExcludePunctuation: /[!-/:-@[-`{-~]/,
}

test('has 32 characters with one of each type, no space, and is never the same', async () => {
  const [one, two] = [await password(), await password()]
  expect(one).toHaveLength(32)
  for (const type of Object.values(types)) expect(one).toMatch(type)
  expect(one).toMatch(/^[!-~]+$/)
  expect(one).not.toBe(two)
  expect(Object.keys(await h.ok('GetRandomPassword'))).toEqual(['RandomPassword'])
})

test('keeps every exclusion at every length', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        PasswordLength: fc.integer({ min: 4, max: 200 }),
        ExcludeCharacters: fc.string({ maxLength: 20 }),
        ExcludeLowercase: fc.boolean(),
        ExcludeUppercase: fc.boolean(),
        ExcludeNumbers: fc.boolean(),
      }),
      async (body) => {
        const made = await password(body)
        expect(made).toHaveLength(body.PasswordLength)
        expect([...made].filter((character) => body.ExcludeCharacters.includes(character))).toEqual([])
        for (const [name, type] of Object.entries(types)) {
          if (name in body && body[name as keyof typeof body] === true) expect(made).not.toMatch(type)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('spaces come only when asked for, and types only as required', async () => {
  const only = {
    ExcludeLowercase: true,
    ExcludeUppercase: true,
    ExcludeNumbers: true,
    ExcludePunctuation: true,
  }
  expect(await password({ ...only, IncludeSpace: true, PasswordLength: 3 })).toBe('   ')
  expect(await password({ ...only, ExcludeNumbers: false, PasswordLength: 5 })).toMatch(/^\d{5}$/)
  expect(await password({ PasswordLength: 1, RequireEachIncludedType: false })).toHaveLength(1)
  expect(await password({ ExcludeCharacters: '0123456789', RequireEachIncludedType: false })).not.toMatch(
    /\d/,
  )
  expect(await password({ PasswordLength: 4096 })).toHaveLength(4096)
})

test.each([
  [{ PasswordLength: 3 }, 'InvalidParameterException', 'too short based on the required types'],
  [{ PasswordLength: 0 }, 'ValidationException', 'greater than or equal to 1'],
  [
    { PasswordLength: 4097 },
    'ValidationException',
    "Value '4097' at 'passwordLength' failed to satisfy constraint: Member must have value less than or equal to 4096",
  ],
  [{ ExcludeCharacters: 'x'.repeat(4097) }, 'ValidationException', 'less than or equal to 4096'],
  [
    { ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true },
    'InvalidParameterException',
    'All characters have been excluded from selection',
  ],
  [
    { ExcludeCharacters: '0123456789' },
    'InvalidParameterException',
    'All characters of the desired type have been excluded',
  ],
])('%j is refused', async (body, code, text) => {
  const [status, gotCode, gotText] = await h.refused('GetRandomPassword', body)
  expect([status, gotCode]).toEqual([400, code])
  expect(gotText).toContain(text)
})
