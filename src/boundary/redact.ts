import type { SecretValue } from '../secret.js'

/** Values this short are found by chance; a text beside them is dropped whole. */
const minNeedleBytes = 8
const maxTextLength = 300

/**
 * The one redactor: a service's sentence without the values in flight, in any of the forms in which services echo
 * them, cut at 300 characters. `undefined` when a value is too short to look for.
 */
export function scrub(text: string, values: readonly SecretValue[]): string | undefined {
  if (values.some((value) => value.byteLength > 0 && value.byteLength < minNeedleBytes)) return undefined
  const longestFirst = values.flatMap(formsOf).sort((left, right) => right.length - left.length)
  const clean = longestFirst.reduce((rest, needle) => rest.replaceAll(needle, '[redacted]'), text)
  return clean.length > maxTextLength ? `${clean.slice(0, maxTextLength)}…` : clean
}

/** Whether a text holds a value in flight, in any form. Values that are found by chance are not looked for. */
export function mentions(text: string, values: readonly SecretValue[]): boolean {
  const long = values.filter((value) => value.byteLength >= minNeedleBytes)
  return long.flatMap(formsOf).some((form) => text.includes(form))
}

/** Every form in which a value may appear in a text: raw, escaped, base64 at any alignment, hex, bytes in decimal. */
export function formsOf(value: SecretValue): string[] {
  const bytes = Buffer.from(value.bytes())
  const forms = [
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    bytes.join(','),
    bytes.join(', '),
  ]
  for (const alignment of [0, 1, 2]) {
    const base64 = alignedBase64(bytes, alignment)
    forms.push(base64, base64.replaceAll('+', '-').replaceAll('/', '_'))
  }
  if (value.kind !== 'binary') {
    const text = value.text()
    const encoded = encodeURIComponent(text)
    // gRPC decodes a status message as a whole URI, which leaves the characters that divide one encoded.
    forms.push(text, text.trim(), encoded, decodeURI(encoded), JSON.stringify(text).slice(1, -1))
  }
  return forms.filter((form) => form !== '')
}

/** The characters of base64 that depend on these bytes alone when `alignment` unknown bytes stand before them. */
function alignedBase64(bytes: Buffer, alignment: number): string {
  const padded = Buffer.concat([Buffer.alloc(alignment), bytes])
  const start = alignment === 0 ? 0 : alignment + 1
  return padded.toString('base64').slice(start, Math.floor((padded.byteLength * 8) / 6))
}
