/** The copy of a source may be older than a change that was answered. */
import { describe, expect, it } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import type { IncomingEvent, WebhookRequest } from "../../../src/domain/events/webhook.ts";
import { type AcceptPorts, accept } from "../../../src/flows/ingest/accept.ts";
import { eventId, randomId, sha256Hex } from "../../../src/platform/hashes.ts";
import type { AcceptAnswer, Inboxes } from "../../../src/ports/ingest/inboxes.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";
import { sourceCopy } from "../../source-copy.ts";
import { port } from "../ports.ts";

const now = Date.parse("2026-01-05T18:00:00Z");
const request: WebhookRequest = {
  method: "POST",
  url: null,
  key: null,
  headers: { "x-signature": "new" },
  body: new TextEncoder().encode("{}"),
};
const incoming: IncomingEvent = {
  externalId: "evt-1",
  dedupeKey: "evt-1",
  type: "orders/updated",
  occurredAt: now,
  data: {},
  body: "{}",
  bodyHash: "hash-1",
};

/** The shop with these secrets; the request is signed by the secret `new`. */
const copy = (version: number, secrets: readonly string[], more: Partial<SourceCopy> = {}) =>
  sourceCopy({ version, secrets: secrets.map((id) => ({ id, sealed: `jwe-${id}` })), ...more });
const old = copy(1, ["old"]);
const rotated = copy(2, ["new"]);

type Current = Awaited<ReturnType<Inboxes["current"]>>;
const leftOut: AcceptAnswer = { ok: false, reason: "away", retryAfterSeconds: 5, leftOut: true };

/** An isolate that has `known`; its inbox answers the question for the present copy, and to each accept in turn. */
function isolate(
  known: SourceCopy,
  current: Current | Error,
  { answers = [], webhooks = {} }: { answers?: AcceptAnswer[]; webhooks?: Partial<AcceptPorts["webhooks"]> } = {},
) {
  const given: NewEvent[] = [];
  const asked: number[] = [];
  const ports: AcceptPorts = {
    clock: { now: () => now },
    identity: { eventId, sha256Hex, randomId },
    takesEvidence: () => true,
    inboxes: port<Inboxes>({
      describe: async () => known,
      async current({ version }) {
        asked.push(version);
        if (current instanceof Error) throw current;
        return current;
      },
      async accept(_, events) {
        given.push(...events);
        const acceptances = events.map(({ id }) => ({ id, duplicate: false, conflict: false }));
        return answers.shift() ?? { ok: true, acceptances };
      },
    }),
    webhooks: {
      handshake: async () => null,
      verify: async ({ secrets }) =>
        secrets.some(({ id }) => id === "new")
          ? { ok: true, secretId: "new" }
          : { ok: false, reason: "signature_wrong", detail: "No secret made it." },
      read: async () => ({ ok: true, events: [incoming] }),
      storedHeaders: () => ({}),
      evidence: () => Promise.reject(new Error("none")),
      answer: () => null,
      notNow: () => 429,
      ...webhooks,
    },
  };
  return { given, asked, take: () => accept(ports, "shop", async () => request) };
}

describe("a request that an older copy would refuse", () => {
  it("is accepted by the present copy, and its events say by which secret and version", async () => {
    const { take, given, asked } = isolate(old, { kind: "changed", source: rotated });
    expect(await take()).toMatchObject({ kind: "accepted" });
    expect([asked, given.map(({ verified }) => verified)]).toEqual([[1], [{ secretId: "new", sourceVersion: 2 }]]);
  });

  it("to a source that was closed and is open again is accepted", async () => {
    const { take } = isolate(copy(1, ["new"], { disconnected: true }), { kind: "changed", source: rotated });
    expect(await take()).toMatchObject({ kind: "accepted" });
  });

  it("is asked about only if it cannot be verified: what is signed and unreadable costs nothing more", async () => {
    const webhooks: Partial<AcceptPorts["webhooks"]> = {
      read: async () => ({ ok: false, reason: "not_json", detail: "no" }),
    };
    const { take, asked } = isolate(rotated, new Error("nobody is asked"), { webhooks });
    expect([(await take()).kind, asked]).toEqual(["unreadable", []]);
  });

  it("whose handshake an older copy would refuse is answered", async () => {
    const webhooks: Partial<AcceptPorts["webhooks"]> = {
      handshake: async ({ version }) =>
        version === 1
          ? { kind: "refused", reason: "signature_wrong", detail: "no" }
          : { kind: "answer", answer: { status: 200, headers: {}, body: "yes" } },
    };
    expect(await isolate(old, { kind: "changed", source: rotated }, { webhooks }).take()).toMatchObject({
      kind: "handshake",
    });
  });

  it.each([
    ["the copy is the present one", { kind: "same" }, { kind: "refused", rejection: { code: "signature_wrong" } }],
    ["the present one refuses it too", { kind: "changed", source: copy(2, ["other"]) }, { kind: "refused" }],
    [
      "the source is closed by now",
      { kind: "changed", source: copy(2, [], { disconnected: true }) },
      { kind: "no_source" },
    ],
    ["the source is gone", { kind: "gone" }, { kind: "no_source" }],
    ["too much is asked just now", { kind: "unknown" }, { kind: "unavailable", status: 429, retryAfterSeconds: 5 }],
    ["its inbox does not answer", new Error("late"), { kind: "unavailable", status: 429, error: new Error("late") }],
  ] as const)("ends by what is known where %s", async (_, current, end) => {
    const { take, asked, given } = isolate(old, current as Current | Error);
    expect(await take()).toMatchObject(end);
    expect([asked, given]).toEqual([[1], []]);
  });

  it("is not asked about where nothing is refused", async () => {
    const { take, asked } = isolate(rotated, new Error("nobody is asked"));
    expect(await take()).toMatchObject({ kind: "accepted" });
    expect(asked).toEqual([]);
  });
});

describe("a request that an older copy accepts and Postgres leaves out", () => {
  it("is verified anew, and committed with the version that it was verified by", async () => {
    const changed = { kind: "changed", source: copy(3, ["newest", "new"]) } as const;
    const { take, given } = isolate(rotated, changed, { answers: [leftOut] });
    expect(await take()).toMatchObject({ kind: "accepted" });
    expect(given.map(({ verified }) => verified?.sourceVersion)).toEqual([2, 3]);
  });

  it("is refused if the present copy refuses it, with its rejection", async () => {
    const { take, given } = isolate(rotated, { kind: "changed", source: copy(3, ["other"]) }, { answers: [leftOut] });
    expect(await take()).toMatchObject({ kind: "refused", rejection: { code: "signature_wrong" } });
    expect(given).toHaveLength(1);
  });

  it("is nobody's if the source is closed", async () => {
    const closed = { kind: "changed", source: copy(3, ["new"], { disconnected: true }) } as const;
    expect(await isolate(rotated, closed, { answers: [leftOut] }).take()).toEqual({ kind: "no_source" });
  });

  it("is sent again by its sender if it is left out once more, or if nobody can tell", async () => {
    const again = isolate(rotated, { kind: "changed", source: copy(3, ["new"]) }, { answers: [leftOut, leftOut] });
    expect(await again.take()).toEqual({ kind: "unavailable", status: 429, retryAfterSeconds: 5 });
    expect([again.given.length, again.asked.length]).toEqual([2, 1]);
    for (const current of [{ kind: "same" }, { kind: "unknown" }] as const) {
      const one = isolate(rotated, current, { answers: [leftOut] });
      expect(await one.take()).toEqual({ kind: "unavailable", status: 429, retryAfterSeconds: 5 });
      expect(one.given).toHaveLength(1);
    }
  });
});
