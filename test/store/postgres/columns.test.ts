import { expect, test } from "vitest";
import {
  array,
  columnNames,
  columns,
  exact,
  hex,
  isSet,
  ms,
  number,
  present,
  selectText,
  text,
} from "../../../src/store/postgres/columns.ts";
import type { entries, links } from "../../../src/store/schema/audit.ts";
import type { calls } from "../../../src/store/schema/calls.ts";

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
