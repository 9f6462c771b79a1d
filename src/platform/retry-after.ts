/**
 * Reads `Retry-After` (RFC 9110, section 10.2.3). Callers bound the pause themselves.
 *
 * @param value Value of the header: an HTTP date, or seconds, which some senders write with fractions.
 * @returns Milliseconds to wait. 0 for a date in the past, a negative number for negative seconds, which no server
 *   should send; null if the header is missing or malformed.
 */
export function retryAfterMs(value: string | null, nowMs: number): number | null {
  const text = value?.trim() ?? "";
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
