import { describe, expect, it } from "vitest";
import { renderBody } from "../../../src/domain/hooks/body.ts";
import { cannotMatch, compileWhen, evaluateWhen } from "../../../src/domain/hooks/when.ts";
import { endedCall, entryOf, eventOfEntry } from "./entries.ts";

const ended = entryOf();
const body = renderBody(ended, eventOfEntry(ended), { payload: "full", publicUrl: null }).value;

function answerOf(source: string, over = body) {
  const made = compileWhen(source);
  if (!made.ok) throw new Error(made.mistake.reason);
  return evaluateWhen(made.when, over);
}

describe("the condition of a hook", () => {
  it.each([
    ['type == "call.ended"', true],
    ['type.startsWith("line.")', false],
    ['type == "call.ended" && data.outcome in ["no_answer", "busy"]', true],
    ['[type, "x"].exists(t, t == "call.ended")', true],
    ["data.duration_s > 10 && data.final", true],
    ['timestamp(timestamp) > timestamp("2026-01-05T17:00:00Z")', true],
    ["timestamp(timestamp).getHours() == 18", true],
    ["data.will_retry", false],
    ['data.record.type == "order"', true],
    ['has(data.type) || data.reason != null || type == "type"', false],
    ["type(data.try) == double", true],
    ['data.order_number.contains("123")', true],
  ])("%s is %s", (source, matches) => {
    expect(answerOf(source)).toEqual({ matches, error: null });
  });

  it.each(["number", "about", "summary", "recordingUrl"] as const)("reveals nothing of a masked %s", (field) => {
    const name = field === "recordingUrl" ? "recording_url" : field;
    const [other] = [{ ...endedCall, [field]: field === "number" ? "+14155559900" : "other" }];
    const entry = entryOf({ call: other });
    const masked = renderBody(entry, eventOfEntry(entry), { payload: "full", publicUrl: null }).value;
    const source = `data.${name} == ${JSON.stringify(endedCall[field])}`;
    expect(answerOf(source)).toEqual(answerOf(source, masked));
    expect(answerOf(source).matches).toBe(false);
  });

  it.each([
    ['type == "call.ended" &&\n  data.outcome = "busy"', 2, 16],
    ["type == 5", 1, 1],
    ["event.type", 1, 1],
    ["data.x +", 1, 9],
    ["", 1, 1],
    ["timestamp", 1, 1],
    ["type", 1, 1],
    ["data.about.matches('a')", 1, 1],
    ["data.record.exists(type, true)", 1, 20],
    ["type == 'x' && nope", 1, 16],
  ])("%j has its mistake at %i:%i", (source, line, column) => {
    expect(compileWhen(source)).toMatchObject({ ok: false, mistake: { line, column } });
  });

  it("speaks of type, and never of the library's name for it", () => {
    for (const source of ["type == 5", "type", "data.record.exists(type, true)", "typo", "type.nope()"]) {
      const made = compileWhen(source);
      expect(made.ok ? "" : made.mistake.reason).not.toContain("typ_");
    }
    const unknown = compileWhen("event.id == '1'");
    expect(unknown).toMatchObject({ mistake: { reason: expect.stringContaining("type, timestamp and data") } });
  });

  it.each([
    ["data.nope == 1", "data.nope is missing"],
    ["data.about > 5", "data.about"],
    ["type < data.try", "type"],
    ["data.order_number", "gave a string"],
  ])("%s counts as no match, with the error", (source, said) => {
    expect(answerOf(source)).toEqual({ matches: false, error: expect.stringContaining(said) });
  });

  it("quotes no value in an error", () => {
    const text = renderBody(ended, eventOfEntry(ended), { payload: "full_with_pii", publicUrl: null }).value;
    for (const source of ["data.about > 5", "int(data.about) > 1", "timestamp(data.about) > timestamp(timestamp)"])
      expect(answerOf(source, text).error).not.toMatch(/parcel|lost/);
  });

  it("is refused for its length before it is read", () => {
    const long = `type == "${"x".repeat(1_000_000)}"`;
    expect(compileWhen(long)).toMatchObject({ ok: false, mistake: { reason: expect.stringContaining("4096") } });
    expect(compileWhen("(".repeat(4_000)).ok).toBe(false);
  });

  it("shares its work with others, and ends when it is used up", () => {
    const made = compileWhen("data.try == 1.0");
    if (!made.ok) throw new Error(made.mistake.reason);
    const account = { left: 60 };
    const answers = Array.from({ length: 10 }, () => evaluateWhen(made.when, body, account));
    expect(answers[0]).toEqual({ matches: true, error: null });
    expect(answers.at(-1)).toEqual({ matches: false, error: expect.stringContaining("too much work") });
  });

  it.each([
    ['data.status == "ended"', false],
    ['data.status == "queued"', true],
    ['"queued" == data.status && data.try == 1', true],
    ['data.try == 1 && (data.status == "queued" && true)', true],
    // The rest may hold, the field may be missing, or the equality is only a part of a part.
    ['data.status == "queued" || true', false],
    ['!(data.status == "queued")', false],
    ['data.nope == "queued"', false],
    ['data.record.type == "ticket"', false],
    ['data.rule == "queued" ? true : true', false],
  ])("%s is known without an evaluation not to match: %s", (source, known) => {
    const made = compileWhen(source);
    if (!made.ok) throw new Error(made.mistake.reason);
    expect(cannotMatch(made.when, body)).toBe(known);
    if (known) expect(evaluateWhen(made.when, body).matches).toBe(false);
  });
});
