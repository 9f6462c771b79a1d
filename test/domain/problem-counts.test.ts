import { expect, test } from "vitest";
import { rowsInWords } from "../../src/domain/problem-counts.ts";

const holder = "backend 22935 of hookline_owner in hookline";

test.each([
  ["entries_unsealed", 2, [holder], `${holder} (entries: 2)`],
  ["entries_unsealed", 2, [], ""],
  ["list_unreadable", 7, ["main"], "main (calls: 7)"],
  ["signatures_failed", 90, ["shop"], "shop (requests: 90)"],
  ["spilled", 12, ["shop"], "shop (events: 12)"],
  ["credential_refused", 1, ["shop"], "shop (events: 1)"],
  ["fetch_failing", 3, ["shop"], "shop (events: 3)"],
  ["claims_slow", 3, ["a", "b"], "a, b and 1 more"],
  ["claims_slow", 2, ["a", "b"], "a, b"],
])("rows of %s are not said to be more than they are", (code, count, rows, words) => {
  expect(rowsInWords({ code, count, rows })).toBe(words);
});
