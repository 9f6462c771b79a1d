import { expect, it } from "vitest";
import { mistakeAt } from "../../../src/domain/rules/mistake.ts";

it.each([
  ["", 0, 1, 1],
  ["abc", 0, 1, 1],
  ["abc", 2, 1, 3],
  ["a\nbc", 2, 2, 1],
  ["a\nbc", 4, 2, 3],
  ["a\r\nbc", 3, 2, 1],
  ["abc", 99, 1, 4],
  ["abc", -1, 1, 1],
])("places offset %j,%i at line %i, column %i, one-based", (source, offset, line, column) => {
  expect(mistakeAt(source, offset, "why")).toEqual({ line, column, reason: "why" });
});
