import { describe, expect, it } from "vitest";
import { callStatuses, transitions } from "../../../src/domain/calls/call.ts";
import { type HookPayload, hookPayloads, renderBody, renderTestBody } from "../../../src/domain/hooks/body.ts";
import { hookEventTypes } from "../../../src/domain/hooks/event-types.ts";
import { personalFields } from "../../../src/domain/hooks/hook.ts";
import { eventOf, type HookEntry, toldActions } from "../../../src/domain/hooks/told-event.ts";
import { callId, endedCall, entryAt, entryOf, eventOfEntry } from "./entries.ts";

const publicUrl = "https://hookline.acme.com";

function rendered(entry: HookEntry, payload: HookPayload = "full") {
  const made = renderBody(entry, eventOfEntry(entry), { payload, publicUrl });
  expect(JSON.parse(made.body)).toEqual(made.value);
  return { ...made, data: made.value.data };
}

describe("the personal fields, which an erasure empties", () => {
  it("are exactly those in which a body with them differs from one without", () => {
    const entry = entryOf();
    const [shown, masked] = [rendered(entry, "full_with_pii").data, rendered(entry, "full").data];
    const differing = Object.keys(shown).filter((name) => JSON.stringify(shown[name]) !== JSON.stringify(masked[name]));
    expect(differing.sort()).toEqual([...personalFields].sort());
  });
});

describe("the event of an entry", () => {
  it.each([
    ["queued", "call.queued", false],
    ["released", "call.queued", false],
    ["held", "call.held", false],
    ["placed", "call.placed", false],
    ["review", "call.review", false],
    ["ended", "call.ended", true],
    ["rejected", "call.rejected", true],
    ["skipped", "call.skipped", true],
    ["canceled", "call.canceled", true],
    ["expired", "call.expired", true],
    ["report_added", "call.report_added", false],
  ])("of a call, %s, is %s", (action, type, final) => {
    expect(eventOf({ subject: "call", action, sequence: 2 })).toEqual({ type, sequence: 2, final, over: false });
  });

  it.each([
    ["line", "paused", "line.paused", false],
    ["line", "resumed", "line.resumed", true],
    ["source", "rejecting", "source.rejecting", false],
    ["source", "rejecting_over", "source.rejecting", true],
    ["source", "silent", "source.silent", false],
    ["source", "heard_again", "source.silent", true],
    ["hook", "failing", "hook.failing", false],
    ["hook", "disabled", "hook.disabled", false],
    ["hook", "recovered", "hook.recovered", true],
  ])("of a %s, %s, is %s", (subject, action, type, over) => {
    expect(eventOf({ subject, action, sequence: null })).toEqual({ type, sequence: null, final: false, over });
  });

  it.each([
    ["call", "postponed"],
    ["call", "dialing"],
    ["call", "unknown"],
    ["call", "read"],
    ["call", "toString"],
    ["source", "paused"],
    ["event", "ended"],
    ["__proto__", "ended"],
    ["constructor", "name"],
  ])("of a %s, %s, is none", (subject, action) => {
    expect(eventOf({ subject, action, sequence: null })).toBeNull();
  });

  it("is one of the closed set for each action that is read, and each of the set has an action", () => {
    const types = Object.entries(toldActions).flatMap(([subject, actions]) =>
      actions.map((action) => eventOf({ subject, action, sequence: null })?.type),
    );
    expect([...new Set(types)].sort()).toEqual([...hookEventTypes].sort());
  });

  it("is final for each status that has no further move, and for no other", () => {
    for (const status of callStatuses) {
      const event = eventOf({ subject: "call", action: status, sequence: 1 });
      if (event !== null) expect(event.final).toBe(transitions[status].length === 0);
    }
  });
});

describe("the body of a call's event", () => {
  it("has the fields of the API's call, masked", () => {
    expect(rendered(entryOf())).toMatchObject({ personal: false });
    expect(rendered(entryOf()).value).toEqual({
      type: "call.ended",
      timestamp: "2026-01-05T18:00:00.000Z",
      data: {
        id: callId,
        sequence: 3,
        final: true,
        try: 1,
        again_of: null,
        status: "ended",
        outcome: "no_answer",
        outcome_raw: "no-answer",
        reason: null,
        reason_text: null,
        will_retry: false,
        retry_at: null,
        source: "acme",
        rule: "call-me",
        rule_version: 3,
        mode: "live",
        event_id: endedCall.eventId,
        line: "support-en",
        order_number: "#12345",
        record: { type: "order", id: "987" },
        number: "+1•••••00",
        about: "•••",
        summary: "•••",
        recording_url: "•••",
        conversation_uuid: "c-1",
        mihu_id: "m-1",
        created_at: "2026-01-05T17:59:00.000Z",
        due_at: "2026-01-05T17:59:00.000Z",
        placed_at: "2026-01-05T17:59:30.000Z",
        ended_at: "2026-01-05T18:00:00.000Z",
        duration_s: 12,
        url: `${publicUrl}/calls/${callId}`,
      },
    });
  });

  it("shows number and texts only in full_with_pii, and is then personal", () => {
    const whole = rendered(entryOf(), "full_with_pii");
    const { number, about, summary, recordingUrl: recording_url } = endedCall;
    expect(whole).toMatchObject({ personal: true, data: { number, about, summary, recording_url } });
    for (const payload of ["full", "thin"] as const)
      for (const told of [number, "parcel", "Nobody", "mihu.ai"])
        expect(rendered(entryOf(), payload).body).not.toContain(told);
    const erased = { ...endedCall, number: null, about: null, summary: null, recordingUrl: null };
    expect(rendered(entryOf({ call: erased }), "full_with_pii").personal).toBe(false);
  });

  it("is ids and a link in thin", () => {
    const url = `${publicUrl}/calls/${callId}`;
    const thin = { id: callId, sequence: 3, final: true, event_id: endedCall.eventId, url };
    expect(rendered(entryOf(), "thin").data).toEqual(thin);
  });

  it("has no link without a public URL", () => {
    const entry = entryOf();
    const how = { payload: "full", publicUrl: null } as const;
    expect(renderBody(entry, eventOfEntry(entry), how).value.data.url).toBeNull();
  });

  it("is of the entry's time, also if the call has moved on since", () => {
    const later = {
      outcome: null,
      outcome_raw: null,
      summary: null,
      recording_url: null,
      ended_at: null,
      duration_s: null,
    };
    const before = { ...later, placed_at: null, conversation_uuid: null, mihu_id: null };
    const due = { due_at: "2026-01-05T17:59:10+00:00" };
    expect(rendered(entryOf({ action: "queued", sequence: 1, data: due })).data).toMatchObject({
      ...before,
      status: "queued",
      due_at: "2026-01-05T17:59:10.000Z",
    });
    const held = entryOf({ action: "held", reason: "burst", sequence: 1, data: {} });
    expect(rendered(held).data).toMatchObject({ ...before, status: "held", reason: "burst" });
    const row = { conversation_uuid: "c-0", mihu_id: null, placed_at: "2026-01-05T17:59:31+00:00" };
    expect(rendered(entryOf({ action: "placed", data: { row, mihu_id: "m-0" } })).data).toMatchObject({
      ...later,
      status: "placed",
      conversation_uuid: "c-0",
      mihu_id: "m-0",
      placed_at: "2026-01-05T17:59:31.000Z",
    });
    const report = entryOf({ action: "report_added", sequence: 4 });
    expect(rendered(report).data).toMatchObject({ status: "ended", final: false, outcome: "no_answer", sequence: 4 });
  });

  it.each<[string, Partial<HookEntry>, string | null]>([
    ["the entry", { action: "rejected", reason: "mihu_rejected" }, "mihu_rejected"],
    ["the data of a further try that was stopped", { action: "canceled", data: { reason: "withdrawn" } }, "withdrawn"],
    ["none for an outcome", { action: "ended", reason: "stale" }, null],
    ["none for a person's words about a further try", { action: "queued", data: { reason: "please" } }, null],
  ])("takes its reason from %s", (_, changes, reason) => {
    expect(rendered(entryOf(changes)).data.reason).toBe(reason);
  });

  it("puts a reason into words", () => {
    const entry = entryOf({ action: "expired", reason: "expired" });
    expect(rendered(entry).data.reason_text).toMatch(/^[A-Z].{20,}/);
  });

  const dueAt = entryAt + 7_200_000;
  const next = { id: "n", status: "queued", dueAt } as const;
  it.each<[string, Partial<HookEntry>, boolean, string | null]>([
    ["a further try", { next }, true, "2026-01-05T20:00:00.000Z"],
    ["a further try that has ended since", { next: { ...next, status: "ended" } }, true, "2026-01-05T20:00:00.000Z"],
    ["a further try that was canceled", { next: { ...next, status: "canceled" } }, false, null],
    ["a late report", { action: "report_added", next }, true, "2026-01-05T20:00:00.000Z"],
    ["no further try", {}, false, null],
    ["a call that rings still", { action: "placed", next }, false, null],
    [
      "a return to the queue",
      { action: "queued", sequence: 2, data: { row: { due_at: "2026-01-05T18:10:00+00:00" } } },
      true,
      "2026-01-05T18:10:00.000Z",
    ],
    ["a new call", { action: "queued", sequence: 1, data: { due_at: "2026-01-05T18:10:00+00:00" } }, false, null],
    ["a released call", { action: "released", sequence: 2 }, false, null],
  ])("says of %s whether and when it is tried again", (_, changes, will_retry, retry_at) => {
    expect(rendered(entryOf(changes)).data).toMatchObject({ will_retry, retry_at });
  });

  it("has ids even if the call's row is gone", () => {
    expect(rendered(entryOf({ call: null })).data).toMatchObject({ id: callId, event_id: null, final: true });
  });
});

describe("the body of a trouble", () => {
  it.each<[string, Partial<HookEntry>, object]>([
    [
      "a line",
      { subject: "line", subjectId: "support", action: "paused", reason: "payment_required", data: { detail: "402" } },
      { line: "support", reason: "payment_required", detail: "402", since: "2026-01-05T18:00:00.000Z", over: false },
    ],
    [
      "a source",
      { subject: "source", subjectId: "acme", action: "heard_again", data: { since: "2026-01-05T12:00:00Z" } },
      {
        source: "acme",
        reason: null,
        reason_text: null,
        detail: null,
        refused: null,
        accepted: null,
        since: "2026-01-05T12:00:00.000Z",
        over: true,
      },
    ],
    ["a hook", { subject: "hook", subjectId: "h-1", action: "recovered" }, { hook: "h-1", target: null, over: true }],
  ])("names %s", (_, changes, data) => {
    const entry = entryOf({ ...changes, call: null, sequence: null });
    expect(rendered(entry).data).toMatchObject(data);
    expect(rendered(entry, "full_with_pii").personal).toBe(false);
    expect(Object.keys(rendered(entry, "thin").data)).toEqual([Object.keys(data)[0], "since", "over"]);
  });

  it("explains its reason", () => {
    const entry = entryOf({ subject: "line", action: "paused", reason: "payment_required", call: null });
    expect(String(rendered(entry).data.reason_text)).toMatch(/402/);
  });
});

describe("a body that is too large", () => {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const withText = (about: string, orderNumber = "#1") =>
    rendered(entryOf({ call: { ...endedCall, about, orderNumber } }), "full_with_pii");

  it("stays whole up to 256 KB", () => {
    expect(withText("ü".repeat(130_000)).data).not.toHaveProperty("note");
  });

  it("has shorter texts and a note", () => {
    const { body, data } = withText("🎧".repeat(70_000));
    expect(bytes(body)).toBeLessThan(262_144);
    expect(data).toMatchObject({ order_number: "#1", summary: endedCall.summary, note: expect.any(String) });
    expect(String(data.about)).toMatch(/^(?:🎧)+\uFFFD?…$/u);
    expect(String(data.about).isWellFormed()).toBe(true);
  });

  it("is thin with a note if that does not suffice", () => {
    const detail = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`f${at}`, "x".repeat(1_000)]));
    const entry = entryOf({ subject: "line", subjectId: "s", action: "paused", data: { detail }, call: null });
    const { body, data } = rendered(entry);
    expect(bytes(body)).toBeLessThan(1_000);
    expect(data).toMatchObject({ line: "s", over: false, note: expect.any(String) });
  });
});

describe("the body of a test", () => {
  it.each(hookPayloads)("shows a sample in %s", (payload) => {
    const { value, personal } = renderTestBody("h-1", entryAt, { payload, publicUrl });
    expect(value).toMatchObject({ type: "hook.test", data: { id: "h-1", sample: { type: "call.ended" } } });
    expect(personal).toBe(false);
    const { sample } = value.data as { sample: { data: object } };
    expect(Object.keys(sample.data)).toEqual(Object.keys(rendered(entryOf(), payload).data));
  });
});
