import { describe, expect, test } from "vitest";
import { createDoor, type DoorDeps } from "../../src/http/door.ts";
import { problem } from "../../src/http/problem.ts";
import { eventId, randomId, sha256Hex } from "../../src/platform/hashes.ts";
import type { Rejection } from "../../src/ports/ingest/rejections.ts";
import type { SealedSecret } from "../../src/ports/ingest/sources.ts";
import {
  type SourceDeviation,
  sentBy,
  sourceAddress,
  sourceOf,
  crmWebhooks as webhooks,
} from "../crm/contract/scene.ts";
import type { CrmFixture, Sent } from "../crm/fixture.ts";
import { fixtures } from "../crm/fixtures/index.ts";
import { nowMs } from "../crm/requests.ts";
import { testWhere } from "../crm/where.ts";
import { port } from "../flows/ports.ts";

/** The door as it is, with an inbox that keeps what it is given in memory. */
async function doorOf(fixture: CrmFixture, deviation: SourceDeviation = {}) {
  const source = await sourceOf(fixture, deviation);
  const kept = new Set<string>();
  const captured: SealedSecret[] = [];
  const rejections: Rejection[] = [];
  const failures: string[] = [];
  const deps = port<DoorDeps>({
    clock: { now: () => nowMs },
    identity: { eventId, sha256Hex, randomId },
    takesEvidence: () => true,
    log: {
      debug() {},
      info() {},
      warn: (message) => void failures.push(message),
      error: (message) => void failures.push(message),
    },
    isAway: () => false,
    addressOf: () => new URL(sourceAddress).origin,
    webhooks,
    inboxes: port<DoorDeps["inboxes"]>({
      describe: async (slug) => (slug === source.slug ? source : null),
      current: async () => ({ kind: "same" }),
      async accept(_, events) {
        const acceptances = events.map(({ id }) => ({ id, duplicate: kept.has(id), conflict: false }));
        for (const { id } of events) kept.add(id);
        return { ok: true, acceptances };
      },
      async capture(_, secret) {
        captured.push(secret);
        return "kept";
      },
      reject: async (_, rejection) => void rejections.push(rejection),
    }),
  });
  const app = createDoor(() => deps);
  const context = { waitUntil() {}, passThroughOnException() {}, props: {} };
  const post = async ({ url, key, headers, body }: Sent) => {
    const at = new URL(url);
    if (key !== undefined) at.pathname += `/${encodeURIComponent(key)}`;
    // The request's `Host` can be forged, so it is not used.
    at.host = "somewhere.example.net";
    return await app.fetch(new Request(at, { method: "POST", headers, body }), {}, context);
  };
  return { post, kept, captured, rejections, failures };
}

const named = fixtures.map((fixture) => ({ name: `${fixture.preset} ${fixture.scheme}`, fixture }));

describe.each(named)("the door, for $name", ({ fixture }) => {
  test("keeps its events although no rule wants their type, and answers as the sender expects", async () => {
    const { post, kept, failures } = await doorOf(fixture);
    const answer = await post(sentBy(fixture));
    const text = await answer.text();
    if (fixture.answer === undefined) {
      expect([answer.status, JSON.parse(text).events.length]).toEqual([202, fixture.events.length]);
    } else {
      expect([answer.status, text]).toEqual([fixture.answer.status, fixture.answer.body]);
      if (text !== "") expect(answer.headers.get("content-type")).toBe(fixture.answer.contentType);
    }
    expect(kept.size).toBe(fixture.events.length);
    expect(failures).toEqual([]);
  });

  test("answers the same bytes again as it did before, and makes nothing new of them", async () => {
    const { post, kept } = await doorOf(fixture);
    const before = await post(sentBy(fixture));
    const again = await post(sentBy(fixture));
    expect(again.status).toBe(before.status);
    expect(kept.size).toBe(fixture.events.length);
  });

  test("tells a stranger the same sentence whatever is wrong, and keeps why for the operator", async () => {
    const { post, kept, rejections } = await doorOf(fixture);
    const wrong = sentBy(fixture, { secret: fixture.otherSecret });
    const bare = { ...wrong, url: sourceAddress, headers: { "content-type": "application/json" }, key: "guess" };
    const sentence = await problem("not_verified").text();
    for (const sent of [wrong, bare]) {
      const answer = await post(sent);
      expect([answer.status, await answer.text()]).toEqual([401, sentence]);
    }
    expect(kept.size).toBe(0);
    expect(rejections.length).toBeGreaterThan(0);
    for (const { code, detail } of rejections) expect([code, detail]).not.toContain("");
  });

  test("answers no body of the sender's with a fault of its own", async () => {
    const { post, failures } = await doorOf(fixture);
    for (const body of ["", "null", "7", "[", "<a>", `{"a":${"[".repeat(70)}${"]".repeat(70)}}`, "a=%00&b[=1"]) {
      const answer = await post(sentBy(fixture, { body }));
      expect(answer.status).toBeLessThan(500);
    }
    expect(failures).toEqual([]);
  });

  testWhere(fixture.batch !== undefined)("takes an empty batch, and refuses more than a thousand at once", async () => {
    const { post, kept } = await doorOf(fixture);
    const empty = await post(sentBy(fixture, { body: fixture.batch?.(0) ?? "" }));
    expect(empty.status).toBeLessThan(fixture.preset === "salesforce" ? 401 : 300);
    expect((await post(sentBy(fixture, { body: fixture.batch?.(1_001) ?? "" }))).status).toBe(413);
    expect(kept.size).toBe(0);
  });

  test.each(fixture.handshakes ?? [])("answers $about, and makes no event of it", async ({ sent, fresh, answer }) => {
    const { post, kept, captured, failures } = await doorOf(fixture, fresh === true ? { secrets: [] } : {});
    const told = await post(sent({ secret: fixture.secret ?? "", at: nowMs, url: sourceAddress }));
    expect([told.status, await told.text()]).toEqual([answer.status, answer.body]);
    for (const [name, value] of Object.entries(answer.headers ?? {})) expect(told.headers.get(name)).toBe(value);
    expect(told.headers.get("x-content-type-options")).toBe("nosniff");
    expect([kept.size, failures]).toEqual([0, []]);
    if (fresh !== true) expect(captured).toEqual([]);
  });
});
