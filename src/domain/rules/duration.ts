/** Durations as people write them in a rule: `90s`, `10m`, `4h`, `30d`, `1w`. One whole number, one unit. */

const SECOND_MS = 1_000;
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", SECOND_MS],
]);

/** Longer than a year and a season, shorter than any typing mistake worth keeping. */
export const DURATION_DAYS_MAX = 400;
const DURATION_MS_MAX = DURATION_DAYS_MAX * 86_400_000;

export type ParsedDuration = { ok: true; ms: number } | { ok: false; reason: string };

/**
 * Reads a duration.
 *
 * @param text a whole number and one of `s`, `m`, `h`, `d`, `w`, with nothing around them
 * @returns milliseconds, more than 0 and at most 400 days; or a sentence that says what is wrong
 */
export function parseDuration(text: string): ParsedDuration {
  const match = /^(\d{1,9})([smhdw])$/.exec(text);
  const unitMs = UNIT_MS.get(match?.[2] ?? "");
  if (match === null || unitMs === undefined) {
    return { ok: false, reason: 'must be a whole number and a unit: "90s", "10m", "4h", "30d" or "1w"' };
  }
  const ms = Number(match[1]) * unitMs;
  if (ms === 0) return { ok: false, reason: "must be longer than zero" };
  if (ms > DURATION_MS_MAX) return { ok: false, reason: `must be at most ${DURATION_DAYS_MAX} days` };
  return { ok: true, ms };
}

/**
 * Writes a duration in the largest unit that expresses it exactly, so that `parseDuration` reads the same value back.
 *
 * @param ms milliseconds; a part of a second counts as a whole one, less than zero as zero
 */
export function formatDuration(ms: number): string {
  const wholeMs = Math.max(0, Math.ceil(ms / SECOND_MS) * SECOND_MS);
  if (wholeMs > 0) {
    for (const [unit, unitMs] of UNIT_MS) {
      if (wholeMs % unitMs === 0) return `${wholeMs / unitMs}${unit}`;
    }
  }
  return "0s";
}
