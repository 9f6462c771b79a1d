/** Durations in a rule: `90s`, `10m`, `4h`, `30d`, `1w`. One whole number, one unit. */

const unitMsByLetter: ReadonlyMap<string, number> = new Map([
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
]);

/** Longest duration: more than a year and a season. Anything longer is probably a typing mistake. */
const durationDaysMax = 400;
const durationMsMax = durationDaysMax * 86_400_000;

type ParsedDuration = { ok: true; ms: number } | { ok: false; reason: string };

/**
 * Reads a duration.
 *
 * @param text A whole number followed by `s`, `m`, `h`, `d` or `w`.
 * @returns Milliseconds, more than 0 and at most 400 days; or a sentence about the mistake.
 */
export function parseDuration(text: string): ParsedDuration {
  const match = /^(\d{1,9})([smhdw])$/.exec(text);
  const unitMs = unitMsByLetter.get(match?.[2] ?? "");
  if (match === null || unitMs === undefined) {
    return { ok: false, reason: 'must be a whole number and a unit: "90s", "10m", "4h", "30d" or "1w"' };
  }
  const ms = Number(match[1]) * unitMs;
  if (ms === 0) return { ok: false, reason: "must be longer than zero" };
  if (ms > durationMsMax) return { ok: false, reason: `must be at most ${durationDaysMax} days` };
  return { ok: true, ms };
}
