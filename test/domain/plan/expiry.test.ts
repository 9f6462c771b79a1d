/** `expires` counts from the receipt of the event in the plan, a rehearsal and a replay alike. */
import { describe, expect, it } from "vitest";
import { expiryOf, isExpired } from "../../../src/domain/plan/expiry.ts";
import { planReplay } from "../../../src/domain/plan/replay-plan.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { planSafely } from "../../../src/flows/planning/plan.ts";
import { data, event, HOUR_MS, hours, now, planned, planSource, rule, support, theCall } from "../scene.ts";

const fresh = { receivedAt: now - HOUR_MS };
const stale = { receivedAt: now - 5 * HOUR_MS };
const definition = { ...rule, expires: "4h" };

/** The results of a plan and of a replay for one event. Each reads the rule in its own way. */
function said(deviation: object, wish: { ignoresExpiry?: boolean } = {}) {
  const rules = compileRules([{ name: "call-me", definition, version: 3 }]);
  const view = { source: { ...planSource, rules: [] }, rules, lines: new Map([["support", support]]) };
  const stored = { ...event, body: JSON.stringify(data), ...deviation };
  const plan = planSafely(view as never, stored as never, now, wish);
  const { calls, passed } = planReplay(plan, {
    rules: rules.rules,
    tries: [],
    wish: { rule: null, evenIfCalled: false },
  });
  const byPlan = theCall(planned({ rule: { expires: "4h" }, event: deviation, now }));
  return { plan: byPlan.reason ?? byPlan.status, replay: passed[0] ?? calls[0]?.draft.status, calls };
}

describe("a call counts its `expires` from the receipt of its event", () => {
  it.each([
    ["its sender gives no time", null],
    ["its sender's time is that of the receipt", now - HOUR_MS],
    ["its sender's queue was slow", now - 5 * HOUR_MS],
    ["its sender's clock is a year behind", now - 8_760 * HOUR_MS],
    ["its sender's clock is a year ahead", now + 8_760 * HOUR_MS],
    ["its sender writes the epoch", 0],
  ])("whatever its sender's time: %s", (_, occurredAt) => {
    expect(said({ occurredAt, ...fresh })).toMatchObject({ plan: "queued", replay: "queued" });
    expect(said({ occurredAt, ...stale })).toMatchObject({ plan: "expired", replay: "too_old" });
  });

  it("and a replay that ignores it counts from itself, which its verdict says", () => {
    const { replay, calls } = said(stale, { ignoresExpiry: true });
    expect(replay).toBe("queued");
    expect(calls[0]?.draft).toMatchObject({ expiresAt: now + 4 * HOUR_MS });
    expect(calls[0]?.draft.verdicts.find(({ gate }) => gate === "expires")).toEqual({
      gate: "expires",
      verdict: "pass",
      inputs: { owed_at: now - 5 * HOUR_MS, expires_at: now + 4 * HOUR_MS, ignored: true },
    });
  });

  it("in open hours: a closed night takes nothing from it", () => {
    const nine = hours("09:00", "17:00");
    const zones = ["America/New_York"];
    const sinceMs = Date.parse("2026-01-05T21:00:00Z");
    const at = expiryOf({ hours: nine, zones, sinceMs, expiresMs: 4 * HOUR_MS });
    expect(at).toBe(Date.parse("2026-01-06T17:00:00Z"));
    expect([isExpired(at, (at ?? 0) - 1), isExpired(at, at ?? 0), isExpired(null, now)]).toEqual([false, true, false]);
  });
});

describe("signed bytes that anybody may send again", () => {
  const bytes = { bodyOnce: true };
  it.each([
    ["fresh when they came, and replayed days later: the rule decides", 72, 1, "too_old"],
    ["old when they came: a person decides, in a replay as in the plan", 1, 50, "held"],
  ])("%s", (_, receivedHoursAgo, ageHours, end) => {
    const receivedAt = now - receivedHoursAgo * HOUR_MS;
    expect(said({ ...bytes, receivedAt, occurredAt: receivedAt - ageHours * HOUR_MS }).replay).toBe(end);
  });
});
