import { describe, expect, it } from "vitest";
import { parseNumber } from "../../../src/domain/people/phone.ts";
import { olderPlans, ornaments } from "./spellings.ts";

describe.each([
  ["numbers of older plans", olderPlans],
  ["ornaments", ornaments],
] as const)("%s", (_, spellings) => {
  it.each(spellings)("%j of source country %s becomes %s", (raw, home, becomes) => {
    const read = parseNumber(raw, home);
    if (becomes.startsWith("+")) {
      expect(read).toMatchObject({ ok: true, e164: becomes });
      return;
    }
    const [reason = "", ...detail] = becomes.split(" ");
    expect(read).toMatchObject({ ok: false, reason, detail: expect.stringContaining(detail.join(" ")) });
    // A detail is shown to those who may not see numbers.
    expect(JSON.stringify(read)).not.toMatch(/\d{3}/);
  });
});

it("has at least 200 spellings", () => {
  expect(olderPlans.length + ornaments.length).toBeGreaterThanOrEqual(200);
});
