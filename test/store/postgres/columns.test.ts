import { expect, test } from "vitest";
import {
  array,
  coalesce,
  columnNames,
  columns,
  exact,
  hex,
  isoText,
  isSet,
  jsonText,
  ms,
  number,
  orEmpty,
  parsed,
  present,
  selectText,
  text,
} from "../../../src/store/postgres/columns.ts";
import type { entries, links } from "../../../src/store/schema/audit.ts";
import type { calls } from "../../../src/store/schema/calls.ts";
import type { events } from "../../../src/store/schema/events.ts";
import type { rejections } from "../../../src/store/schema/rejections.ts";
import type { secrets } from "../../../src/store/schema/sources.ts";

// The compiler holds these: a directive that expects an error is one itself where there is none.

test("a list reads every column as its row has it", () => {
  type Row = { id: string; againOf: string | null; zones: string[] | null; dueAt: number | null; erased: boolean };
  const list = columns<typeof calls, Row>({
    id: "id",
    againOf: "again_of",
    zones: array("zones"),
    dueAt: ms("due_at"),
    erased: isSet("erased_at"),
  });
  expect(selectText(list, "c")).toBe(
    'c.id, c.again_of as "againOf", to_json(c.zones) as "zones", ' +
      '(extract(epoch from c.due_at) * 1000)::float8 as "dueAt", c.erased_at is not null as "erased"',
  );
});

test("a list reads numbers of 64 bits, moments, documents and bytes as text where the row has them so", () => {
  const entry = columns<typeof entries, { id: number; at: string; data: string }>({
    id: number("id"),
    at: exact("at"),
    data: text("data"),
  });
  expect(selectText(entry, "e")).toBe(
    `e.id::float8 as "id", to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "at", e.data::text as "data"`,
  );
  expect(selectText(columns<typeof links, { hash: string }>({ hash: hex("hash") }), "l")).toBe(
    `encode(l.hash, 'hex') as "hash"`,
  );
});

test("a list reads ids as text, moments as ISO 8601, and texts that are JSON as their value", () => {
  expect(selectText(columns<typeof secrets, { id: string }>({ id: text("id") }), "s")).toBe(`s.id::text as "id"`);
  expect(selectText(columns<typeof calls, { due_at: string | null }>({ due_at: isoText("due_at") }), "c")).toBe(
    `to_json(c.due_at)#>>'{}' as "due_at"`,
  );
  expect(
    jsonText(columns<typeof events, { fetched: { id: number } | null }>({ fetched: parsed("fetched") }), "e"),
  ).toBe("'fetched', e.fetched::json");
});

test("a list reads another column where the first is null, and an empty list where there is none", () => {
  const claimedAt = coalesce(ms("claimed_at"), present(ms("placed_at")));
  expect(selectText(columns<typeof calls, { claimedAt: number }>({ claimedAt }), "c")).toBe(
    'coalesce((extract(epoch from c.claimed_at) * 1000)::float8, (extract(epoch from c.placed_at) * 1000)::float8) as "claimedAt"',
  );
  expect(selectText(columns<typeof calls, { zones: string[] }>({ zones: orEmpty(array("zones")) }), "c")).toBe(
    `to_json(coalesce(c.zones, '{}')) as "zones"`,
  );
  const accepted = columns<typeof rejections, { ids: readonly string[] }>({ ids: orEmpty("accepted_events") });
  expect(selectText(accepted, "r")).toBe(`coalesce(r.accepted_events, '[]') as "ids"`);
});

test("a stand-in for null that does not give the field's type is a type error", () => {
  // The other column may be null too.
  // @ts-expect-error
  columns<typeof calls, { at: number }>({ at: coalesce(ms("claimed_at"), ms("placed_at")) });
  // The first column is never null.
  // @ts-expect-error
  columns<typeof calls, { at: number }>({ at: coalesce(ms("created_at"), present(ms("placed_at"))) });
  // @ts-expect-error
  columns<typeof calls, { at: number }>({ at: coalesce(ms("claimed_at"), ms("gone_at")) });
  // @ts-expect-error
  columns<typeof calls, { at: number }>({ at: coalesce(ms("claimed_at"), "source") });
  // @ts-expect-error
  columns<typeof calls, { number: string }>({ number: orEmpty("number") });
  // @ts-expect-error
  columns<typeof calls, { zones: string[] }>({ zones: orEmpty("zones") });
  // @ts-expect-error
  columns<typeof calls, { zones: number[] }>({ zones: orEmpty(array("zones")) });
});

test("a column that the table does not have is a type error", () => {
  // @ts-expect-error
  columns<typeof calls, { againOf: string | null }>({ againOf: "again_off" });
  // @ts-expect-error
  columns<typeof calls, { dueAt: number | null }>({ dueAt: ms("due") });
  // @ts-expect-error
  columnNames<typeof calls>("id", "againOf");
  expect(columnNames<typeof calls>("id", "again_of")).toBe("id, again_of");
});

test("a field that no column is read for is a type error", () => {
  // @ts-expect-error
  columns<typeof calls, { id: string; source: string }>({ id: "id" });
});

test("a column of another type than the field's is a type error", () => {
  // @ts-expect-error
  columns<typeof calls, { try: string }>({ try: "try" });
  // @ts-expect-error
  columns<typeof calls, { source: number }>({ source: "source" });
});

test("a column that may be null is a type error in a row that says otherwise, unless the list says that it is set", () => {
  // @ts-expect-error
  columns<typeof calls, { number: string }>({ number: "number" });
  // @ts-expect-error
  columns<typeof calls, { dueAt: number }>({ dueAt: ms("due_at") });
  expect(selectText(columns<typeof calls, { dueAt: number }>({ dueAt: present(ms("due_at")) }), "c")).toContain(
    "due_at",
  );
  // @ts-expect-error
  columns<typeof calls, { dueAt: string }>({ dueAt: present(ms("due_at")) });
  // A column that is never null is always set.
  // @ts-expect-error
  columns<typeof calls, { created: boolean }>({ created: isSet("created_at") });
});

test("a moment, an array or a number of 64 bits that is read as it is is a type error", () => {
  // @ts-expect-error
  columns<typeof calls, { dueAt: Date | null }>({ dueAt: "due_at" });
  // @ts-expect-error
  columns<typeof calls, { zones: string[] | null }>({ zones: "zones" });
  // @ts-expect-error
  columns<typeof calls, { claimSeq: number | null }>({ claimSeq: "claim_seq" });
  // @ts-expect-error
  columns<typeof calls, { number: string | null }>({ number: ms("number") });
});
