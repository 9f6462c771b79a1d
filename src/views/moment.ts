/**
 * @param ms Epoch milliseconds.
 * @returns ISO 8601 in UTC; null for null.
 */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
