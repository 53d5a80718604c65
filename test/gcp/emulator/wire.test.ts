import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { type Field, isMessage, type MessageType } from '../../../providers/gcp/emulator/descriptor.js'
import { fromJson, toJson } from '../../../providers/gcp/emulator/json-form.js'
import { rpcs } from '../../../providers/gcp/emulator/rpcs.js'
import { secret, status } from '../../../providers/gcp/emulator/types.js'
import { decode, encode, MalformedMessage } from '../../../providers/gcp/emulator/wire.js'
import { methodOf, official, rpcStatus } from './oracle.js'

const wellKnown: Readonly<Record<string, string>> = {
  timestamp: 'Timestamp',
  duration: 'Duration',
  mask: 'FieldMask',
}

/** A description of a type that two descriptors must agree on. */
function described(type: MessageType): unknown {
  return Object.fromEntries(
    Object.entries(type.fields).map(([name, field]: [string, Field]) => [
      name,
      [
        field.id,
        field.label,
        typeof field.type === 'string'
          ? (wellKnown[field.type] ?? field.type)
          : isMessage(field.type)
            ? described(field.type)
            : field.type.values,
      ],
    ]),
  )
}

function describedOfficially(type: protobuf.Type): unknown {
  return Object.fromEntries(
    type.fieldsArray.map((field) => {
      field.resolve()
      const { resolvedType } = field
      const label = field.map ? 'map' : field.repeated ? 'list' : 'single'
      const inner =
        resolvedType === null
          ? field.type
          : resolvedType instanceof protobuf.Enum
            ? resolvedType.values
            : Object.values(wellKnown).includes(resolvedType.name)
              ? resolvedType.name
              : describedOfficially(resolvedType)
      return [protobuf.util.camelCase(field.name), [field.id, label, inner]]
    }),
  )
}

test('there is every method of the service, and no other', () => {
  const service = official.lookupService('google.cloud.secretmanager.v1.SecretManagerService')
  const ours = rpcs.filter((rpc) => rpc.service === service.fullName.slice(1)).map(({ name }) => name)
  expect(ours.sort()).toEqual(Object.keys(service.methods).sort())
})

describe.each(rpcs.map((rpc) => [rpc.name, rpc] as const))('%s', (name, rpc) => {
  test('takes and gives what the official descriptor says, to the last field', () => {
    const { path, request, response } = methodOf(name)
    expect(`/${rpc.service}/${rpc.name}`).toBe(path)
    expect(described(rpc.request)).toEqual(describedOfficially(request))
    expect(described(rpc.response)).toEqual(describedOfficially(response))
  })
})

test('an error has the fields of google.rpc.Status', () => {
  expect(described(status)).toEqual(describedOfficially(rpcStatus.lookupType('google.rpc.Status')))
})

const official_secret = official.lookupType('google.cloud.secretmanager.v1.Secret')
const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const ms = fc.integer({ min: -62_000_000_000, max: 4_000_000_000 }).map((seconds) => seconds * 1_000 + 0.25)
const texts = fc.dictionary(text, text, { maxKeys: 4 })
const anySecret = fc.record(
  {
    name: text,
    labels: texts,
    annotations: texts,
    versionAliases: fc.dictionary(text, fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n })),
    topics: fc.array(fc.record({ name: text.filter((one) => one !== '') })),
    createTime: ms,
    etag: text,
    secretType: fc.constantFrom('CERTIFICATE', 'OTHER'),
    versionDestroyTtl: ms.map(Math.abs),
    replication: fc.constantFrom(
      { automatic: {} },
      { userManaged: { replicas: [{ location: 'us-east1' }, { location: 'europe-west1' }] } },
    ),
  },
  { requiredKeys: [] },
)

test.each([
  [2n ** 63n - 1n, 'ffffffffffffffff7f'],
  [-(2n ** 63n), '80808080808080808001'],
  [-1n, 'ffffffffffffffffff01'],
  [2n ** 53n + 1n, '8180808080808010'],
])('the number %s keeps its 64 bits', (number, hex) => {
  const bytes = encode(secret, { versionAliases: { a: number } })
  expect(bytes.toString('hex').endsWith(hex)).toBe(true)
  expect(decode(secret, bytes)).toEqual({ versionAliases: { a: number } })
})

describe('against another codec', () => {
  test('what is written is read the same by both, in both forms', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(anySecret, (message) => {
        const bytes = encode(secret, message)
        const theirs = official_secret.decode(bytes)
        const json = toJson(secret, message, { enumsAsNumbers: false })
        expect(official_secret.toJson(theirs)).toEqual(json)
        expect(decode(secret, Buffer.from(official_secret.encode(theirs).finish()))).toEqual(
          fromJson(secret, json),
        )
      }),
    )
  })

  test('bytes at random are a message, or refused as none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decode(secret, Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('a message cut anywhere, or with a byte changed, is read or refused, and nothing else', () => {
    fc.assert(
      fc.property(anySecret, fc.nat(), fc.nat(255), (message, place, byte) => {
        const bytes = encode(secret, message)
        const damaged = Buffer.from(bytes)
        if (damaged.length > 0) damaged[place % damaged.length] = byte
        for (const one of [bytes.subarray(0, place % (bytes.length + 1)), damaged]) {
          try {
            decode(secret, one)
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedMessage)
          }
        }
      }),
    )
  })
})
