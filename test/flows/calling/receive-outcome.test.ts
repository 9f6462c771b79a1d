import { describe, expect, it } from "vitest";
import { type ReceiveOutcomePorts, receiveOutcome } from "../../../src/flows/calling/receive-outcome.ts";
import { eventId, randomId, sha256Hex } from "../../../src/platform/hashes.ts";
import type { OutcomeReport } from "../../../src/ports/calling/outcome-reports.ts";
import type { WebhookLine, WebhookReport } from "../../../src/ports/calling/outcome-webhooks.ts";
import { port } from "../ports.ts";

const line: WebhookLine = { slug: "support", sealedSecret: null, settings: null };

const report = (conversationUuid: string | null): WebhookReport => ({
  event: "conversation_end_report",
  conversationUuid,
  mihuId: "call-1",
  about: "call-1",
  body: "{}",
});

function stage(deviation: Partial<ReceiveOutcomePorts["webhooks"]> = {}, kept = true) {
  const news: [string, OutcomeReport[]][] = [];
  const ports: ReceiveOutcomePorts = {
    clock: { now: () => 1_767_636_000_000 },
    identity: { eventId, sha256Hex, randomId },
    lines: port<ReceiveOutcomePorts["lines"]>({
      async news(slug, reports) {
        news.push([slug, reports]);
        return kept;
      },
    }),
    webhooks: {
      lineOf: async (hash) => (hash === (await sha256Hex("the-key")) ? line : null),
      verify: async () => ({ ok: true }),
      read: () => ({ ok: true, reports: [report("c-1"), report("c-2"), report("c-2")] }),
      ...deviation,
    },
  };
  return { news, ports };
}
const request = (key = "the-key", body = "{}") => ({
  key,
  headers: {},
  read: async () => new TextEncoder().encode(body),
});

describe("hearing of an outcome", () => {
  it("has the key's line keep the reports, each with a key of its own", async () => {
    const { news, ports } = stage();
    expect(await receiveOutcome(ports, request())).toEqual({ kind: "received", conversations: 2 });
    expect(news).toMatchObject([["support", [{ conversationUuid: "c-1", receivedAt: 1_767_636_000_000 }, {}, {}]]]);
    expect(new Set(news[0]?.[1].map(({ key }) => key)).size).toBe(3);
  });

  it("gives the same report the same key, and another body another one", async () => {
    const { news, ports } = stage({ read: () => ({ ok: true, reports: [report("c-1")] }) });
    await receiveOutcome(ports, request());
    await receiveOutcome(ports, request());
    await receiveOutcome(ports, request("the-key", "{ }"));
    const [first, second, other] = news.map(([, [kept]]) => kept?.key);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it("keeps a report about no conversation too", async () => {
    const { news, ports } = stage({ read: () => ({ ok: true, reports: [report(null)] }) });
    expect(await receiveOutcome(ports, request())).toEqual({ kind: "received", conversations: 0 });
    expect(news).toHaveLength(1);
  });

  it("is not acknowledged where it cannot be kept", async () => {
    const { ports } = stage({}, false);
    expect(await receiveOutcome(ports, request())).toEqual({ kind: "unavailable" });
  });

  it("is not acknowledged, and no failure of ours, where the line's object cannot be reached", async () => {
    const { ports } = stage();
    const error = new Error("the object was reset");
    ports.lines.news = () => Promise.reject(error);
    expect(await receiveOutcome(ports, request())).toEqual({ kind: "unavailable", error });
  });

  it("reads nothing for a key that is nobody's, and says that a body is too large for one that is", async () => {
    const { news, ports } = stage();
    let reads = 0;
    const read = async () => {
      reads++;
      return null;
    };
    for (const key of ["", "guess", "the-key ", "THE-KEY", "the-key/"])
      expect(await receiveOutcome(ports, { key, headers: {}, read })).toEqual({ kind: "no_line" });
    expect(reads).toBe(0);
    expect(await receiveOutcome(ports, { key: "the-key", headers: {}, read })).toEqual({ kind: "body_too_large" });
    expect([reads, news]).toEqual([1, []]);
  });

  it.each<[string, string, Partial<ReceiveOutcomePorts["webhooks"]>, object]>([
    ["a key of no line", "another-key", {}, { kind: "no_line" }],
    [
      "a wrong signature",
      "the-key",
      { verify: async () => ({ ok: false, reason: "signature_wrong" }) },
      { kind: "refused", line: "support", reason: "signature_wrong" },
    ],
    [
      "what cannot be read",
      "the-key",
      { read: () => ({ ok: false, reason: "not_json" }) },
      { kind: "unreadable", reason: "not_json" },
    ],
    [
      "a key that nobody can be asked about now",
      "the-key",
      { lineOf: async () => "unavailable" },
      { kind: "unavailable" },
    ],
  ])("%s tells no line anything", async (_, key, deviation, expected) => {
    const { news, ports } = stage(deviation);
    expect(await receiveOutcome(ports, request(key))).toEqual(expected);
    expect(news).toEqual([]);
  });

  it("reads nothing before the signature is found right", async () => {
    const { ports } = stage({
      verify: async () => ({ ok: false, reason: "signature_wrong" }),
      read: () => {
        throw new Error("it was read");
      },
    });
    expect(await receiveOutcome(ports, request())).toMatchObject({ kind: "refused" });
  });
});
