import { expect, test } from "vitest";
import { oneThousand } from "./unsigned.ts";

test("one signed request under a thousand sets of unsigned headers is one event, with its own number", async () => {
  expect(await oneThousand()).toEqual(Array(7).fill(["+14155550100"]));
}, 60_000);
