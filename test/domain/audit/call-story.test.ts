import { describe, expect, it } from "vitest";
import { compareStory, type StoryEntry, type StoryRow } from "../../../src/domain/audit/call-story.ts";

const made = {
  created_at: "2026-01-01T00:00:00+00:00",
  due_at: "2026-01-01T00:00:00+00:00",
  expires_at: null,
  facts: "f1",
};
const entry = (action: string, data: Record<string, unknown> = {}, reason: string | null = null): StoryEntry => ({
  action,
  reason,
  data,
});
const story: readonly StoryEntry[] = [
  entry("queued", { content: "c1", due_at: made.due_at, row: made }),
  entry("dialing", { claim: 1, row: { claimed_at: "2026-01-01T00:00:01.5+00:00" } }),
  entry("placed", {
    row: { placed_at: "2026-01-01T00:00:02+00:00", conversation_uuid: "v1", mihu_id: null, due_at: made.due_at },
  }),
  entry("ended", {
    row: { ended_at: "2026-01-01T00:01:00+00:00", outcome: "completed", outcome_raw: "done", duration_s: 58 },
  }),
];
const row: StoryRow = {
  ...made,
  status: "ended",
  reason: null,
  outcome: "completed",
  outcome_raw: "done",
  duration_s: 58,
  claimed_at: "2026-01-01T00:00:01.500000+00:00",
  placed_at: "2026-01-01T00:00:02+00:00",
  ended_at: "2026-01-01T00:01:00+00:00",
  conversation_uuid: "v1",
  mihu_id: null,
  content: "c1",
  erased: false,
};
/** The same call by a version whose entries have no `row`. */
const old: readonly StoryEntry[] = [
  entry("queued", { content: "c1", due_at: made.due_at }),
  entry("dialing", { claim: 1 }),
  entry("placed", { conversation_uuid: "v1" }),
  entry("ended", { outcome: "completed", outcome_raw: "done", duration_s: 58 }),
];

describe("a call's row", () => {
  it("that shows what its entries say agrees in every column", () => {
    expect(compareStory(row, story)).toEqual({ differs: [], unproven: [] });
  });

  it.each<[keyof StoryRow, StoryRow[keyof StoryRow], string]>([
    ["status", "placed", "status"],
    ["outcome", "no_answer", "outcome"],
    ["outcome", null, "outcome"],
    ["reason", "withdrawn", "reason"],
    ["duration_s", 59, "duration_s"],
    ["claimed_at", null, "claimed_at"],
    ["ended_at", "2026-01-01T00:01:00.001+00:00", "ended_at"],
    ["mihu_id", "m1", "mihu_id"],
    ["content", "c2", "number or texts"],
    ["content", null, "number or texts"],
    ["facts", "f2", "facts"],
    ["erased", true, "erased_at"],
  ])("whose %s is %s is named", (column, value, named) => {
    expect(compareStory({ ...row, [column]: value }, story).differs).toEqual([named]);
  });

  it("without any entry is named, as are entries of moves that no call makes", () => {
    expect(compareStory(row, []).differs).toEqual(["entries"]);
    const again = [...story, entry("dialing", { row: { claimed_at: row.claimed_at } })];
    expect(compareStory({ ...row, status: "dialing" }, again).differs).toEqual(["moves (ended → dialing)"]);
  });

  it("of an erased call is compared but for its number and texts", () => {
    const erased = [...story, entry("erased")];
    expect(compareStory({ ...row, erased: true, content: null }, erased).differs).toEqual([]);
    expect(compareStory(row, erased).differs).toEqual(["erased_at"]);
  });

  it("of an earlier version is compared as far as its entries go, and the rest is not provable, never wrong", () => {
    const compared = compareStory({ ...row, placed_at: "2020-01-01T00:00:00Z", facts: "other" }, old);
    expect(compared.differs).toEqual([]);
    expect(compared.unproven).toEqual(
      expect.arrayContaining(["created_at", "claimed_at", "placed_at", "ended_at", "facts"]),
    );
    for (const [column, value] of [
      ["outcome", "busy"],
      ["conversation_uuid", "v2"],
      ["content", "c2"],
      ["status", "placed"],
    ])
      expect(compareStory({ ...row, [column ?? ""]: value }, old).differs).toHaveLength(1);
  });

  it("that a version of each moved is compared by what the newer one says from then on", () => {
    const mixed = [...old.slice(0, 3), ...story.slice(3)];
    expect(compareStory(row, mixed).differs).toEqual([]);
    expect(compareStory({ ...row, ended_at: null }, mixed).differs).toEqual(["ended_at"]);
  });
});
