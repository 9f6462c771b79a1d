import { expect, test } from "vitest";
import { presets } from "../../src/crm/presets/index.ts";
import { presetGuide } from "../../src/crm/setup-guide.ts";
import { weakSecret } from "../../src/domain/config/secret-strength.ts";

const address = "https://hooks.example";

test("The steps of every preset name an address that can be pasted once the source has a name, and no template", () => {
  const all = presetGuide.all(address);
  expect(all).toHaveLength(presets.size);
  let addresses = 0;
  for (const { name, steps } of all)
    for (const step of steps) {
      expect([name, step]).toEqual([name, expect.not.stringContaining("{url}")]);
      if (step.includes(`${address}/in/<source>`)) addresses++;
    }
  expect(addresses).toBeGreaterThan(presets.size / 2);
  for (const { name, steps } of all) expect(presetGuide.about(name, address)?.steps).toEqual(steps);
});

test("A preset whose sender can sign nothing shows where in the address its secret stands", () => {
  const inPath = presetGuide
    .all(address)
    .flatMap(({ steps }) => steps.filter((step) => step.includes("<source>/<secret>")));
  expect(inPath.length).toBeGreaterThan(0);
});

test("A name that no preset has is none", () => {
  for (const name of ["", "toString", "__proto__", "SHOPIFY", "shopify "])
    expect(presetGuide.about(name, address)).toBeNull();
});

test("the schemes whose user chooses the secret are these, so that a new one has to say who makes it", () => {
  const chosen = [...presets.values()].flatMap(({ name, schemes }) =>
    schemes.flatMap((scheme) => {
      const origin = presetGuide.secretOrigin({ slug: "s", preset: name, settings: { scheme: scheme.name } });
      return origin?.madeBy === "you" ? [`${scheme.name}: ${origin.use}${origin.isPair ? ", a pair" : ""}`] : [];
    }),
  );
  expect(chosen).toEqual([
    "activecampaign-path: carried",
    "websub-sha256: key",
    "bearer: carried",
    "bigcommerce-header: carried",
    "calendly-v1: key",
    "copper-body-secret: carried",
    "dataverse-header: carried",
    "dataverse-webhookkey: carried",
    "freshdesk-header: carried",
    "freshdesk-basic: carried, a pair",
    "freshdesk-path: carried",
    "hmac: key",
    "hash: key",
    "jwt-hs256: key",
    "github-sha256: key",
    "github-sha1-legacy: key",
    "gohighlevel-workflow: carried",
    "gorgias-header: carried",
    "gorgias-basic: carried, a pair",
    "helpscout-sha1: key",
    "monday-path: carried",
    "odoo-path: carried",
    "pipedrive-v2: carried, a pair",
    "pipedrive-v1: carried, a pair",
    "razorpay-hmac-sha256: key",
    "salesforce-outbound-message: carried",
    "salesforce-flow: carried",
    "typeform-sha256: key",
    "woocommerce-sha256: key",
    "zoho-body-token: carried",
  ]);
});

test("a public key has no origin of a secret, and the settings of generic and bearer say who made theirs", () => {
  const origin = (preset: string, settings: Record<string, unknown>) =>
    presetGuide.secretOrigin({ slug: "s", preset, settings });
  for (const scheme of ["ed25519", "rsa-sha256", "ecdsa-p256", "jwt-rs256"])
    expect(origin("generic", { scheme })).toBeNull();
  expect(origin("sendgrid", {})).toBeNull();
  for (const preset of ["generic", "bearer"]) {
    expect(origin(preset, {})).toMatchObject({ madeBy: "you", setting: "settings.secret_by" });
    expect(origin(preset, { secret_by: "sender" })).toMatchObject({ madeBy: "sender" });
  }
  expect(origin("bearer", { location: "basic" })).toMatchObject({ isPair: true });
  expect(origin("github", { secret_by: "sender" })).toMatchObject({ madeBy: "you", setting: null });
});

test("the steps say how to make a secret that is yours to choose, and nothing of one that its sender makes", () => {
  const last = (preset: string) => presetGuide.about(preset, address)?.steps.at(-1);
  for (const preset of ["freshdesk", "github", "activecampaign"])
    expect(last(preset)).toBe(
      "The secret is yours to choose, make it with: openssl rand -hex 24 (at least 16 characters).",
    );
  expect(last("generic")).toContain("If the secret is yours to choose");
  for (const preset of ["shopify", "slack", "sendgrid"]) expect(last(preset)).not.toContain("openssl");
  const longest = presetGuide.secretOrigin({ slug: "s", preset: "help-scout", settings: {} });
  expect(weakSecret("changeme", longest)?.reason).toContain("openssl rand -hex 20");
  expect(presetGuide.about("help-scout", address)?.steps.filter((step) => step.includes("openssl"))).toHaveLength(1);
});
