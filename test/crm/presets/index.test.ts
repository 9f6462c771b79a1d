import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findPreset, presets } from "../../../src/crm/presets/index.ts";
import { requestBy, verifySent } from "../contract/scene.ts";
import { fixtures } from "../fixtures/index.ts";

test("every scheme of the registry is under this contract, and nothing else", () => {
  const wanted = [...presets.values()].flatMap(({ name, schemes }) =>
    schemes.map((scheme) => `${name} ${scheme.name}`),
  );
  const there = new Set(fixtures.map(({ preset, scheme }) => `${preset} ${scheme}`));
  expect([...there].sort()).toEqual(wanted.sort());
});

test.each([...presets.values()])(
  "$name says what to do in its sender's product, and where the address goes",
  (preset) => {
    expect(preset.steps.length).toBeGreaterThan(0);
    expect(preset.steps.join(" ")).toContain("{url}");
    for (const step of preset.steps) expect(step).not.toMatch(/undefined|\s{2}|^\s|\s$/);
  },
);

test("CRMS.md has every preset with all of its schemes, and no other", () => {
  const document = readFileSync(new URL("../../../CRMS.md", import.meta.url), "utf8");
  const rows = [...document.matchAll(/^\| `([\w-]+)` \|[^|]*\| ([^|]*) \|/gm)].map(
    ([, name, schemes]) => `${name}: ${schemes}`,
  );
  const wanted = [...presets.values()].map(
    ({ name, schemes }) => `${name}: ${schemes.map((scheme) => `\`${scheme.name}\``).join(", ")}`,
  );
  expect(rows.sort()).toEqual(wanted.sort());
});

test("a name that is no preset's finds none, also where every object has such a property", () => {
  for (const name of ["no-such-crm", "", "constructor", "__proto__", "Shopify"]) expect(findPreset(name)).toBeNull();
});

test("a source has to name its account wherever one key signs for many of them, and nowhere else", () => {
  const wanted = [...presets.values()].flatMap(({ schemes }) =>
    schemes.flatMap(({ name, tenant }) =>
      tenant === null || tenant.mandatory === false ? [] : [[name, tenant.mandatory]],
    ),
  );
  expect(wanted.sort()).toEqual([
    ["bigcommerce-v1", true],
    ["front-app-sha256", true],
    ["gohighlevel-ed25519", true],
    ["gohighlevel-rsa", true],
    ["hubspot-v1", true],
    ["hubspot-v2", true],
    ["hubspot-v3", true],
    ["hubspot-workflow-v2", true],
    ["hubspot-workflow-v3", true],
    ["intercom-hub-sha1", true],
    ["salesforce-outbound-message", true],
    ["slack-v0", true],
    ["stripe-v1", "when_named"],
  ]);
});

test.each([...presets.values()])("$name never accepts a secret that anybody knows", async ({ name, publicSecrets }) => {
  for (const secret of publicSecrets) {
    for (const fixture of fixtures.filter(({ preset }) => preset === name)) {
      const secrets = [{ id: "known", value: secret }];
      expect(await verifySent(fixture, requestBy(fixture, { secret }), { secrets })).toMatchObject({
        reason: "public_secret",
      });
      const both = [...secrets, { id: "own", value: fixture.secret ?? "" }];
      expect(await verifySent(fixture, requestBy(fixture, { secret }), { secrets: both })).toMatchObject({ ok: false });
    }
  }
});
