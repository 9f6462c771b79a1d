/**
 * Units of problems that do not count their rows: one cause may delay many entries, and one source many events. The
 * number then says nothing about further rows.
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

type Counted = { readonly code: string; readonly count: number; readonly rows: readonly string[] };

/** @returns The rows of a problem with its count: `a, b and 3 more`, or `a (entries: 3)`; `""` without rows. */
export function rowsInWords(problem: Counted): string {
  return problem.rows.length === 0 ? "" : `${problem.rows.join(", ")}${countInWords(problem)}`;
}

/** @returns The suffix of a problem's rows: ` and 3 more`, ` (entries: 3)` or nothing. */
export function countInWords({ code, count, rows }: Counted): string {
  const counted = countedThings[code];
  if (counted !== undefined) return ` (${counted}: ${count})`;
  return count > rows.length ? ` and ${count - rows.length} more` : "";
}
