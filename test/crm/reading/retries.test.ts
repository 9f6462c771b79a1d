/**
 * Retries: a field that changes with each retry does not make another body, and two events may have identical bodies.
 */

import { describe, expect, test } from "vitest";
import type { Preset } from "../../../src/crm/preset/preset.ts";
import { readEvents } from "../../../src/crm/reading/events.ts";
import { askedTypes, bodyIdentity } from "../../../src/domain/events/repeated-body.ts";
import type { JsonValue } from "../../../src/domain/json.ts";
import { eventsRead, requestBy, verifySent, withHeader } from "../contract/scene.ts";
import { fixtures } from "../fixtures/index.ts";
import { makeRequest, nowMs } from "../requests.ts";
import { reading } from "./scene.ts";

describe("a preset that says which fields a retry changes", () => {
  const counting = reading({ counters: ["attempt", "meta.tries"] });
  const hashOf = async (body: JsonValue): Promise<string> => {
    const read = await readWith(counting, body);
    if (!read.ok) throw new Error(read.detail);
    return read.events[0]?.bodyHash ?? "";
  };

  test("takes a body with other counters for the same, and keeps it as it came", async () => {
    const body = { id: "a", attempt: 1, meta: { tries: 1, by: "x" } };
    const read = await readWith(counting, body);
    expect(read).toMatchObject({ events: [{ data: body, body: JSON.stringify(body) }] });
    expect(await hashOf({ ...body, attempt: 2, meta: { tries: 7, by: "x" } })).toBe(await hashOf(body));
    expect(await hashOf({ id: "a", meta: { by: "x" } })).toBe(await hashOf(body));
  });

  test("takes a body with anything else changed for another", async () => {
    const body = { id: "a", attempt: 1, meta: { tries: 1, by: "x" } };
    for (const other of [
      { ...body, text: "more" },
      { ...body, meta: { tries: 1, by: "y" } },
      { ...body, meta: { tries: 1, by: "x", attempt: 2 } },
    ])
      expect(await hashOf(other)).not.toBe(await hashOf(body));
  });
});

describe("the same bytes under another id that is not signed", () => {
  const asked = askedTypes([]);
  const attio = fixtures.find(({ preset }) => preset === "attio");
  if (attio === undefined) throw new Error("no attio");
  const identityOf = async (key: string, at: number) => {
    const request = withHeader(requestBy(attio), "idempotency-key", key);
    expect(await verifySent(attio, request, {}, at)).toMatchObject({ ok: true });
    return (await eventsRead(attio, request, at)).map(({ idUnsigned, replayWindow, type, bodyHash }) => {
      expect(idUnsigned).toBe(true);
      return bodyIdentity(asked, type, bodyHash, replayWindow);
    });
  };

  test("are one event as long as a signed time would count, and then may be told anew", async () => {
    expect(await identityOf("one", nowMs)).toEqual(await identityOf("two", nowMs + 1_000));
    expect(await identityOf("one", nowMs)).not.toEqual(await identityOf("two", nowMs + 300_000));
  });

  test("are one event for ever where the sender's bodies tell their own time", async () => {
    const unsigned = fixtures.filter(({ preset }) => ["woocommerce", "github", "help-scout"].includes(preset));
    expect(unsigned.length).toBeGreaterThan(2);
    for (const fixture of unsigned)
      for (const { idUnsigned, replayWindow } of await eventsRead(fixture, requestBy(fixture)))
        expect([idUnsigned, replayWindow]).toEqual([true, undefined]);
  });
});

test("a time with a fraction of a second is a time, and never an id", async () => {
  const fractional = reading({ id: [{ path: "at" }], time: [{ path: "at" }] });
  expect(await readWith(fractional, { at: 1_793_631_845.5 })).toMatchObject({
    events: [{ externalId: null, occurredAt: 1_793_631_845_500 }],
  });
});

function readWith(preset: Preset, body: JsonValue) {
  return readEvents({ preset, settings: {}, request: makeRequest(JSON.stringify(body)), nowMs });
}
