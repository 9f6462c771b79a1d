import { describe, expect, it } from "vitest";
import type { Line } from "../../../src/domain/calls/line.ts";
import { type DirectCall, draftDirect, planDirect } from "../../../src/domain/plan/direct-call.ts";
import { at, event, HOUR_MS, hours, now, support } from "../scene.ts";

const wanted: DirectCall = {
  line: "support",
  number: "+1 415 555 0100",
  about: "The customer waits for order #1001.",
  prompt: { text: "Be kind.", overwrite: true },
  greeting: "Hello.",
};
const api = { slug: "api", country: null, zone: null };

function draft(deviation: Partial<DirectCall> = {}, line: Partial<Line> = {}, country: string | null = null) {
  const lines = new Map([["support", { ...support, ...line }]]);
  return draftDirect({ ...wanted, ...deviation }, { ...api, country }, lines, now);
}

describe("a call that is asked for directly", () => {
  it("is queued with what was asked for, under the name of the source `api`", () => {
    expect(draft()).toMatchObject({
      rule: "api",
      ruleVersion: 0,
      mode: "live",
      line: "support",
      status: "queued",
      number: "+14155550100",
      about: "The customer waits for order #1001.",
      prompt: "Be kind.",
      promptOverwrite: true,
      greeting: "Hello.",
      dueAt: now,
      expiresAt: now + 24 * HOUR_MS,
      burst: { calls: 1_000, window: now },
    });
  });

  it("needs neither prompt nor greeting", () => {
    expect(draft({ prompt: undefined, greeting: undefined })).toMatchObject({
      status: "queued",
      prompt: null,
      promptOverwrite: false,
      greeting: null,
    });
  });

  it("says what it was given and fills nothing in: its texts are no templates", () => {
    expect(draft({ about: "{{ data.name }}" })).toMatchObject({ status: "queued", about: "{{ data.name }}" });
  });

  it.each<[string, Partial<DirectCall>, Partial<Line>, string]>([
    ["a line that does not exist", { line: "gone" }, {}, "line_missing"],
    ["a number that is none", { number: "reception" }, {}, "no_number"],
    ["a national number without a country", { number: "(415) 555-0100" }, {}, "no_number"],
    ["a premium number", { number: "+1 900 555 0100" }, {}, "number_refused"],
    ["an emergency number", { number: "112" }, {}, "number_refused"],
    ["a country that the line may not ring", { number: "+1 876 555 0100" }, {}, "country_not_allowed"],
    ["a line that names no country, as the source does", {}, { countries: null }, "country_not_allowed"],
    ["hours that are never open", {}, { hours: hours("09:00", "09:10") }, "never_open"],
  ])("passes every gate: %s", (_, deviation, line, reason) => {
    expect(draft(deviation, line)).toMatchObject({ status: "skipped", reason });
  });

  it("carries the reason of a client that means to call again, and none without `again`", () => {
    expect(draft({ again: true, reason: "She asked twice." })).toMatchObject({ again: "She asked twice." });
    expect(draft({ again: false })).not.toHaveProperty("again");
    expect(draft()).not.toHaveProperty("again");
  });

  it("is due when it was asked for, and expires from there", () => {
    const later = now + 5 * HOUR_MS;
    expect(draft({ due_at: later, expires: "2h" })).toMatchObject({ dueAt: later, expiresAt: later + 2 * HOUR_MS });
  });

  it("with a time that has passed is due now", () => {
    expect(draft({ due_at: now - HOUR_MS })).toMatchObject({ dueAt: now });
  });

  it("waits for the line's hours where the number is", () => {
    const line = { hours: hours("09:00", "17:00"), countries: ["DE"] };
    expect(draft({ number: "+49 30 901820" }, line)).toMatchObject({
      status: "queued",
      dueAt: at("2026-01-06T08:00:00Z"),
    });
  });

  it("is the one call of its event's plan", () => {
    const asked = { ...event, source: "api", data: { line: "support", number: "+14155550100", about: "Ring." } };
    expect(planDirect(asked, { source: api, lines: new Map([["support", support]]), nowMs: now })).toMatchObject({
      eventId: event.id,
      state: "planned",
      reason: null,
      calls: [{ rule: "api", status: "queued", number: "+14155550100" }],
      withdraw: [],
    });
  });
});
