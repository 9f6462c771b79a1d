const unitsMs = [
  ["days", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
] as const;

/**
 * @param offMs Milliseconds before our own clock. Negative: after it.
 * @returns A phrase such as "7 min old" or "90 s in the future".
 */
export function timeOff(offMs: number): string {
  const off = Math.abs(offMs);
  const [unit, ms] = unitsMs.find(([, size]) => off >= 2 * size) ?? (["s", 1_000] as const);
  const amount = `${Math.round(off / ms)} ${unit}`;
  return offMs >= 0 ? `${amount} old` : `${amount} in the future`;
}
