import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../providers/aws/limits.js'
import { awsNames, isArn, looksWhole, means, nameOf } from '../../providers/aws/names.js'

const arnOf = (name: string): string => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`
const held = fc.stringMatching(/^[A-Za-z0-9/_+=.@-]{1,40}$/)

describe('names on AWS', () => {
  const { encode, decode } = awsNames(undefined, undefined)

  test('what AWS holds is used as it is, unless it looks like an escape', () => {
    fc.assert(
      fc.property(
        held.filter((name) => !/-x([0-9a-f]{2})+-/.test(name)),
        (name) => {
          expect(encode(name)).toBe(name)
        },
      ),
    )
    expect(encode('a-x2f-b')).not.toBe('a-x2f-b')
  })

  test('every name becomes one that AWS holds, and comes back; no two meet', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.string({ unit: 'binary' }),
        (name, other) => {
          expect(encode(name)).toMatch(limits.namePattern)
          expect(decode(encode(name))).toBe(name)
          if (name !== other) expect(encode(name)).not.toBe(encode(other))
        },
      ),
    )
  })

  test('the name in an ARN, with and without its suffix', () => {
    fc.assert(
      fc.property(held, fc.stringMatching(/^[A-Za-z0-9]{6}$/), (name, suffix) => {
        const arn = arnOf(`${name}-${suffix}`)
        expect(nameOf(arn)).toBe(name)
        expect(looksWhole(arn)).toBe(true)
        expect(
          means(arn, { name, arn }) && means(name, { name, arn }) && means(arnOf(name), { name, arn }),
        ).toBe(true)
      }),
    )
    expect(nameOf(arnOf('db'))).toBe('db')
    expect(nameOf('prod/db-AbCdEf')).toBe('prod/db-AbCdEf')
  })

  test('other partitions and kinds of ARN', () => {
    expect(nameOf('arn:aws-cn:secretsmanager:cn-north-1:1:secret:a/b-AbCdEf')).toBe('a/b')
    expect(isArn('arn:aws:ssm:eu-west-1:1:parameter/a')).toBe(false)
    expect(means('db', { name: 'other', arn: arnOf('db-AbCdEf') })).toBe(false)
  })
})

describe('limits', () => {
  test.each(['a', 'Team A', 'käse', '_.:/=+-@', 'laws:x'])('a tag key %j is taken', (key) => {
    expect(limits.tagKeyPattern.test(key)).toBe(true)
  })
  test.each(['', 'aws:x', 'AWS:x', 'a;b', 'a\nb', '{'])('a tag key %j is not', (key) => {
    expect(limits.tagKeyPattern.test(key)).toBe(false)
  })
})
