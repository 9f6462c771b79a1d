import { expect, test } from "vitest";
import type { ToldRow } from "../../../src/ports/lookups/orders.ts";
import { toldViews } from "../../../src/views/calls/told.ts";

const row = (more: Partial<ToldRow>): ToldRow => ({
  ...{ id: "d", call: "c", hook: "h", type: "call.ended", state: "delivered", tries: 1, at: 1, doneAt: 2 },
  ...{ owner: "zap", host: "hooks.zapier.com", ...more },
});

test("Hooks that share a host are told apart, and what they were told stands in the order of its time.", () => {
  const told = [
    row({ doneAt: 9_000 }),
    row({ owner: "desk", doneAt: 3_000, tries: 2 }),
    row({ owner: "ops", host: "acme.com", state: "pending", at: 5_000, doneAt: null, tries: 0 }),
  ];
  expect(toldViews(told).map(({ sentence }) => sentence)).toEqual([
    "hooks.zapier.com (hook of desk) was told call.ended, after 2 tries.",
    "acme.com (hook of ops) is to be told call.ended.",
    "hooks.zapier.com (hook of zap) was told call.ended.",
  ]);
});
