import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/** gzip (RFC 1952), deflate with a zlib header (RFC 1950), raw deflate (RFC 1951). */
export type Compression = "gzip" | "zlib" | "deflate";

const inflaters = { gzip: gunzipSync, zlib: inflateSync, deflate: inflateRawSync } as const;

/**
 * @param bytesMax Highest number of inflated bytes. The work ends there, however small the compressed input is.
 * @returns The bytes. `too_large` if there are more, `broken` if the input is cut or damaged. Never throws.
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
    // The codes of this error differ between Node and workerd. In both it is a RangeError.
    return error instanceof RangeError ? "too_large" : "broken";
  }
}
