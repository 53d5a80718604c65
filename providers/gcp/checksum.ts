/** Castagnoli, reflected. `zlib.crc32` is another polynomial. */
const polynomial = 0x82f63b78

const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let register = byte
  for (let bit = 0; bit < 8; bit += 1) {
    register = (register & 1) === 1 ? (register >>> 1) ^ polynomial : register >>> 1
  }
  return register
})

/** CRC32C, unsigned: the checksum that the service keeps of every value. */
export function crc32c(bytes: Uint8Array): number {
  let register = 0xffffffff
  for (const byte of bytes) register = (register >>> 8) ^ (table[(register ^ byte) & 0xff] ?? 0)
  return (register ^ 0xffffffff) >>> 0
}
