import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Preset } from "../../../src/crm/preset/preset.ts";
import { checkSettings } from "../../../src/crm/preset/settings.ts";
import { presets } from "../../../src/crm/presets/index.ts";
import { verifySignature } from "../../../src/crm/signature/verify.ts";
import type { WebhookRequest } from "../../../src/domain/events/webhook.ts";
import { readJson } from "../../../src/domain/json.ts";
import { chosenBy, presenting, requestBy, sourceAddress, verifySent } from "../contract/scene.ts";
import { fixtures } from "../fixtures/index.ts";
import { makeRequest, nowMs } from "../requests.ts";

const seeded = { seed: 20_261_102, numRuns: 60 };
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.base64String(),
  fc.stringMatching(/^[0-9a-f]{64}$/),
);

describe.each(fixtures)("$preset $scheme", (fixture) => {
  const { recipe } = chosenBy(fixture);
  const good = requestBy(fixture);

  test("no header, key, query, address and body that anybody makes up throws or verifies", async () => {
    const proofs = recipe.family === "secret" ? ["authorization"] : [recipe.header].flat();
    const names = fc.constantFrom(...proofs, "authorization", "content-type", "__proto__", "constructor");
    const headers = fc.dictionary(
      fc.oneof(names, anyText),
      fc.oneof(
        anyText,
        anyText.map((text) => `Bearer ${text}`),
        fc.constantFrom("application/json", "application/x-www-form-urlencoded", "text/xml"),
      ),
    );
    const query = fc.dictionary(fc.oneof(names, anyText), anyText);
    const url = fc.option(fc.oneof(anyText, fc.constant(sourceAddress)));
    await fc.assert(
      fc.asyncProperty(headers, fc.option(anyText), query, url, fc.uint8Array(), async (made, key, asked, at, body) => {
        const request: WebhookRequest = { method: "POST", url: at, key, headers: made, query: asked, body };
        expect((await verifySent(fixture, request)).ok).toBe(false);
      }),
      seeded,
    );
  });

  test("no proof but the right one verifies a right body", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        expect((await verifySent(fixture, presenting(fixture, good, text))).ok).toBe(false);
      }),
      seeded,
    );
  });
});

describe.each([...presets.values()])("$name", (preset: Preset) => {
  test("settings that anybody makes up are checked without a throw, and verify nothing by themselves", async () => {
    const near = fc.dictionary(fc.constantFrom("scheme", ...Object.keys(preset.settings)), anyText);
    const chosen = fc
      .record(
        Object.fromEntries(
          [["scheme", preset.schemes.map(({ name }) => name)] as const, ...choicesOf(preset)].map(([name, choices]) => [
            name,
            fc.constantFrom(...choices),
          ]),
        ),
        { requiredKeys: [] },
      )
      .map(textsOf);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), near, chosen, async (any, some, right) => {
        checkSettings(preset, readBack(any));
        for (const settings of [some, right, { ...some, ...right }]) {
          const checked = checkSettings(preset, settings);
          const request = makeRequest("{}");
          const secrets = [{ id: "s", value: "k3y-of-the-Test-source" }];
          const asked = {
            preset,
            settings: checked.ok ? checked.value : settings,
            tenant: null,
            secrets,
            request,
            nowMs,
          };
          expect((await verifySignature(asked)).ok).toBe(false);
        }
      }),
      seeded,
    );
  });
});

function choicesOf({ settings }: Preset): (readonly [string, readonly string[]])[] {
  return Object.entries(settings).flatMap(([name, spec]) =>
    spec.kind === "choice" ? [[name, spec.choices] as const] : [],
  );
}

function textsOf(some: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(some).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function readBack(value: unknown) {
  const read = readJson(JSON.stringify(value) ?? "null");
  return read.ok ? read.value : null;
}
