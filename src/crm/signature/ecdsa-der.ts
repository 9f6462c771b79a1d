/** Bytes of each of the two numbers of a P-256 signature. */
const numberBytes = 32;
const sequence = 0x30;
const integer = 0x02;

/**
 * Converts an ECDSA signature from DER into the two raw numbers that WebCrypto verifies.
 *
 * @param der `SEQUENCE { r INTEGER, s INTEGER }` in its one canonical spelling (X.690, section 10).
 * @returns r and s, 32 bytes each; null if the bytes are anything else. Never throws.
 */
export function rawEcdsa(der: Uint8Array): Uint8Array | null {
  if (der[0] !== sequence || der[1] !== der.length - 2) return null;
  const r = readNumber(der, 2);
  const s = r === null ? null : readNumber(der, r.end);
  if (r === null || s === null || s.end !== der.length) return null;
  const raw = new Uint8Array(2 * numberBytes);
  raw.set(r.bytes, numberBytes - r.bytes.length);
  raw.set(s.bytes, 2 * numberBytes - s.bytes.length);
  return raw;
}

/** A positive number in its shortest form, without the leading zero that marks it as positive. */
function readNumber(der: Uint8Array, at: number): { readonly bytes: Uint8Array; readonly end: number } | null {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== integer || length === 0 || end > der.length) return null;
  const bytes = der.subarray(at + 2, end);
  const [first = 0, second = 0] = bytes;
  if (first >= 0x80) return null;
  if (first !== 0) return length <= numberBytes ? { bytes, end } : null;
  // A leading zero is only allowed before a byte with its high bit set; zero itself is no part of a signature.
  if (second < 0x80 || length > numberBytes + 1) return null;
  return { bytes: bytes.subarray(1), end };
}
