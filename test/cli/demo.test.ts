import type { Emulators } from 'strongroom/emulators'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type Answer, strongroom } from './fake-terminal.js'

const started: Emulators[] = []
vi.mock('strongroom/emulators', async (load) => {
  const actual = await load<typeof import('strongroom/emulators')>()
  return {
    ...actual,
    startEmulators: async () => {
      const cloud = await actual.startEmulators()
      started.push(cloud)
      return cloud
    },
  }
})

interface Shown {
  readonly says: string
  readonly result: string
  readonly requests: Readonly<Record<string, number>>
}

let answer: Answer
let chapters: Shown[][]

beforeAll(async () => {
  answer = await strongroom(['demo'])
  chapters = answer.stdout.split(/\n\n(?=\S)/).flatMap((part) => {
    const steps = stepsOf(part)
    return steps.length === 0 ? [] : [steps]
  })
})

function stepsOf(chapter: string): Shown[] {
  return chapter.split('\n\n').flatMap((part) => {
    const [, says, result, requests] = /^ {2}(\S.*)\n {4}.*\n {4}→ (.*)\n {6}requests: (.*)$/.exec(part) ?? []
    if (says === undefined || result === undefined || requests === undefined) return []
    const counts = requests === 'none' ? [] : requests.split(', ').map((each) => each.split(' '))
    return [
      { says, result, requests: Object.fromEntries(counts.map(([name, count]) => [name, Number(count)])) },
    ]
  })
}

function step(beginning: string): Shown {
  const found = chapters.flat().filter(({ says }) => says.startsWith(beginning))
  if (found[0] === undefined || found.length > 1) throw new Error(`no one step says: ${beginning}`)
  return found[0]
}

describe('the demo', () => {
  it('ends well, with nothing to say on stderr', () => {
    expect(answer).toMatchObject({ code: 0, stderr: '' })
    expect(chapters.map((steps) => steps.length)).toEqual([10, 4, 4, 3])
  })

  it('shows every request that the emulators counted, and no other', () => {
    const [cloud] = started
    for (const [index, service] of (['aws', 'azure', 'gcp', 'vault'] as const).entries()) {
      const total: Record<string, number> = {}
      for (const { requests } of chapters[index] ?? []) {
        for (const [name, count] of Object.entries(requests)) total[name] = (total[name] ?? 0) + count
      }
      expect(total).toEqual(cloud?.[service].calls)
    }
  })

  it.each([
    ['Read it. Printing', { GetSecretValue: 1 }],
    ['Read it again: the cache answers, nothing is sent.', {}],
    ['A store that may touch app/** only.', {}],
    ['AWS throttles twice.', { GetSecretValue: 3 }],
    ['Delete it. Google has no trash', {}],
    ['What a backend cannot do is data, known before anything is sent.', {}],
  ])('%s', (beginning, requests) => {
    expect(step(beginning).requests).toEqual(requests)
  })

  it('shows what it says', () => {
    expect(step('Read it. Printing').result).toMatch(
      /^console\.log\(stripe\) prints Secret\(stripe, version [\w-]+\) · stripe\.value is sk_test_1$/,
    )
    expect(step('Change it, on the').result).toContain('a read gives sk_test_2')
    expect(step('A second writer').result).toContain('SecretError CONFLICT')
    expect(step('Look at the history').result).toMatch(/^\w{8} current · \w{8} previous$/)
    expect(step('Roll back, on the condition').result).toBe('a read gives sk_test_1 again')
    expect(step('A store that may').result).toContain('SecretError PERMISSION_DENIED')
    expect(step('AWS throttles').result).toContain('gives sk_test_1')
    expect(step('AWS goes down').result).toBe('after 15 minutes a read gives sk_test_1, stripe.stale is true')
    expect(step('Store a value under a path').result).toContain('prod-x2f-db')
    expect(step('Store two values.').result).toBe('2 current · 1 previous')
    expect(step('Switch the newest off.').result).toContain('SecretError DISABLED')
    expect(step('A reader that wants').result).toBe('version 1: key-1')
    expect(step('Delete it. Google').result).toContain('SecretError UNSUPPORTED')
    expect(step('Store an object.').result).toBe('version 1')
    expect(step('Change it, if version 1').result).toBe('2 current · 1 previous')
    expect(step('Delete it. Vault').result).toBe(
      'in between a read gives PENDING_DELETION; the field password is pw-2 again',
    )
    expect(step('Change it and look').result).toMatch(/^\w{8} current · \w{8} previous$/)
    expect(step('Roll back. Azure').result).toContain('pw-1 again')
  })
})
