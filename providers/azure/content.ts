import { refusal, SecretValue } from 'strongroom/provider'

type ValueKind = SecretValue['kind']

/** The content type that tells each kind; text has none. */
const ownTypes: { readonly [K in ValueKind]: string | undefined } = {
  text: undefined,
  json: 'application/json',
  binary: 'application/octet-stream;encoding=base64',
}

/** A vault keeps strings: bytes are base64, under a content type of their own. */
export function encodeValue(value: SecretValue): string {
  return value.kind === 'binary' ? Buffer.from(value.bytes()).toString('base64') : value.text()
}

/**
 * @throws `UNAVAILABLE` for an answer without a value, `INVALID_VALUE` for one whose content type promises base64 and
 *   which is something else.
 */
export function decodeValue(value: string | undefined, contentType: string | undefined): SecretValue {
  if (typeof value !== 'string') throw refusal('UNAVAILABLE', 'the answer carries no value')
  const kind = kindOf(contentType)
  if (kind === 'text') return SecretValue.text(value)
  if (kind === 'json') return SecretValue.jsonText(value)
  const bytes = Buffer.from(value, 'base64')
  if (bytes.toString('base64') !== value) {
    throw refusal(
      'INVALID_VALUE',
      `the content type is ${ownTypes.binary}, and the value is not base64; correct one of them in the vault`,
    )
  }
  return SecretValue.binary(bytes)
}

/** The content type for a new version: the one that the secret had, as long as it reads as this kind. */
export function contentTypeFor(kind: ValueKind, had: string | undefined): string | undefined {
  return kindOf(had) === kind ? had : ownTypes[kind]
}

function kindOf(contentType: string | undefined): ValueKind {
  const plain = (contentType ?? '').toLowerCase().replaceAll(/\s/g, '')
  if (plain === ownTypes.binary) return 'binary'
  const [media = ''] = plain.split(';')
  return media === ownTypes.json || media.endsWith('+json') ? 'json' : 'text'
}
