/**
 * What a problem counts, where that is not its rows: one cause may hold up many entries, and one source many events. Its rows are then all
 * that are named, and nobody can say how many more there are.
 */
const countedThings: Readonly<Record<string, string>> = {
  credential_missing: "events",
  credential_refused: "events",
  credential_unreadable: "events",
  entries_unsealed: "entries",
  fetch_failing: "events",
  fetch_limited: "events",
  list_unreadable: "calls",
  signatures_failed: "requests",
  spilled: "events",
  spill_full: "events",
};

/**
 * The rows of a problem in one text, with what it counts: `a, b and 3 more`, or `a (3 entries)`.
 *
 * @returns `""`: the problem names none
 */
export function rowsInWords({
  code,
  count,
  rows,
}: {
  readonly code: string;
  readonly count: number;
  readonly rows: readonly string[];
}): string {
  if (rows.length === 0) return "";
  const named = rows.join(", ");
  const counted = countedThings[code];
  if (counted !== undefined) return `${named} (${counted}: ${count})`;
  return count > rows.length ? `${named} and ${count - rows.length} more` : named;
}
