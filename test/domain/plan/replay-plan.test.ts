/** Replays of an event, for every possible end of its earlier tries. */
import { describe, expect, it } from "vitest";
import { type CallStatus, callStatuses } from "../../../src/domain/calls/call.ts";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import type { EventPlan } from "../../../src/domain/plan/plan.ts";
import { type PastTry, planReplay } from "../../../src/domain/plan/replay-plan.ts";
import { planned, theCall } from "../scene.ts";

const good = theCall(planned());
const plan = (...calls: CallDraft[]): EventPlan => ({ ...planned(), calls });
const past = (status: CallStatus, deviation: Partial<PastTry> = {}): PastTry => ({
  ...{ id: `${status}-1`, rule: "call-me", try: 1, status, also: false },
  ...deviation,
});
type Deviation = {
  plan?: EventPlan;
  rules?: { name: string; also: boolean }[];
  tries?: PastTry[];
  wish?: object;
};
const replayed = ({ tries = [], ...more }: Deviation = {}) =>
  planReplay(more.plan ?? plan(good), {
    rules: more.rules ?? [{ name: "call-me", also: false }],
    tries,
    wish: { rule: null, evenIfCalled: false, ...more.wish },
  });

describe("an event whose rule wants a call", () => {
  it("and that has had none gets its first", () => {
    expect(replayed()).toEqual({ calls: [{ draft: good, try: 1, againOf: null }], passed: [] });
  });

  const without: Record<CallStatus, string> = {
    ...{ skipped: "made", canceled: "made", expired: "made", rejected: "made", held: "owed", queued: "owed" },
    ...{ dialing: "already_called", unknown: "already_called", placed: "already_called" },
    ...{ ended: "already_called", review: "already_called" },
  };
  it.each(callStatuses)("and whose call is %s", (status) => {
    const { calls, passed } = replayed({ tries: [past(status)] });
    expect(passed).toEqual(without[status] === "made" ? [] : [without[status]]);
    expect(calls).toEqual(without[status] === "made" ? [{ draft: good, try: 2, againOf: `${status}-1` }] : []);
  });

  it.each(callStatuses)("and whose call is %s, where somebody wants even what rang", (status) => {
    const { calls, passed } = replayed({ tries: [past(status)], wish: { evenIfCalled: true } });
    const made = without[status] === "made" || status === "ended";
    expect(passed).toEqual(made ? [] : [without[status]]);
    expect(calls.map(({ againOf }) => againOf)).toEqual(made ? [`${status}-1`] : []);
  });

  it("and that rang once is never rung again for a later try that did not", () => {
    const tries = [past("ended"), past("canceled", { id: "2", try: 2 })];
    expect(replayed({ tries })).toEqual({ calls: [], passed: ["already_called"] });
    expect(replayed({ tries, wish: { evenIfCalled: true } }).calls).toMatchObject([{ try: 3, againOf: "2" }]);
  });

  it("is not rung by a rule that took the place of the one that rang", () => {
    expect(replayed({ tries: [past("ended", { rule: "before" })] }).passed).toEqual(["already_called"]);
    expect(replayed({ tries: [past("queued", { rule: "before" })] }).passed).toEqual(["owed"]);
  });

  it("is rung by a rule that rings beside others, whatever those did; and by one beside which it was rung", () => {
    const beside = [{ name: "call-me", also: true }];
    expect(replayed({ rules: beside, tries: [past("ended", { rule: "before" })] }).calls).toHaveLength(1);
    expect(replayed({ tries: [past("ended", { rule: "beside", also: true })] }).calls).toHaveLength(1);
  });
});

describe("an event of which today's rules want nothing", () => {
  it.each<[string, Deviation, string]>([
    ["no rule matches", { plan: { ...plan(), reason: "no_rule_matched" } }, "no_rule_matched"],
    ["there is no rule", { plan: { ...plan(), reason: "no_rules" } }, "no_rules"],
    ["another rule's call is meant", { wish: { rule: "another" } }, "no_rule_matched"],
    ["its rule is in shadow", { plan: plan({ ...good, status: "skipped", reason: "shadow" }) }, "shadow"],
    ["there is no number", { plan: plan({ ...good, status: "skipped", reason: "no_number" }) }, "no_number"],
    ["it is too late by its rule", { plan: plan({ ...good, status: "skipped", reason: "expired" }) }, "too_old"],
  ])("%s: no call, and the reason", (_, deviation, reason) => {
    expect(replayed(deviation)).toEqual({ calls: [], passed: [reason] });
  });

  it("says first that it was called, and then what else would keep it from being so", () => {
    const skipped = plan({ ...good, status: "skipped", reason: "no_number" });
    expect(replayed({ plan: skipped, tries: [past("ended")] }).passed).toEqual(["already_called"]);
  });
});
