/**
 * Reads `Retry-After` (RFC 9110, section 10.2.3). The bounds of a pause stay with each caller.
 *
 * @param value of the header: seconds, whose fractions some senders write, or an HTTP date
 * @returns milliseconds to wait; 0 for a date that has passed; a negative number for negative seconds, which no server should send;
 *   `null` if the header is missing or malformed
 */
export function retryAfterMs(value: string | null, nowMs: number): number | null {
  const text = value?.trim() ?? "";
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
