import { describe, expect, it } from "vitest";
import { type HearPorts, hear } from "../../src/flows/hear.ts";
import { eventId, randomId, sha256Hex } from "../../src/platform/identity.ts";
import { port } from "./ports.ts";

const line = { slug: "support", sealedSecret: null, settings: null };

function stage(deviation: Partial<HearPorts["webhooks"]> = {}) {
  const news: [string, string[]][] = [];
  const ports: HearPorts = {
    identity: { eventId, sha256Hex, randomId },
    lines: port<HearPorts["lines"]>({
      async news(slug, conversations) {
        news.push([slug, conversations]);
      },
    }),
    webhooks: {
      lineOf: async (hash) => (hash === (await sha256Hex("the-key")) ? line : null),
      verify: async () => ({ ok: true }),
      read: () => ({ ok: true, conversationUuids: ["c-1", "c-2"] }),
      ...deviation,
    },
  };
  return { news, ports };
}
const request = (key = "the-key") => ({ key, headers: {}, body: new TextEncoder().encode("{}") });

describe("hearing of an outcome", () => {
  it("tells the key's line where there is news, and nothing of what was said", async () => {
    const { news, ports } = stage();
    expect(await hear(ports, request())).toEqual({ kind: "heard", conversations: 2 });
    expect(news).toEqual([["support", ["c-1", "c-2"]]]);
  });

  it.each<[string, string, Partial<HearPorts["webhooks"]>, object]>([
    ["a key of no line", "another-key", {}, { kind: "no_line" }],
    [
      "a wrong signature",
      "the-key",
      { verify: async () => ({ ok: false, reason: "signature_wrong" }) },
      { kind: "refused", reason: "signature_wrong" },
    ],
    [
      "what cannot be read",
      "the-key",
      { read: () => ({ ok: false, reason: "not_json" }) },
      { kind: "unreadable", reason: "not_json" },
    ],
    [
      "a report about no conversation",
      "the-key",
      { read: () => ({ ok: false, reason: "no_conversation" }) },
      { kind: "heard", conversations: 0 },
    ],
  ])("%s tells no line anything", async (_, key, deviation, expected) => {
    const { news, ports } = stage(deviation);
    expect(await hear(ports, request(key))).toEqual(expected);
    expect(news).toEqual([]);
  });

  it("reads nothing before the signature is found right", async () => {
    const { ports } = stage({
      verify: async () => ({ ok: false, reason: "signature_wrong" }),
      read: () => {
        throw new Error("it was read");
      },
    });
    expect(await hear(ports, request())).toMatchObject({ kind: "refused" });
  });
});
