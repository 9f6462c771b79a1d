import { describe, expect, it } from "vitest";
import { compareStory, type StoryEntry, type StoryRow } from "../../../src/domain/audit/call-story.ts";

const made = {
  created_at: "2026-01-01T00:00:00+00:00",
  due_at: "2026-01-01T00:00:00+00:00",
  expires_at: null,
  facts: "f1",
  detail: null,
};
const said = {
  detail: "d1",
  summary: null,
  recording_url: "u1",
  record_url: "u2",
  listen_url: "u3",
  contact_uuid: "u4",
};
const entry = (action: string, data: Record<string, unknown> = {}, reason: string | null = null): StoryEntry => ({
  action,
  reason,
  data,
});
const story: readonly StoryEntry[] = [
  entry("queued", { content: "c1", due_at: made.due_at, row: made, verdicts: ["h2", "h1"] }),
  entry("dialing", { claim: 1, row: { claimed_at: "2026-01-01T00:00:01.5+00:00" }, verdicts: ["h3"] }),
  entry("placed", {
    row: {
      placed_at: "2026-01-01T00:00:02+00:00",
      conversation_uuid: "v1",
      mihu_id: null,
      due_at: made.due_at,
      ...said,
    },
  }),
  entry("ended", {
    row: {
      ended_at: "2026-01-01T00:01:00+00:00",
      outcome: "completed",
      outcome_raw: "done",
      duration_s: 58,
      ...said,
      summary: "s1",
    },
  }),
  entry("further_tries_stopped", {}, "canceled"),
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
  ...said,
  summary: "s1",
  again_stopped: "canceled",
  verdicts: "h1,h2,h3",
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
    ["detail", null, "detail"],
    ["detail", "d2", "detail"],
    ["summary", "s2", "summary"],
    ["recording_url", null, "recording_url"],
    ["record_url", "u1", "record_url"],
    ["listen_url", "u4", "listen_url"],
    ["contact_uuid", "u3", "contact_uuid"],
    ["again_stopped", null, "again_stopped"],
    ["again_stopped", "withdrawn", "again_stopped"],
    ["verdicts", "h1,h2", "verdicts"],
    ["verdicts", "h1,h2,h3,h3", "verdicts"],
    ["verdicts", "", "verdicts"],
    ["erased", true, "erased_at"],
  ])("whose %s is %s is named", (column, value, named) => {
    const { differs } = compareStory({ ...row, [column]: value }, story);
    expect(differs.map((name) => name.replace(/ \(.*/, ""))).toEqual([named]);
  });

  it("shows the detail and the stopped tries that a withdrawal gave it, and none that a sweep's cancel would have given", () => {
    const first = story[0] as StoryEntry;
    const waiting = { ...row, status: "canceled", reason: "withdrawn", summary: null, ended_at: null, outcome: null };
    const none = { outcome_raw: null, duration_s: null, claimed_at: null, placed_at: null, conversation_uuid: null };
    const addresses = { recording_url: null, record_url: null, listen_url: null, contact_uuid: null };
    const canceled: StoryRow = { ...waiting, ...none, ...addresses, verdicts: "h1,h2,h4" };
    const byPlan = entry("canceled", { event_id: "e", row: { detail: "d1" }, verdicts: ["h4"] }, "withdrawn");
    expect(compareStory({ ...canceled, again_stopped: "withdrawn" }, [first, byPlan]).differs).toEqual([]);
    expect(compareStory({ ...canceled, again_stopped: null }, [first, byPlan]).differs).toEqual(["again_stopped"]);
    const bySweep = entry("canceled", { line: "l", verdicts: ["h4"] }, "withdrawn");
    expect(compareStory({ ...canceled, detail: null, again_stopped: null }, [first, bySweep])).toEqual({
      differs: [],
      unproven: [],
    });
  });

  it("without any entry is named, as are entries of moves that no call makes", () => {
    expect(compareStory(row, []).differs).toEqual(["entries"]);
    const again = [...story, entry("dialing", { verdicts: [], row: { claimed_at: row.claimed_at } })];
    expect(compareStory({ ...row, status: "dialing" }, again).differs).toEqual(["moves (ended → dialing)"]);
  });

  it("of an erased call is compared but for its number and texts", () => {
    const erased = [...story, entry("erased")];
    expect(compareStory({ ...row, erased: true, content: null, detail: null, summary: null }, erased).differs).toEqual(
      [],
    );
    expect(compareStory(row, erased).differs).toEqual(["erased_at"]);
  });

  it("of an earlier version is compared as far as its entries go, and the rest is not provable, never wrong", () => {
    const compared = compareStory(
      { ...row, placed_at: "2020-01-01T00:00:00Z", facts: "other", summary: "s9", again_stopped: null },
      old,
    );
    expect(compared.differs).toEqual([]);
    expect(compared.unproven).toEqual(
      expect.arrayContaining([
        "created_at",
        "claimed_at",
        "placed_at",
        "ended_at",
        "facts",
        "detail",
        "summary",
        "verdicts",
      ]),
    );
    for (const [column, value] of [
      ["outcome", "busy"],
      ["conversation_uuid", "v2"],
      ["content", "c2"],
      ["status", "placed"],
    ])
      expect(compareStory({ ...row, again_stopped: null, [column ?? ""]: value }, old).differs).toHaveLength(1);
  });

  it("that a version of each moved is compared by what the newer one says from then on", () => {
    const mixed = [...old.slice(0, 3), ...story.slice(3)];
    expect(compareStory(row, mixed).differs).toEqual([]);
    expect(compareStory({ ...row, ended_at: null }, mixed).differs).toEqual(["ended_at"]);
  });
});
