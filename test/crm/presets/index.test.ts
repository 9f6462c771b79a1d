import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { schemeOf } from "../../../src/crm/preset/chosen-scheme.ts";
import { findPreset, presets } from "../../../src/crm/presets/index.ts";
import { publicSecrets } from "../../../src/domain/config/public-secrets.ts";
import { requestBy, verifySent } from "../contract/scene.ts";
import type { CrmFixture } from "../fixture.ts";
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

const document = readFileSync(new URL("../../../docs/crms.md", import.meta.url), "utf8");

test("docs/crms.md has every preset with all of its schemes, and no other", () => {
  const table = document.slice(document.indexOf("| preset | sender |"), document.indexOf("## How senders retry"));
  const rows = [...table.matchAll(/^\| `([\w-]+)` \|[^|]*\| ([^|]*) \|/gm)].map(
    ([, name, schemes]) => `${name}: ${schemes}`,
  );
  const wanted = [...presets.values()].map(
    ({ name, schemes }) => `${name}: ${schemes.map((scheme) => `\`${scheme.name}\``).join(", ")}`,
  );
  expect(rows.sort()).toEqual(wanted.sort());
});

/** A sentence's words for what a preset's data say. */
const seconds = (value: number | undefined) =>
  value === undefined ? "" : value % 60 === 0 ? `${value / 60} min` : `${value} s`;
const keys = { id: "id", id_type: "id, type", id_type_body: "id, type, body" };
const linked = (text: string, source: string | null) => (source === null ? text : `[${text}](${source})`);

test("docs/crms.md has each sender's own rules of trying again, with their sources, as the presets have them", () => {
  const rows = [...presets.values()].map(({ name, schemes, retries }) => {
    const full = schemes.map((scheme) => {
      const { recipe, settings } = schemeOf(findPreset(name) ?? fail(name), { scheme: scheme.name });
      const { timestamp } = { timestamp: undefined, ...recipe };
      return { key: scheme.reading(settings).key, seconds: timestamp?.toleranceSeconds };
    });
    const own = [...new Set(full.map(({ key }) => linked(keys[key.of], key.source)))];
    const counted = [...new Set(full.flatMap((one) => (one.seconds === undefined ? [] : [seconds(one.seconds)])))];
    return `| \`${name}\` | ${own.join("; ")} | ${linked(retries.tries, retries.source)} | ${counted.join(", ")} | ${retries.notNow} | ${retries.ends.join(", ")} |`;
  });
  const begin = document.indexOf("| preset | key |");
  expect(
    document
      .slice(begin)
      .split("\n")
      .slice(2, 2 + rows.length),
  ).toEqual(rows);
});

test("no sender is ever answered with a status that ends its subscription, but for a source that was removed", () => {
  // The door's statuses: `src/http/door.ts`.
  const answered = [400, 401, 405, 409, 413, 429, 500, 503];
  for (const { name, retries } of presets.values())
    expect([name, retries.ends.filter((status) => answered.includes(status))]).toEqual([name, []]);
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

test.each([...presets.values()])("$name never accepts a secret that anybody knows", async ({ name }) => {
  // Without v1a of Standard Webhooks: its secret is a public key, and nothing can be signed with that.
  const own = fixtures.filter(({ preset, scheme }) => preset === name && !scheme.endsWith("-v1a"));
  for (const { value: secret } of publicSecrets)
    for (const fixture of own.filter(
      (one) => isShared(one) && one.secret?.startsWith("whsec_") === secret.startsWith("whsec_"),
    )) {
      const secrets = [{ id: "known", value: secret }];
      expect(await verifySent(fixture, requestBy(fixture, { secret }), { secrets })).toMatchObject({
        reason: "public_secret",
      });
      const both = [...secrets, { id: "own", value: fixture.secret ?? "" }];
      expect(await verifySent(fixture, requestBy(fixture, { secret }), { secrets: both })).toMatchObject({ ok: false });
    }
});

/** Whether both sides know a fixture's secret. With a key pair no test can sign by another's public key. */
function isShared({ preset, settings, scheme }: CrmFixture): boolean {
  const found = findPreset(preset) ?? fail(preset);
  const { recipe } = schemeOf(found, { ...settings, scheme });
  return recipe.family !== "asymmetric" && (recipe.family !== "jwt" || recipe.algorithm === "HS256");
}

function fail(name: string): never {
  throw new Error(`there is no preset ${name}`);
}
