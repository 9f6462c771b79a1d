import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/** gzip (RFC 1952), deflate within zlib (RFC 1950), deflate alone (RFC 1951). */
export type Compression = "gzip" | "zlib" | "deflate";

const inflaters = { gzip: gunzipSync, zlib: inflateSync, deflate: inflateRawSync } as const;

/**
 * @param bytesMax Bytes to inflate to. The work ends there, however small the compressed bytes are.
 * @returns The bytes; `too_large` if there are more, `broken` if the compressed ones are cut or damaged. Never throws.
 */
export function inflate(
  compression: Compression,
  bytes: Uint8Array,
  bytesMax: number,
): Uint8Array | "too_large" | "broken" {
  try {
    const { buffer, byteOffset, byteLength } = inflaters[compression](bytes, { maxOutputLength: bytesMax });
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    // Node and workerd name this differently; in both it is a RangeError.
    return error instanceof RangeError ? "too_large" : "broken";
  }
}
