import { describe, expect, it } from "vitest";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import type { EventPlan } from "../../../src/domain/plan/plan.ts";
import { freshMemory, type RehearsedEvent, rehearsalRules, rehearse } from "../../../src/domain/plan/rehearsal.ts";
import { changesOf, rehearsalReport } from "../../../src/domain/plan/rehearsal-report.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { HOUR_MS, now, planned, rule, theCall } from "../scene.ts";

const draft = (deviation: Partial<CallDraft> = {}): CallDraft => ({ ...theCall(planned()), ...deviation });

let count = 0;
function came(deviation: Partial<RehearsedEvent> = {}): RehearsedEvent {
  count += 1;
  const record = { type: "order", id: "1" };
  return {
    id: `e${count}`,
    type: "orders/updated",
    receivedAt: now,
    record,
    orderNumber: null,
    tries: [],
    ...deviation,
  };
}
const planOf = (calls: CallDraft[], withdraw: EventPlan["withdraw"] = []): EventPlan => ({
  eventId: "e",
  state: calls.length > 0 ? "planned" : "ignored",
  reason: calls.length > 0 ? null : "no_rule_matched",
  detail: null,
  calls,
  withdraw,
});
const none = new Set<string>();

describe("the gates of a rehearsal", () => {
  it("let a turn of once_per pass once, until it is over", () => {
    const memory = freshMemory();
    const one = (at: number) => {
      const once = { key: "k", until: at + HOUR_MS };
      return rehearse(came(), planOf([draft({ once })]), memory, none, at).calls[0];
    };
    expect([one(now), one(now + HOUR_MS - 1), one(now + HOUR_MS)].map((call) => call?.reason)).toEqual([
      null,
      "once_per",
      null,
    ]);
  });

  it("hold what is more than a burst, window by window and rule by rule", () => {
    const memory = freshMemory();
    const ends = [0, 0, 0, 1].map(
      (window) =>
        rehearse(came(), planOf([draft({ burst: { calls: 2, window } })]), memory, none, now).calls[0]?.status,
    );
    expect(ends).toEqual(["queued", "queued", "held", "queued"]);
    const other = draft({ rule: "other", burst: { calls: 2, window: 0 } });
    expect(rehearse(came(), planOf([other]), memory, none, now).calls[0]?.status).toBe("queued");
  });

  it("take no turn and no place of a burst for a number that is suppressed", () => {
    const memory = freshMemory();
    const call = draft({ once: { key: "k", until: now + 1 }, burst: { calls: 1, window: 0 } });
    const stopped = rehearse(came(), planOf([call]), memory, new Set(["+14155550100"]), now).calls[0];
    expect(stopped).toMatchObject({ status: "skipped", reason: "suppressed" });
    expect(rehearse(came(), planOf([call]), memory, none, now).calls[0]).toMatchObject({ status: "queued" });
  });

  it("withdraw what waits for hours, and not what would have rung", () => {
    const memory = freshMemory();
    const waits = rehearse(came(), planOf([draft({ dueAt: now + HOUR_MS })]), memory, none, now).calls[0];
    const rung = rehearse(came(), planOf([draft({ dueAt: now })]), memory, none, now).calls[0];
    const withdrawn = [{ rule: "call-me", record: { type: "order", id: "1" } }];
    rehearse(came(), planOf([], withdrawn), memory, none, now + 1);
    expect([waits?.status, waits?.reason, rung?.status]).toEqual(["canceled", "withdrawn", "queued"]);
  });
});

describe("rules of a rehearsal", () => {
  it("are as if they were live, and off stays off", () => {
    const definitions = (["live", "shadow", "test", "off"] as const).map((mode) => ({
      name: mode,
      version: 1,
      definition: { ...rule, mode, test_number: "+14155550199" },
    }));
    const { rules } = rehearsalRules(compileRules(definitions));
    expect(rules.map(({ mode, testNumber }) => [mode, testNumber])).toEqual([
      ["live", null],
      ["live", null],
      ["live", null],
      ["off", "+14155550199"],
    ]);
  });
});

describe("the sentence", () => {
  const number = (n: number) => `+1415555${String(n).padStart(4, "0")}`;
  const all = (...drafts: CallDraft[]) =>
    drafts.map((one) => rehearse(came(), planOf([one]), freshMemory(), none, now));

  it.each<[string, CallDraft[]]>([
    ["0 calls", []],
    ["1 call", [draft()]],
    ["2 calls, 1 customer twice", [draft(), draft()]],
    ["3 calls, 1 customer more than once", [draft(), draft(), draft()]],
    ["4 calls, 2 customers twice", [draft(), draft(), draft({ number: number(1) }), draft({ number: number(1) })]],
    ["1 call, 1 outside hours", [draft({ dueAt: now + 1 })]],
    [
      "1 call, 2 without a number",
      [
        draft(),
        draft({ status: "skipped", reason: "no_number" }),
        draft({ status: "skipped", reason: "number_refused" }),
      ],
    ],
    [
      "0 calls, 1 held for a text that is incomplete",
      [draft({ status: "held", reason: "placeholder", detail: { path: "data.x" } })],
    ],
    ["0 calls, 1 whose condition failed", [draft({ status: "skipped", reason: "condition_failed" })]],
  ])("%s", (sentence, drafts) => {
    expect(rehearsalReport(all(...drafts), () => false).sentence).toBe(sentence);
  });
});

describe("what would change", () => {
  const ends = (...calls: CallDraft[]) => rehearse(came(), planOf(calls), freshMemory(), none, now);
  const skipped = draft({ status: "skipped", reason: "no_number", number: null });

  it.each<[string, CallDraft[], CallDraft[], [string, readonly string[]][]]>([
    ["nothing, where all is alike", [draft()], [draft()], []],
    ["nothing, where neither rings", [skipped], [], []],
    ["a call that is gained", [], [draft()], [["gained", []]]],
    ["a call that rings now", [skipped], [draft()], [["gained", ["status", "reason", "number"]]]],
    ["a call that is lost", [draft()], [], [["lost", []]]],
    ["a call that no longer rings", [draft()], [skipped], [["lost", ["status", "reason", "number"]]]],
    ["a text", [draft()], [draft({ greeting: "Hi" })], [["changed", ["greeting"]]]],
    [
      "a call that is held now",
      [draft()],
      [draft({ status: "held", reason: "burst" })],
      [["changed", ["status", "reason"]]],
    ],
    [
      "another rule's call",
      [draft()],
      [draft({ rule: "other" })],
      [
        ["gained", []],
        ["lost", []],
      ],
    ],
  ])("%s", (_, before, after, expected) => {
    const changes = changesOf(ends(...before), ends(...after));
    expect(changes.map(({ change, fields }) => [change, fields])).toEqual(expected);
  });
});
