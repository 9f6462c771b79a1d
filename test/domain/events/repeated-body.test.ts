import { describe, expect, it } from "vitest";
import { type AskedTypes, askedTypes, bodyIdentity, isStale } from "../../../src/domain/events/repeated-body.ts";
import { replayAgeMs } from "../../../src/domain/limits.ts";
import type { RuleDefinition } from "../../../src/domain/rules/rule.ts";
import { now, planned, theCall } from "../scene.ts";

const rule = (more: Partial<RuleDefinition>): { definition: RuleDefinition } => ({
  definition: { line: "support", number: "{{ data.phone }}", about: "Ring.", ...more },
});
const same = (asked: AskedTypes, one: string, other: string) =>
  bodyIdentity(asked, one, "hash") === bodyIdentity(asked, other, "hash");

describe("the same bytes under two types", () => {
  it("are two events where every rule names the types that it wants", () => {
    const asked = askedTypes([rule({ on: ["orders/create", "orders/updated"] })]);
    expect(same(asked, "orders/create", "orders/updated")).toBe(false);
    // Nobody asks for them: they ring nobody, and each says so for itself.
    expect(same(asked, "orders/paid", "orders/edited")).toBe(false);
  });

  it.each([
    ["a rule that takes any type", [rule({})]],
    ["a rule that may be withdrawn by any type", [rule({ on: ["orders/create"], withdraw: "data.closed" })]],
  ])("are one event with %s, unless both types are named", (_, rules) => {
    const asked = askedTypes([...rules, rule({ on: ["orders/create", "orders/updated"] })]);
    expect(same(asked, "invented/1", "invented/2")).toBe(true);
    expect(same(asked, "orders/create", "invented/1")).toBe(false);
    expect(same(asked, "orders/create", "orders/updated")).toBe(false);
  });

  it("are two events with a rule that is off, which asks for nothing", () => {
    expect(same(askedTypes([rule({ mode: "off" })]), "a", "b")).toBe(false);
  });

  it("are never one with a type that is called null", () => {
    expect(same(askedTypes([rule({})]), "null", "x")).toBe(true);
    expect(same(askedTypes([rule({ on: ["null"] }), rule({})]), "null", "x")).toBe(false);
  });
});

describe("an event whose bytes could be sent again", () => {
  const event = {
    id: "e",
    source: "shop",
    externalId: null,
    type: "t",
    record: null,
    data: {},
    bodyOnce: true,
    receivedAt: replayAgeMs * 3,
    occurredAt: replayAgeMs * 2,
  };
  it.each([
    ["is as old as a sender redelivers", {}, false],
    ["is a millisecond older than that", { occurredAt: replayAgeMs * 2 - 1 }, true],
    ["says that it is from tomorrow", { occurredAt: replayAgeMs * 4 }, false],
    ["says no time", { occurredAt: null }, false],
  ])("and %s: that it is too old is %s", (_, deviation, expected) => {
    expect(isStale({ ...event, ...deviation })).toBe(expected);
  });

  it.each([{ bodyOnce: false }, { bodyOnce: undefined }])(
    "and one that could not is never too old: %j",
    ({ bodyOnce }) => {
      const { bodyOnce: _, ...rest } = event;
      expect(isStale({ ...rest, occurredAt: 0, ...(bodyOnce === undefined ? {} : { bodyOnce }) })).toBe(false);
    },
  );
});

describe("the plan of an event whose bytes are over 48 hours old and could be a replay", () => {
  const old = { bodyOnce: true, occurredAt: now - replayAgeMs - 1 };

  it("holds its call for a person, with a verdict that says what was looked at", () => {
    const call = theCall(planned({ event: old }));
    expect(call).toMatchObject({ status: "held", reason: "too_old", number: "+14155550100", burst: null });
    expect(call.verdicts.at(-1)).toEqual({
      gate: "age",
      verdict: "stop",
      inputs: { occurred_at: old.occurredAt, received_at: now, age_max_ms: replayAgeMs },
    });
  });

  it("withdraws nothing, and says so", () => {
    const plan = planned({ event: old, rule: { withdraw: "data.total > 1.0" } });
    expect(plan.withdraw).toEqual([]);
    expect(plan.detail).toEqual({ withdraw_failed: ["call-me: the event is too old"] });
  });

  it("leaves a call that would not ring as it is", () => {
    expect(theCall(planned({ event: old, rule: { mode: "shadow" } }))).toMatchObject({
      status: "skipped",
      reason: "shadow",
    });
    expect(theCall(planned({ event: old, data: { phone: "" } }))).toMatchObject({
      status: "skipped",
      reason: "no_number",
    });
  });

  it.each([
    ["is as new as that", { ...old, occurredAt: now - replayAgeMs }],
    ["comes from a sender that signs the id", { ...old, bodyOnce: false }],
    ["came in time, and waited for its plan", { ...old, receivedAt: now - 1_000 }],
  ])("queues its call where it %s", (_, event) => {
    expect(theCall(planned({ event }))).toMatchObject({ status: "queued", reason: null });
  });
});
