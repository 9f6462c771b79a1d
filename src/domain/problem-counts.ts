/**
 * The things that problems count, of problems that do not count their rows: one cause may hold up many entries, and one source many events.
 * The count then says nothing of how many more rows there are.
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

/** The rows of a problem with what it counts: `a, b and 3 more`, or `a (entries: 3)`; `""`: it names none. */
export function rowsInWords(problem: Counted): string {
  return problem.rows.length === 0 ? "" : `${problem.rows.join(", ")}${countInWords(problem)}`;
}

/** The words behind the rows of a problem: ` and 3 more`, ` (entries: 3)` or nothing. */
export function countInWords({ code, count, rows }: Counted): string {
  const counted = countedThings[code];
  if (counted !== undefined) return ` (${counted}: ${count})`;
  return count > rows.length ? ` and ${count - rows.length} more` : "";
}
