/**
 * ECDSA signatures in DER: `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279, section 2.2.3).
 * Refused: every encoding that DER does not allow (X.690, sections 8.3 and 10). A lenient parser would accept several
 * byte strings for one signature.
 *
 * Not guaranteed: a unique signature. If (r, s) verifies, (r, n - s) verifies too, so a signature must never be a
 * dedupe key.
 */

/** Bytes of each integer of a P-256 signature. */
const numberBytes = 32;
const sequence = 0x30;
const integer = 0x02;

/**
 * Converts an ECDSA signature from DER to r and s concatenated, the form that WebCrypto verifies.
 *
 * @returns 64 bytes; null for bytes that are not the canonical DER of two positive integers. Never throws.
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

/** Reads a positive INTEGER in its shortest form, without the zero byte that marks it as positive. */
function readNumber(der: Uint8Array, at: number): { readonly bytes: Uint8Array; readonly end: number } | null {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== integer || length === 0 || end > der.length) return null;
  const bytes = der.subarray(at + 2, end);
  const [first = 0, second = 0] = bytes;
  if (first >= 0x80) return null;
  if (first !== 0) return length <= numberBytes ? { bytes, end } : null;
  // DER allows a leading zero only before a byte whose high bit is set. Zero is no valid r or s.
  if (second < 0x80 || length > numberBytes + 1) return null;
  return { bytes: bytes.subarray(1), end };
}
