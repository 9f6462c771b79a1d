import { describe, expect, it } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import type { IncomingEvent, WebhookRequest } from "../../../src/domain/events/webhook.ts";
import { type AcceptPorts, accept } from "../../../src/flows/ingest/accept.ts";
import { refuseMethod } from "../../../src/flows/ingest/refuse-method.ts";
import { eventId, randomId, sha256Hex } from "../../../src/platform/hashes.ts";
import type { AcceptAnswer } from "../../../src/ports/ingest/inboxes.ts";
import type { StoredRequest } from "../../../src/ports/ingest/rejections.ts";
import { sourceCopy } from "../../source-copy.ts";
import { port } from "../ports.ts";

const eventsPerRequestMax = 1_000;
const now = Date.parse("2026-01-05T18:00:00Z");
const shop = sourceCopy({ orderNumber: "{{ data.name }}", recordType: "order", recordId: "{{ data.id }}" });
const payload = { id: 987, name: "#1001" };
const incoming: IncomingEvent = {
  externalId: "evt-1",
  dedupeKey: "evt-1",
  type: "orders/updated",
  occurredAt: now,
  data: payload,
  body: JSON.stringify(payload),
  bodyHash: "hash-1",
};

const request = (body: string): WebhookRequest => ({
  method: "POST",
  url: null,
  key: null,
  headers: { "content-type": "application/json", "x-signature": "s3cret" },
  body: new TextEncoder().encode(body),
});

const evidence: StoredRequest = {
  method: "POST",
  url: null,
  headers: {},
  body: null,
  bodyKept: "unsigned",
  presented: null,
};

/** Ports that hold plain values; what reached the inbox is noted. */
function stage(
  deviation: { webhooks?: Partial<AcceptPorts["webhooks"]>; inboxes?: Partial<AcceptPorts["inboxes"]> } = {},
) {
  const given: NewEvent[][] = [];
  const ports: AcceptPorts = {
    clock: { now: () => now },
    identity: { eventId, sha256Hex, randomId },
    takesEvidence: () => true,
    inboxes: port<AcceptPorts["inboxes"]>({
      describe: async (slug) => (slug === "shop" ? shop : null),
      current: async () => ({ kind: "same" }),
      async accept(_, events): Promise<AcceptAnswer> {
        given.push(events);
        return { ok: true, acceptances: events.map(({ id }) => ({ id, duplicate: false, conflict: false })) };
      },
      ...deviation.inboxes,
    }),
    webhooks: {
      handshake: async () => null,
      verify: async () => ({ ok: true, secretId: "secret-1" }),
      read: async () => ({ ok: true, events: [incoming] }),
      storedHeaders: () => ({ "content-type": "application/json" }),
      evidence: async () => evidence,
      answer: () => null,
      notNow: () => 503,
      ...deviation.webhooks,
    },
  };
  return { given, ports };
}

const reading = (count: number) => async () => ({
  ok: true as const,
  events: Array.from({ length: count }, (_, index) => ({ ...incoming, dedupeKey: `evt-${index}` })),
});

describe("accepting a request", () => {
  it("hands on its events with their ids and what they are about, and answers with them", async () => {
    const { given, ports } = stage();
    const receipt = await accept(ports, "shop", async () => request(incoming.body));
    const id = await eventId("shop", "evt-1");
    expect(receipt).toEqual({
      kind: "accepted",
      events: [{ id, externalId: "evt-1", duplicate: false, conflict: false }],
      answer: null,
    });
    expect(given).toEqual([
      [
        {
          id,
          source: "shop",
          dedupeKey: "evt-1",
          former: null,
          externalId: "evt-1",
          type: "orders/updated",
          occurredAt: now,
          orderNumber: "#1001",
          orderNumberKey: "1001",
          record: { type: "order", id: "987" },
          body: incoming.body,
          bodyHash: "hash-1",
          headers: { "content-type": "application/json" },
          verified: { secretId: null, sourceVersion: 1 },
        },
      ],
    ]);
  });

  it("says which were seen before, each in its place", async () => {
    const { ports } = stage({
      webhooks: { read: reading(2) },
      inboxes: {
        accept: async (_, events) => ({
          ok: true,
          acceptances: events.map(({ id }, index) => ({ id, duplicate: index === 1, conflict: false })),
        }),
      },
    });
    const receipt = await accept(ports, "shop", async () => request("{}"));
    expect(receipt).toMatchObject({ kind: "accepted", events: [{ duplicate: false }, { duplicate: true }] });
  });

  it("gives the answer that its sender insists on", async () => {
    const answer = { status: 200, contentType: "text/plain", body: "ok" };
    const { ports } = stage({ webhooks: { answer: () => answer } });
    expect(await accept(ports, "shop", async () => request("{}"))).toMatchObject({ kind: "accepted", answer });
  });

  it("without any event keeps nothing: a heartbeat", async () => {
    const { given, ports } = stage({ webhooks: { read: reading(0) } });
    expect(await accept(ports, "shop", async () => request("[]"))).toEqual({
      kind: "accepted",
      events: [],
      answer: null,
    });
    expect(given).toEqual([]);
  });

  const refused = { ok: false, reason: "signature_wrong", detail: "No active secret makes this signature." } as const;
  it.each<[string, string, string, Parameters<typeof stage>[0], object]>([
    ["an unknown source", "nowhere", "{}", {}, { kind: "no_source" }],
    [
      "a source that nobody can tell of now",
      "shop",
      "{}",
      { inboxes: { describe: () => Promise.reject(new Error("away")) } },
      { kind: "unavailable", status: 503, retryAfterSeconds: 5 },
    ],
    [
      "a wrong signature",
      "shop",
      "{}",
      { webhooks: { verify: async () => refused } },
      { kind: "refused", rejection: { code: "signature_wrong", detail: refused.detail } },
    ],
    [
      "a wrong signature over what is not even JSON: the signature is looked at first",
      "shop",
      "{",
      { webhooks: { verify: async () => refused } },
      { kind: "refused", rejection: { code: "signature_wrong" } },
    ],
    [
      "no body",
      "shop",
      "",
      { webhooks: { read: async () => ({ ok: false, reason: "empty", detail: "the body is empty" }) } },
      { kind: "unreadable", rejection: { code: "empty", bodyBytes: 0 } },
    ],
    [
      "a body nested over 64 levels",
      "shop",
      "[[",
      { webhooks: { read: async () => ({ ok: false, reason: "too_deep", detail: "nested over 64 levels" }) } },
      { kind: "too_large", rejection: { code: "too_deep" } },
    ],
    [
      "a form or XML of too many fields",
      "shop",
      "a=1&a=1",
      { webhooks: { read: async () => ({ ok: false, reason: "too_many_fields", detail: "too many" }) } },
      { kind: "too_large", rejection: { code: "too_many_fields" } },
    ],
    [
      "a batch whose events share too much",
      "shop",
      "{}",
      { webhooks: { read: async () => ({ ok: false, reason: "split_too_large", detail: "too large" }) } },
      { kind: "too_large", rejection: { code: "split_too_large" } },
    ],
    [
      "signed JSON that is no event",
      "shop",
      "1",
      { webhooks: { read: async () => ({ ok: false, reason: "not_an_object", detail: "it is a number" }) } },
      { kind: "unreadable", rejection: { code: "not_an_object" } },
    ],
    [
      "too many events, by the reader",
      "shop",
      "[]",
      { webhooks: { read: async () => ({ ok: false, reason: "too_many_events", detail: "1001" }) } },
      { kind: "too_large", rejection: { code: "too_many_events" } },
    ],
    [
      "what Postgres cannot store",
      "shop",
      "{}",
      { inboxes: { accept: async () => ({ ok: false, reason: "refused" }) } },
      { kind: "unreadable", rejection: { code: "refused" } },
    ],
    [
      "an inbox that can take nothing",
      "shop",
      "{}",
      { inboxes: { accept: async () => ({ ok: false, reason: "away", retryAfterSeconds: 7 }) } },
      { kind: "unavailable", status: 503, retryAfterSeconds: 7 },
    ],
    [
      "an inbox that can take nothing, of a sender to whom another status says so",
      "shop",
      "{}",
      {
        inboxes: { accept: async () => ({ ok: false, reason: "away", retryAfterSeconds: 7 }) },
        webhooks: { notNow: () => 429 },
      },
      { kind: "unavailable", status: 429, retryAfterSeconds: 7 },
    ],
    [
      "an inbox that is reset",
      "shop",
      "{}",
      { inboxes: { accept: () => Promise.reject(new Error("reset")) }, webhooks: { notNow: () => 429 } },
      { kind: "unavailable", status: 429, retryAfterSeconds: 5, error: new Error("reset") },
    ],
    [
      "an id with too many different bodies",
      "shop",
      "{}",
      {
        inboxes: {
          accept: async () => ({
            ok: true,
            acceptances: [{ id: "e", duplicate: false, conflict: true, refused: true }],
          }),
        },
      },
      { kind: "conflicts", rejection: { code: "too_many_conflicts", kept: evidence } },
    ],
  ])("%s ends as it is written, and keeps nothing", async (_, slug, body, deviation, expected) => {
    const { given, ports } = stage(deviation);
    expect(await accept(ports, slug, async () => request(body))).toMatchObject(expected);
    expect(given).toEqual([]);
  });

  describe("a sender's handshake", () => {
    const answer = { status: 200, headers: { "x-hook-secret": "s3cret" }, body: "" };
    const sealed = { sealed: "jwe", kid: "k1", fingerprint: "f" };
    const unasked = { verify: () => Promise.reject(new Error("a handshake is not verified as an event")) };
    it("that asks to hear something is answered, and nothing is verified, read or kept", async () => {
      const { given, ports } = stage({ webhooks: { ...unasked, handshake: async () => ({ kind: "answer", answer }) } });
      expect(await accept(ports, "shop", async () => request("{}"))).toEqual({ kind: "handshake", answer });
      expect(given).toEqual([]);
    });

    it.each<[string, "kept" | "taken" | "away", object]>([
      ["is answered once its secret is kept", "kept", { kind: "handshake", answer }],
      ["is refused by a source that has one", "taken", { kind: "refused", rejection: { code: "handshake_refused" } }],
      [
        "is asked to come again while Postgres is away",
        "away",
        { kind: "unavailable", status: 503, retryAfterSeconds: 5 },
      ],
    ])("that hands its secret over %s", async (_, captured, expected) => {
      const offered: unknown[] = [];
      const { given, ports } = stage({
        webhooks: { ...unasked, handshake: async () => ({ kind: "capture", secret: sealed, answer }) },
        inboxes: {
          async capture(slug, secret) {
            offered.push([slug, secret]);
            return captured;
          },
        },
      });
      const receipt = await accept(ports, "shop", async () => request("{}"));
      expect(receipt).toMatchObject(expected);
      expect(offered).toEqual([["shop", sealed]]);
      expect(given).toEqual([]);
      if (captured !== "kept") expect(JSON.stringify(receipt)).not.toContain("s3cret");
    });

    it("that is refused is kept as a rejection, with its reason", async () => {
      const refused = { kind: "refused", reason: "handshake_refused", detail: "It has a secret." } as const;
      const { ports } = stage({ webhooks: { ...unasked, handshake: async () => refused } });
      expect(await accept(ports, "shop", async () => request("{}"))).toMatchObject({
        kind: "refused",
        rejection: { code: "handshake_refused", detail: "It has a secret." },
      });
    });

    it("of no source, or of a disconnected one, is nobody's", async () => {
      const asked = { ...unasked, handshake: async () => ({ kind: "answer", answer }) as const };
      const { ports } = stage({
        webhooks: asked,
        inboxes: { describe: async () => ({ ...shop, disconnected: true }) },
      });
      expect(await accept(ports, "shop", async () => request("{}"))).toEqual({ kind: "no_source" });
    });
  });

  describe("of a guessed name", () => {
    it.each<[string, AcceptPorts["inboxes"]["describe"], object]>([
      ["that no source has", async () => null, { kind: "no_source" }],
      ["of which nobody can tell", () => Promise.reject(new Error("unknown")), { kind: "unavailable", status: 503 }],
    ])("%s reads nothing, however it was sent", async (_, describe, expected) => {
      const { ports } = stage({ inboxes: { describe } });
      let reads = 0;
      const read = async () => {
        reads++;
        return request("{}");
      };
      expect(await accept(ports, "guess", read)).toMatchObject(expected);
      expect(await refuseMethod(ports, "guess", read)).toBeNull();
      expect(reads).toBe(0);
    });
  });

  it("refuses a body over the limit of a known name, by POST and by another method", async () => {
    const { given, ports } = stage();
    expect(await accept(ports, "shop", async () => null)).toEqual({ kind: "body_too_large" });
    expect(await refuseMethod(ports, "shop", async () => null)).toBe("body_too_large");
    expect(given).toEqual([]);
  });

  it("takes as many events as one request may carry", async () => {
    const { given, ports } = stage({ webhooks: { read: reading(eventsPerRequestMax) } });
    expect(await accept(ports, "shop", async () => request("[]"))).toMatchObject({ kind: "accepted" });
    expect(given[0]).toHaveLength(eventsPerRequestMax);
  });

  it("refuses what is to be refused, though nothing can be kept of it", async () => {
    const { ports } = stage({
      webhooks: { verify: async () => refused, evidence: async () => Promise.reject(new Error("no key")) },
    });
    const receipt = await accept(ports, "shop", async () => request("{}"));
    expect(receipt).toMatchObject({ kind: "refused", rejection: { code: "signature_wrong" } });
    expect(receipt).not.toHaveProperty("rejection.kept");
  });

  it("of a flood, for which there is no more room, is refused without the work of its evidence", async () => {
    let asked = 0;
    const { ports } = stage({
      webhooks: {
        verify: async () => refused,
        async evidence() {
          asked++;
          return evidence;
        },
      },
    });
    const rooms = [true, false, false];
    ports.takesEvidence = () => rooms.shift() === true;
    for (const kept of [evidence, undefined, undefined]) {
      const receipt = await accept(ports, "shop", async () => request("{}"));
      expect(receipt).toMatchObject({ kind: "refused", rejection: { code: "signature_wrong", bodyBytes: 2 } });
      expect("rejection" in receipt && receipt.rejection.kept).toEqual(kept);
    }
    expect(asked).toBe(1);
  });

  it("notes of a refused request the names of its headers and none of their values", async () => {
    const { ports } = stage({ webhooks: { verify: async () => refused } });
    const receipt = await accept(ports, "shop", async () => request("{}"));
    expect(receipt).toMatchObject({ rejection: { at: now, headers: ["content-type", "x-signature"] } });
    expect(JSON.stringify(receipt)).not.toContain("s3cret");
  });

  it("that fails for a reason nobody foresaw is an exception, and no answer of ours", async () => {
    const { ports } = stage({ webhooks: { verify: () => Promise.reject(new Error("a bug")) } });
    await expect(accept(ports, "shop", async () => request("{}"))).rejects.toThrow("a bug");
  });
});
