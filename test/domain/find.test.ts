import fc from "fast-check";
import { expect, it } from "vitest";
import { readSought } from "../../src/domain/find.ts";

const id = "0b9d3a52-1c2d-4e4f-8d51-2f7f8d1c4e60";
const untyped = (id: string) => ({ type: null, id });

it.each([
  ["#1001", { text: "#1001", order: "1001", records: [untyped("#1001"), untyped("1001")], uuid: null }],
  ["ORDER: 1001", { order: "1001", records: [{ type: "ORDER", id: "1001" }, untyped("ORDER: 1001")] }],
  ["ticket #987", { order: "ticket #987", records: [{ type: "ticket", id: "987" }, untyped("ticket #987")] }],
  ["a:b:c", { records: [{ type: "a", id: "b:c" }, untyped("a:b:c")] }],
  [id.toUpperCase(), { uuid: id, order: id, number: null }],
  [`https://h.example/calls/${id}?tab=x`, { text: id, uuid: id }],
  [`/events/${id}`, { text: id, uuid: id }],
  ["https://h.example/orders?order_number=%23A%2F7", { text: "#A/7", order: "a/7" }],
  ["/calls?status=held&conversation=c-1", { text: "c-1" }],
  ["/calls?record_type=ticket&record_id=98%207", { records: [{ type: "ticket", id: "98 7" }, untyped("ticket:98 7")] }],
  ["/calls?number=%2B14155550123", { number: "+14155550123" }],
  ["https://crm.example/tickets/987/", { text: "987" }],
  ["/orders/%00", { text: "\ufffd" }],
  ["tel:+14155550123", { number: "+14155550123" }],
  ["4155550123", { number: "+14155550123" }],
  ["#", { order: null }],
  ["  ", { text: "", order: null }],
])("%s is read in all its meanings", (pasted, expected) => {
  expect(readSought(pasted, "US")).toMatchObject(expected);
});

it("a national number is none without a country", () => {
  expect(readSought("4155550123", null).number).toBe(null);
});

it("any text is read, and nothing of it is refused by Postgres", () => {
  const urls = fc
    .string({ unit: "binary", maxLength: 300 })
    .map((text) => `/orders?order_number=${encodeURIComponent(text)}`);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 500 }), urls), (pasted) => {
      const { text, order, records } = readSought(pasted, "DE");
      for (const part of [text, order ?? "", ...records.map((record) => record.id)])
        expect(part.includes("\0") || !part.isWellFormed()).toBe(false);
    }),
    { seed: 16 },
  );
});
