import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEvents } from "../../src/crm/read.ts";
import { checkSettings } from "../../src/crm/settings.ts";
import { verifySignature } from "../../src/crm/verify.ts";
import { readJson } from "../../src/domain/json.ts";
import { fixtures, makeRequest, nowMs, proofHeader, requestOf, verify, withHeader } from "./requests.ts";

const seeded = { seed: 20_261_102, numRuns: 200 };
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.base64String(),
  fc.stringMatching(/^[0-9a-f]{64}$/),
);

describe.each(fixtures)("$name", (fixture) => {
  const good = requestOf(fixture);
  const proof = proofHeader(fixture);

  test("no header, key and body that anybody makes up throws or verifies", async () => {
    const names = fc.constantFrom(proof ?? "x", "authorization", "x-shopify-topic", "__proto__", "constructor");
    const headers = fc.dictionary(
      fc.oneof(names, anyText),
      fc.oneof(
        anyText,
        anyText.map((text) => `Bearer ${text}`),
      ),
    );
    await fc.assert(
      fc.asyncProperty(headers, fc.option(anyText), fc.uint8Array(), async (made, key, body) => {
        const result = await verify(fixture, { method: "POST", key, headers: made, body });
        expect(result.ok).toBe(false);
      }),
      seeded,
    );
  });

  test("no proof but the right one verifies a right body", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const request = proof === null ? { ...good, key: text } : withHeader(good, proof, text);
        expect((await verify(fixture, request)).ok).toBe(false);
      }),
      seeded,
    );
  });

  test("whatever JSON is signed, each of its events has a key, a type and a text that Postgres can index and keep", async () => {
    const json = fc.oneof(
      fc.json(),
      fc.json().map((text) => `{"id":${text},"type":${text},"occurred_at":${text}}`),
    );
    await fc.assert(
      fc.asyncProperty(json, fc.dictionary(anyText, anyText), async (text, headers) => {
        const value = readJson(text);
        if (!value.ok) return;
        const request = { ...makeRequest(text), headers };
        const read = await readEvents({ ...fixture, request, json: value.value, text });
        for (const event of read.ok ? read.events : []) {
          expect(event.dedupeKey).toMatch(/^\P{Cc}{1,200}$/u);
          expect(event.type).toMatch(/^\P{Cc}{1,200}$/u);
          expect(event.occurredAt === null || Number.isSafeInteger(event.occurredAt)).toBe(true);
        }
      }),
      seeded,
    );
  });

  test("settings that anybody makes up are checked without a throw, and those that pass verify nothing by themselves", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom("header", "hash", "prefix", "id", "batch", "location"), anyText),
        async (any, near) => {
          checkSettings(fixture.preset, readBack(any));
          const checked = checkSettings(fixture.preset, near);
          const settings = checked.ok ? checked.value : near;
          const request = makeRequest("{}");
          const secrets = [{ id: "s", value: fixture.secret }];
          const result = await verifySignature({
            preset: fixture.preset,
            settings,
            tenant: null,
            secrets,
            request,
            nowMs,
          });
          expect(result.ok).toBe(false);
        },
      ),
      seeded,
    );
  });
});

function readBack(value: unknown) {
  const read = readJson(JSON.stringify(value) ?? "null");
  return read.ok ? read.value : null;
}
