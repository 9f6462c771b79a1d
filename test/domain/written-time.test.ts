import { expect, it } from "vitest";
import { readEventTime } from "../../src/crm/request/timestamps.ts";
import { formatDate } from "../../src/domain/rules/text/date.ts";
import { instantOf, readTime } from "../../src/domain/written-time.ts";

const at = (value: unknown): string | null => {
  const time = readTime(value);
  return time === null ? null : new Date(instantOf(time)).toISOString();
};

/** 10:00 in UTC of one day. */
const ten = "2026-11-27T10:00:00.000Z";

it.each<[unknown, string]>([
  // Months by name, and halves of a day.
  ["Nov 27, 2026 10:00 AM", ten],
  ["November 27th, 2026 at 10:00 a.m.", ten],
  ["Nov. 27, 2026, 10:00:00 AM UTC", ten],
  ["27 November 2026 10:00 AM", ten],
  ["Friday, 27 Nov 2026, 10:00:00am", ten],
  ["2026-11-27 10:00 AM", ten],
  ["2026-11-27 10:00:00 PM", "2026-11-27T22:00:00.000Z"],
  ["2026-11-27 12:30 AM", "2026-11-27T00:30:00.000Z"],
  ["2026-11-27 12:30 PM -05:00", "2026-11-27T17:30:00.000Z"],
  ["November 27, 2026", "2026-11-27T00:00:00.000Z"],
  ["27 November 2026", "2026-11-27T00:00:00.000Z"],
  ["27-Nov-2026", "2026-11-27T00:00:00.000Z"],
  // Offsets.
  ["2026-11-27 10:00:00+00", ten],
  ["2026-11-27 05:00:00-05", ten],
  ["2026-11-27 05:00:00.000000-05", ten],
  ["2026-11-27T15:30:00+05:30", ten],
  ["2026-11-27T15:30:00+0530", ten],
  ["2026-11-27T05:00:00\u221205:00", ten],
  ["2026-11-27T10:00:00Z", ten],
  ["2026-11-27t10:00:00z", ten],
  ["2026-11-27 10:00:00 UTC", ten],
  ["2026-11-27 10:00:00 +0000", ten],
  ["2026-11-27 05:00:00 EST", ten],
  ["2026-11-27T10:00Z", ten],
  ["2026-11-27T10:00:00.0000000Z", ten],
  ["2026-11-27T10:00:00,000Z", ten],
  ["2026-11-27T11:00:00+01:00[Europe/Berlin]", ten],
  ["2026-11-27 10:00:00 +0000 UTC", ten],
  ["2026-11-27 10:00:00.000000001 +0000 UTC m=+0.000000001", ten],
  // Without a zone.
  ["2026-11-27 10:00:00", ten],
  ["2026/11/27 10:00:00", ten],
  ["20261127T100000Z", ten],
  ["20261127100000", ten],
  ["2026-11-27", "2026-11-27T00:00:00.000Z"],
  ["20261127", "2026-11-27T00:00:00.000Z"],
  ["2026-11-26T24:00:00Z", "2026-11-27T00:00:00.000Z"],
  ["2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000Z"],
  ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  // Mail, HTTP, and what programs print.
  ["Fri, 27 Nov 2026 10:00:00 +0000", ten],
  ["Fri, 27 Nov 2026 05:00:00 -0500", ten],
  ["Fri, 27 Nov 2026 05:00:00 -0500 (EST)", ten],
  ["27 Nov 2026 10:00 GMT", ten],
  ["27 November 2026 10:00:00 UT", ten],
  ["Fri, 27 Nov 26 10:00:00 GMT", ten],
  ["Fri, 7 Nov 2026 10:00:00 GMT", "2026-11-07T10:00:00.000Z"],
  ["Friday, 27-Nov-26 10:00:00 GMT", ten],
  ["Fri Nov 27 10:00:00 2026", ten],
  ["Fri Nov  7 10:00:00 2026", "2026-11-07T10:00:00.000Z"],
  ["Fri Nov 27 10:00:00 +0000 2026", ten],
  ["Fri Nov 27 2026 11:00:00 GMT+0100 (Central European Standard Time)", ten],
  // .NET.
  ["/Date(1795773600000)/", ten],
  ["/Date(1795773600000+0200)/", ten],
  ["\\/Date(1795773600000-0500)\\/", ten],
  ["/Date(-1000)/", "1969-12-31T23:59:59.000Z"],
  // Epochs.
  [1795773600, ten],
  [1795773600.0, ten],
  [1795773600000, ten],
  [1795773600000000, ten],
  ["1795773600", ten],
  ["1795773600000", ten],
  ["1795773600000000", ten],
  ["1795773600000000000", ten],
  ["1795773600.123456", "2026-11-27T10:00:00.123Z"],
  [0, "1970-01-01T00:00:00.000Z"],
])("%j is an instant", (value, instant) => {
  expect(at(value)).toBe(instant);
});

it.each([
  "",
  "2026-11-27 13:00 PM",
  "2026-11-27 00:30 AM",
  "Nov 31, 2026",
  "Novem 27, 2026",
  "May 2026",
  "Mayor 27, 2026",
  "now",
  "tomorrow",
  "27/11/2026",
  "11/12/2026 10:00",
  "2026-02-30",
  "2026-13-01",
  "2026-11-27T25:00:00Z",
  "2026-11-27T24:01:00Z",
  "2026-11-27T10:61:00Z",
  "2026-11-27T10:00:00+16:00",
  "2026-11-27T10:00:00+05:99",
  "2026-11-27T10:00:00 BST",
  "2026/11-27",
  "0000-00-00 00:00:00",
  "0001-01-01T00:00:00Z",
  "Fri, 31 Feb 2026 10:00:00 GMT",
  "Fri, 27 Foo 2026 10:00:00 GMT",
  "Fri, 27 Nov 2026 10:00:00 CEST",
  "20261340",
  "12345",
  "12345678",
  "1".repeat(20),
  "/Date(x)/",
  "2026-11-27".repeat(1_000),
  `${" ".repeat(200)}2026-11-27`,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  null,
  undefined,
  true,
  ["2026-11-27"],
  { date: "2026-11-27" },
])("%j is no time", (value) => {
  expect(readTime(value)).toBeNull();
  expect(formatDate(value, "%F")).toBeNull();
});

it.each<[unknown, string]>([
  ["2026-11-27 10:00:00+00", "27 10:00"],
  ["2026-11-27 05:30:00-05", "27 05:30"],
  ["Fri, 27 Nov 2026 23:30:00 -0500", "27 23:30"],
  ["/Date(1795773600000+0200)/", "27 12:00"],
  ["2026-11-27 10:00", "27 10:00"],
  [1795773600, "27 10:00"],
])("%j is shown by the clock on its sender's wall", (value, shown) => {
  expect(formatDate(value, "%d %H:%M")).toBe(shown);
});

it("seconds since 1970 are of the instant", () => {
  expect(formatDate("2026-11-27 05:00:00-05", "%s")).toBe("1795773600");
});

it("an event's own time is of our century and has a clock", () => {
  expect(readEventTime("2026-11-27 10:00:00+00")).toBe(Date.parse(ten));
  expect(readEventTime("Fri, 27 Nov 2026 05:00:00 -0500")).toBe(Date.parse(ten));
  expect(readEventTime("1795773600000000")).toBe(Date.parse(ten));
  for (const none of ["2026-11-27", "20261127", "1999-12-31T23:59:59Z", "123456789", "soon"])
    expect([none, readEventTime(none)]).toEqual([none, null]);
});
