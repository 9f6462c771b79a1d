import { describe, expect, it } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import type { DirectCall } from "../../../src/domain/plan/direct-call.ts";
import { dryRunCall, type RequestCallPorts, requestCall } from "../../../src/flows/planning/request-call.ts";
import { eventId, randomId, sha256Hex } from "../../../src/platform/hashes.ts";
import type { AcceptAnswer, Inboxes } from "../../../src/ports/ingest/inboxes.ts";
import { now, support } from "../../domain/scene.ts";
import { port } from "../ports.ts";

const wanted: DirectCall = {
  line: "support",
  number: "+14155550100",
  about: "Ring.",
  order_number: "#A-1",
  record: { type: "order", id: "1" },
};

type DryRunPorts = Parameters<typeof dryRunCall>[0];

function stage(answer?: AcceptAnswer, repeats: string | null = null) {
  const asked: Parameters<DryRunPorts["rehearsals"]["repeated"]>[0][] = [];
  const given: { slug: string; event: NewEvent | undefined; how: Parameters<Inboxes["accept"]>[2] }[] = [];
  const ports: RequestCallPorts & DryRunPorts = {
    rehearsals: {
      async repeated(call) {
        asked.push(call);
        return repeats;
      },
    },
    clock: { now: () => now },
    identity: { eventId, sha256Hex, randomId },
    inboxes: port<RequestCallPorts["inboxes"]>({
      async accept(slug, events, how) {
        given.push({ slug, event: events[0], how });
        const acceptances = events.map(({ id }) => ({ id, duplicate: false, conflict: false }));
        return answer ?? { ok: true, acceptances };
      },
    }),
    sources: {
      wentBack: async () => {},
      capture: async () => false,
      copy: async () => null,
      lines: async () => ({ lines: [support], version: "1" }),
    },
  };
  return { given, asked, ports };
}

describe("a call that is asked for directly", () => {
  it("is an event of the source `api`, durable and planned before the answer", async () => {
    const { given, ports } = stage();
    const answer = await requestCall(ports, wanted, { holder: "crm", key: "key-1" });
    const id = await eventId("api", "key:3:crm:key-1");
    expect(answer).toMatchObject({ ok: true, eventId: id, duplicate: false, conflict: false });
    expect(given).toEqual([
      {
        slug: "api",
        how: { waitForPlan: true },
        event: {
          id,
          source: "api",
          dedupeKey: "key:3:crm:key-1",
          former: null,
          externalId: "key-1",
          type: "call.requested",
          occurredAt: null,
          orderNumber: "#A-1",
          orderNumberKey: "a-1",
          record: { type: "order", id: "1" },
          body: JSON.stringify(wanted),
          bodyHash: await sha256Hex(JSON.stringify(wanted)),
          headers: {},
        },
      },
    ]);
  });

  it("with one Idempotency-Key is one event, and without one another each time", async () => {
    const { given, ports } = stage();
    for (const key of ["key-1", "key-1", null, null])
      await requestCall(ports, wanted, key === null ? null : { holder: "crm", key });
    const ids = given.map(({ event }) => event?.id);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it("with one Idempotency-Key of two holders is two events, however their names and keys meet", async () => {
    const { given, ports } = stage();
    const pairs = [
      ["crm", "key-1"],
      ["zap", "key-1"],
      ["crm", "1:key-1"],
      ["crm:1", "key-1"],
      ["", "3:crm:key-1"],
    ] as const;
    for (const [holder, key] of pairs) await requestCall(ports, wanted, { holder, key });
    expect(new Set(given.map(({ event }) => event?.id)).size).toBe(pairs.length);
  });

  it("cannot take the place of one without a key by guessing its id", async () => {
    const { given, ports } = stage();
    await requestCall(ports, wanted, null);
    const own = given[0]?.event?.dedupeKey ?? "";
    await requestCall(ports, wanted, { holder: "crm", key: own });
    expect(given[1]?.event?.id).not.toBe(given[0]?.event?.id);
  });

  it("tells its caller when nothing can take it", async () => {
    const away = { ok: false, reason: "away", retryAfterSeconds: 7 } as const;
    expect(await requestCall(stage(away).ports, wanted, null)).toEqual(away);
    const refused = { ok: false, reason: "refused" } as const;
    expect(await requestCall(stage(refused).ports, wanted, null)).toEqual(refused);
  });

  it("as a dry run shows what it would be, and makes nothing", async () => {
    const { given, ports } = stage();
    expect(await dryRunCall(ports, wanted)).toMatchObject({ status: "queued", number: "+14155550100", dueAt: now });
    expect(await dryRunCall(ports, { ...wanted, line: "gone" })).toMatchObject({ reason: "line_missing" });
    expect(given).toEqual([]);
  });

  it("as a dry run is held when it repeats a call, and rings with `again` and a reason", async () => {
    const { asked, ports } = stage(undefined, "event-1");
    expect(await dryRunCall(ports, wanted)).toMatchObject({
      status: "held",
      reason: "looks_like_a_loop",
      detail: { event_id: "event-1" },
      verdicts: expect.arrayContaining([{ gate: "loop", verdict: "stop", inputs: { event_id: "event-1" } }]),
    });
    expect(await dryRunCall(ports, { ...wanted, again: true, reason: "She asked twice." })).toMatchObject({
      status: "queued",
      reason: null,
      verdicts: expect.arrayContaining([
        { gate: "loop", verdict: "pass", inputs: { event_id: "event-1", again: true } },
      ]),
    });
    expect(asked).toEqual(
      [1, 2].map(() => ({ number: "+14155550100", orderNumberKey: "a-1", record: { type: "order", id: "1" } })),
    );
  });

  it("as a dry run that makes no call is no repetition of anything", async () => {
    const { asked, ports } = stage(undefined, "event-1");
    expect(await dryRunCall(ports, { ...wanted, number: "112" })).toMatchObject({ reason: "number_refused" });
    expect(asked).toEqual([]);
  });
});
