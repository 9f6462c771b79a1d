/** Rows of problems, which are stored as texts, as names with the page that each leads to. */
import { isId } from "../parts/id.ts";

export type NamedRow = { readonly name: string; readonly href: string | null };

/** Codes by the kind of their rows. The rows of any other problem are names of sources. */
const kinds: Readonly<Record<string, (row: string) => NamedRow>> = {
  no_line_dials: lineRow,
  claims_slow: lineRow,
  list_unreadable: lineRow,
  signatures_failed: refusedRow,
  source_rejecting: refusedRow,
  hook_disabled: hookRow,
  hook_waits: hookRow,
  hook_failing: hookRow,
  hooks_behind: hookRow,
  token_ends: (row) => ({ name: row, href: "/people" }),
  event_conflict: eventRow,
  event_unplanned: eventRow,
  event_without_call: eventRow,
  event_without_reason: eventRow,
  call_without_entry: callRow,
  call_differs: callRow,
  call_gone: plainRow,
  lease_overdue: callRow,
  look_overdue: callRow,
  poll_overdue: callRow,
  expiry_overdue: callRow,
  review_overdue: callRow,
  entry_changed: (row) => ({ name: `position ${row}`, href: null }),
  entry_removed: (row) => ({ name: `position ${row}`, href: null }),
  entries_unsealed: plainRow,
  migrations_missing: plainRow,
  stops_stuck: stopRow,
  field_gone: fieldRow,
  field_changed: fieldRow,
  country_differs: fieldRow,
  secret_unreadable: secretRow,
};

/** @param code Code of the problem. @param row As readiness has it. */
export function namedRow(code: string, row: string): NamedRow {
  return (Object.hasOwn(kinds, code) ? (kinds[code] ?? sourceRow) : sourceRow)(row);
}

export function lineRow(row: string): NamedRow {
  return { name: row, href: `/lines/${encodeURIComponent(row)}` };
}

function sourceRow(row: string): NamedRow {
  return { name: row, href: `/sources/${encodeURIComponent(row)}` };
}

/** A source whose requests are refused leads to the list of them. */
function refusedRow(row: string): NamedRow {
  return { name: row, href: `/sources/${encodeURIComponent(row)}/rejections` };
}

/** Pages by the beginning of their address, each with the scopes of which its reader needs one. A person may read only hooks of their own. */
const readers: readonly (readonly [begin: string, anyOf: readonly string[]])[] = [
  ["/hooks/", ["admin"]],
  ["/people", ["calls:write", "admin"]],
  ["/", ["calls:read"]],
];

/** @returns The address, if a reader with these scopes can open it; else null. */
export function openHref(href: string | null, scopes: readonly string[]): string | null {
  const [, anyOf = []] = readers.find(([begin]) => href?.startsWith(begin)) ?? [];
  return anyOf.some((scope) => scopes.includes(scope)) ? href : null;
}

/** A hook is named by its host, with its id in brackets. */
function hookRow(row: string): NamedRow {
  const [, host = row, id = ""] = /^(.+) \(hook ([0-9a-f-]{36})\)$/.exec(row) ?? [];
  return { name: host, href: isId(id) ? `/hooks/${id}` : null };
}

function eventRow(row: string): NamedRow {
  return { name: `event ${row.slice(0, 8)}`, href: isId(row) ? `/events/${row}` : null };
}

function callRow(row: string): NamedRow {
  return { name: `call ${row.slice(0, 8)}`, href: isId(row) ? `/calls/${row}` : null };
}

function plainRow(row: string): NamedRow {
  return { name: row, href: null };
}

/** `source/rule (stop 12)`, or a reason in place of the source. */
function stopRow(row: string): NamedRow {
  const [, source = "", rule] = /^([^/ ]+)(?:\/(\S+))? \(stop \d+\)$/.exec(row) ?? [];
  if (source === "" || source === "suppressed") return { name: "a suppressed number", href: "/people" };
  return { ...sourceRow(source), name: rule === undefined ? source : `${source} › ${rule}` };
}

/** `source rule path`: the rule is left out for a template of the source. */
function fieldRow(row: string): NamedRow {
  const [source = row, ...rest] = row.split(" ");
  return { ...sourceRow(source), name: [source, ...rest].join(" › ") };
}

/** `source/secret`, `source (credential)`, a line's webhook, or a hook. */
function secretRow(row: string): NamedRow {
  if (row.includes("(hook ")) return hookRow(row);
  const [, source] = /^([a-z0-9-]+)(?:\/[0-9a-f-]{36}| \(credential\))$/.exec(row) ?? [];
  if (source !== undefined) return sourceRow(source);
  const [, line] = /^(?:line )?([a-z0-9-]+)/.exec(row) ?? [];
  return line === undefined ? plainRow(row) : { ...lineRow(line), name: row };
}
