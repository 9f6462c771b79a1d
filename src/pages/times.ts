const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const isoForm = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)(:\d\d)?[.\d]*(?:Z|\+00(?::?00)?)$/;

/**
 * Formats a time for people, always with its date: `23 Nov 2026, 15:33:07 UTC`.
 *
 * @param iso ISO 8601 in UTC. Any other text is shown unchanged.
 * @param precision Lists show no seconds.
 */
export function timeText(iso: string, precision: "seconds" | "minutes"): string {
  const [, year, month, day, minutes, seconds] = isoForm.exec(iso) ?? [];
  if (year === undefined) return iso;
  const clock = precision === "seconds" ? `${minutes}${seconds ?? ""}` : minutes;
  return `${Number(day)} ${months[Number(month) - 1]} ${year}, ${clock} UTC`;
}

/**
 * @param seconds Length of a call.
 * @returns `48 s`, `2 min 13 s`, `1 h 2 min`.
 */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
