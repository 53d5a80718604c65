import { randomUUID } from 'node:crypto'
import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const stages = async (name = 'n') => (await h.ok('DescribeSecret', { SecretId: name })).VersionIdsToStages
const move = (VersionStage: string, ids: { from?: string | undefined; to?: string | undefined }) => ({
  SecretId: 'n',
  VersionStage,
  RemoveFromVersionId: ids.from,
  MoveToVersionId: ids.to,
})

describe('labels after a write', () => {
  test('a put without stages moves AWSCURRENT, and AWSPREVIOUS after it', async () => {
    const v1 = await h.create('n')
    const v2 = await h.put('n', 'v2')
    expect(await stages()).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT'] })
    const v3 = await h.put('n', 'v3')
    expect(await stages()).toEqual({ [v2]: ['AWSPREVIOUS'], [v3]: ['AWSCURRENT'] })
  })

  test('a put with other stages leaves AWSCURRENT; a version that loses its last label is deprecated', async () => {
    const v1 = await h.create('n')
    const v2 = await h.put('n', 'v2', ['ONE', 'TWO'])
    expect(await stages()).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['ONE', 'TWO'] })
    const v3 = await h.put('n', 'v3', ['TWO', 'ONE'])
    expect(await stages()).toEqual({ [v1]: ['AWSCURRENT'], [v3]: ['ONE', 'TWO'] })
    expect((await h.ok('GetSecretValue', { SecretId: 'n', VersionId: v2 })).VersionStages).toBeUndefined()
  })

  test('stages come sorted', async () => {
    await h.create('n')
    const body = { SecretId: 'n', SecretString: 'x', ClientRequestToken: randomUUID() }
    const answer = await h.ok('PutSecretValue', { ...body, VersionStages: ['one', 'two', 'three', 'four'] })
    expect(answer.VersionStages).toEqual(['four', 'one', 'three', 'two'])
  })

  test('custom labels stay when AWSCURRENT leaves', async () => {
    const v1 = await h.create('n')
    const v2 = await h.put('n', 'v2', ['AWSCURRENT', 'AWSSOMETHING', 'PUT1'])
    const v3 = await h.put('n', 'v3')
    expect(await stages()).toEqual({ [v2]: ['AWSPREVIOUS', 'AWSSOMETHING', 'PUT1'], [v3]: ['AWSCURRENT'] })
    expect(v1).not.toBe(v2)
  })

  test.each(['PutSecretValue', 'UpdateSecret'])(
    '%s of a new current version gives up a pending one',
    async (operation) => {
      const v1 = await h.create('n')
      await h.put('n', 'v2', ['AWSPENDING'])
      const token = randomUUID()
      await h.ok(operation, { SecretId: 'n', SecretString: 'v3', ClientRequestToken: token })
      expect(await stages()).toEqual({ [v1]: ['AWSPREVIOUS'], [token]: ['AWSCURRENT'] })
    },
  )

  test('a pending version that was made current by hand keeps both labels until the next write', async () => {
    const v1 = await h.create('n')
    const v2 = await h.put('n', 'v2', ['AWSPENDING'])
    await h.client.send(new UpdateSecretVersionStageCommand(move('AWSCURRENT', { from: v1, to: v2 })))
    expect(await stages()).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT', 'AWSPENDING'] })
    const v3 = await h.put('n', 'v3')
    expect(await stages()).toEqual({ [v2]: ['AWSPREVIOUS'], [v3]: ['AWSCURRENT'] })
  })
})

describe('UpdateSecretVersionStage', () => {
  test('rolls back: the version that AWSCURRENT leaves becomes AWSPREVIOUS', async () => {
    const v1 = await h.create('n')
    const v2 = await h.put('n', 'v2')
    await h.ok('UpdateSecretVersionStage', move('AWSCURRENT', { from: v2, to: v1 }))
    expect(await stages()).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['AWSPREVIOUS'] })
  })

  test('adds, moves and removes a label of its own without touching the others', async () => {
    const v1 = await h.create('n')
    const v2 = await h.put('n', 'v2')
    await h.ok('UpdateSecretVersionStage', move('MINE', { to: v1 }))
    await h.ok('UpdateSecretVersionStage', move('MINE', { to: v1 }))
    expect((await stages())[v1]).toEqual(['AWSPREVIOUS', 'MINE'])
    await h.ok('UpdateSecretVersionStage', move('MINE', { from: v1, to: v2 }))
    expect(await stages()).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT', 'MINE'] })
    await h.ok('UpdateSecretVersionStage', move('MINE', { from: v2 }))
    expect(await stages()).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT'] })
  })

  test('refuses a move whose origin is missing or wrong, and the removal of AWSCURRENT', async () => {
    const v1 = await h.create('n')
    const v2 = await h.put('n', 'v2')
    const v3 = await h.put('n', 'v3', ['X'])
    const cases: [object, string, RegExp][] = [
      [
        move('AWSCURRENT', { to: v3 }),
        'InvalidParameterException',
        new RegExp(
          `^The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${v2}, so`,
        ),
      ],
      [
        move('AWSCURRENT', { from: v1, to: v3 }),
        'InvalidParameterException',
        /must be set to the version that currently/,
      ],
      [
        move('NEW', { from: v1, to: v3 }),
        'InvalidParameterException',
        /must be set to the version that currently/,
      ],
      [move('AWSCURRENT', { from: v2 }), 'InvalidParameterException', /only move staging label AWSCURRENT/],
      [move('X', {}), 'InvalidParameterException', /RemoveFromVersionId or a MoveToVersionId/],
      [move('X', { from: v3, to: randomUUID() }), 'ResourceNotFoundException', /secret value for VersionId/],
    ]
    const before = await stages()
    for (const [body, code, text] of cases) {
      const [status, gotCode, gotText] = await h.refused('UpdateSecretVersionStage', body)
      expect([status, gotCode]).toEqual([400, code])
      expect(gotText).toMatch(text)
    }
    expect(await stages()).toEqual(before)
  })
})

describe('limits of labels', () => {
  test('20 over all versions of a secret', async () => {
    const v1 = await h.create('n')
    await h.put(
      'n',
      'v2',
      Array.from({ length: 19 }, (_, i) => `L${i}`),
    )
    const extra = {
      SecretId: 'n',
      SecretString: 'v3',
      ClientRequestToken: randomUUID(),
      VersionStages: ['L20'],
    }
    expect((await h.refused('PutSecretValue', extra)).slice(0, 2)).toEqual([400, 'LimitExceededException'])
    expect((await h.refused('UpdateSecretVersionStage', move('L20', { to: v1 })))[1]).toBe(
      'LimitExceededException',
    )
    expect(
      (await h.ok('ListSecretVersionIds', { SecretId: 'n', IncludeDeprecated: true })).Versions,
    ).toHaveLength(2)
    await h.put('n', 'v3', ['L0'])
  })

  test.each([
    [[], 'Value at'],
    [Array.from({ length: 21 }, (_, i) => `L${i}`), 'less than or equal to 20'],
    [[''], "Value '' at 'versionStages.1.member'"],
    [['x'.repeat(257)], 'less than or equal to 256'],
  ])('the list in one call: case %#', async (VersionStages, text) => {
    await h.create('n')
    const body = { SecretId: 'n', SecretString: 'x', ClientRequestToken: randomUUID(), VersionStages }
    const [status, code, message] = await h.refused('PutSecretValue', body)
    expect([status, code]).toEqual([400, 'ValidationException'])
    expect(message).toContain(text)
  })
})

test('whatever is done, a label sits on one version, and AWSCURRENT never disappears', async () => {
  const label = fc.constantFrom('AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING', 'MINE')
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('put' as const),
      stages: fc.option(fc.uniqueArray(label, { minLength: 1 })),
    }),
    fc.record({ kind: fc.constant('move' as const), label, from: fc.nat(5), to: fc.option(fc.nat(5)) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      h.emulator.reset()
      const ids = [await h.create('n')]
      const pick = (index: number | null) => (index === null ? undefined : ids[index % ids.length])
      for (const item of steps) {
        const before = await stages()
        if (item.kind === 'put') ids.push(await h.put('n', `v${ids.length}`, item.stages ?? undefined))
        else {
          const body = move(item.label, { from: pick(item.from), to: pick(item.to) })
          const { status } = await h.raw('UpdateSecretVersionStage', body)
          if (status !== 200) expect(await stages()).toEqual(before)
        }
        const all = Object.values(await stages()).flat()
        expect(new Set(all).size).toBe(all.length)
        expect(all).toContain('AWSCURRENT')
      }
    }),
    { numRuns: 40 },
  )
})
