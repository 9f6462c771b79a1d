/** What is configured of thin payloads, through the API: what is checked, what is sealed, and whom a credential goes with. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveSecrets } from "../../../cli/config/secrets.ts";
import { makeKeySets } from "../../../cli/install/keys.ts";
import { reseal } from "../../../src/flows/config/reseal.ts";
import { createSealer } from "../../../src/platform/seal.ts";
import { sealedStore } from "../../../src/store/config/sealed.ts";
import { lookupStore } from "../../../src/store/lookups/lookups.ts";
import { service, type TestService } from "../world/service.ts";

const credential = "pat-na1-0123456789abcdef";
const line = { agent: "32d8fc98-be1e-4d32-a12e-146f397fb1cb2", countries: ["US"] };
const rule = {
  line: "support-en",
  number: "{{ record.contact.properties.phone }}",
  about: "A ticket.",
  fetch: ["ticket", "contact"],
};
const hubspot = { preset: "hubspot", tenant: "62515", secrets: ["a-secret-of-this-test-alone"], country: "US" };
const own = {
  preset: "generic",
  secrets: ["a-secret-of-this-test-alone"],
  country: "US",
  fetch: ["case"],
  api: { base_url: "https://crm.acme.com/v1", credential, get: { case: "/cases/{{ data.id }}" } },
};

let api: TestService;
beforeAll(async () => {
  api = await service({ mode: "production" });
  await api.ask("PUT", "/v1/lines/support-en", line);
});
afterAll(() => api.close());

const stored = async (slug: string) =>
  (await api.sql`select env, sealed, kid, base_url as base from credentials where source = ${slug}`)[0];
const actions = async (slug: string) =>
  (
    await api.sql`select action, reason from entries where subject = 'source' and subject_id = ${slug} and action like 'credential%' order by id`
  ).map((entry) => [entry.action, entry.reason]);

describe("what a source has fetched", () => {
  test.each([
    ["an unknown name", { ...hubspot, fetch: ["ticket", "invoice"] }, ["fetch", 1], /there are: ticket, deal, contact/],
    ["a name of a preset that knows none", { ...own, api: null }, ["fetch", 0], /api\.get/],
    ["four names", { ...own, fetch: ["a", "b", "c", "d"] }, ["fetch"], /at most 3/],
    ["a name twice", { ...own, fetch: ["case", "case"] }, ["fetch"], /twice/],
    [
      "a name that texts cannot read",
      { ...own, api: { ...own.api, get: { "my case": "/x" } } },
      ["api", "get", "my case"],
      /name/,
    ],
    [
      "a path that is a URL",
      { ...own, api: { ...own.api, get: { case: "https://evil.com/{{ data.id }}" } } },
      ["api", "get", "case"],
      /begin with \//,
    ],
    [
      "a path that is a host",
      { ...own, api: { ...own.api, get: { case: "//evil.com/{{ data.id }}" } } },
      ["api", "get", "case"],
      /begin with \//,
    ],
    [
      "a path that cannot be read",
      { ...own, api: { ...own.api, get: { case: "/{{ nobody.id }}" } } },
      ["api", "get", "case"],
      /nobody/,
    ],
    [
      "an address of this machine",
      { ...own, api: { ...own.api, base_url: "http://127.0.0.1:8080" } },
      ["api", "base_url"],
      /https/,
    ],
    [
      "an address without https",
      { ...own, api: { ...own.api, base_url: "http://crm.acme.com" } },
      ["api", "base_url"],
      /https/,
    ],
    [
      "an address within a network",
      { ...own, api: { ...own.api, base_url: "https://169.254.169.254" } },
      ["api", "base_url"],
      /address/,
    ],
    [
      "an address with a password",
      { ...own, api: { ...own.api, base_url: "https://a:b@crm.acme.com" } },
      ["api", "base_url"],
      /password/,
    ],
    [
      "a preset's fixed address",
      { ...hubspot, api: { base_url: "https://evil.com" } },
      ["api", "base_url"],
      /api\.hubapi\.com/,
    ],
    [
      "a credential for nowhere",
      { ...own, fetch: null, api: { credential } },
      ["api", "base_url"],
      /the API's address/,
    ],
    [
      "a subdomain that nobody said",
      { ...hubspot, preset: "zendesk", api: { credential } },
      ["api", "base_url"],
      /settings\.subdomain/,
    ],
    ["a header of HTTP's own", { ...own, api: { ...own.api, auth: { header: "Host" } } }, ["api", "auth"], /./],
  ])("is refused with its place: %s", async (_, body, path, reason) => {
    const answer = await api.ask("PUT", "/v1/sources/refused", body);
    expect(answer.status).toBe(422);
    const mistakes: { path: unknown[]; reason: string }[] = answer.json.errors;
    expect(
      mistakes.some(
        (one) => JSON.stringify(one.path.slice(0, path.length)) === JSON.stringify(path) && reason.test(one.reason),
      ),
      JSON.stringify(mistakes),
    ).toBe(true);
    expect(JSON.stringify(answer.json)).not.toContain(credential);
  });

  test("is checked with a rule, too, by the source that the rule is of", async () => {
    await api.ask("PUT", "/v1/sources/hub", hubspot);
    expect((await api.ask("PUT", "/v1/sources/hub/rules/good", rule)).status).toBe(201);
    const answer = await api.ask("PUT", "/v1/sources/hub/rules/bad", { ...rule, fetch: ["ticket", "case"] });
    expect([answer.status, answer.json.errors[0]]).toEqual([
      422,
      { path: ["fetch", 1], reason: expect.stringContaining('"case"') },
    ]);
    const other = await api.ask("PUT", "/v1/sources/hub", { ...own, fetch: null });
    expect([other.status, other.json.errors[0].path]).toEqual([422, ["preset"]]);
    expect((await api.ask("GET", "/v1/sources/hub")).json.warnings.join()).toContain("no credential");
  });
});

describe("a credential", () => {
  test("is sealed, is named and never shown, in no answer, export, entry or log", async () => {
    const saved = await api.ask("PUT", "/v1/sources/own", own);
    expect(saved.json).toMatchObject({
      fetch: ["case"],
      credential: { env: null, base_url: "https://crm.acme.com/v1" },
    });
    expect((await stored("own"))?.sealed).toMatch(/^eyJ/);
    const answers = [
      saved.json,
      (await api.ask("GET", "/v1/sources/own")).json,
      (await api.ask("GET", "/v1/config")).json,
      await api.sql`select * from entries`,
      api.logged,
    ];
    expect(JSON.stringify(answers)).not.toContain(credential);
    const reader = await api.ask("GET", "/v1/sources/own", undefined, await api.token("calls:read"));
    expect(reader.json).not.toHaveProperty("credential");
  });

  test("that is not given stays, and one that is given again is no change", async () => {
    const before = await stored("own");
    const { credential: _, ...kept } = own.api;
    await api.ask("PUT", "/v1/sources/own", { ...own, country: "CA", api: kept });
    await api.ask("PUT", "/v1/sources/own", own);
    expect(await stored("own")).toEqual(before);
    expect(await actions("own")).toEqual([["credential_set", null]]);
  });

  test("is wiped when the address changes, and another one never gets it", async () => {
    const { credential: _, ...moved } = { ...own.api, base_url: "https://crm.evil.com" };
    const answer = await api.ask("PUT", "/v1/sources/own", { ...own, api: moved });
    expect(answer.json.credential).toBeNull();
    expect(answer.json.warnings.join()).toContain("no credential");
    expect(await stored("own")).toBeUndefined();
    expect((await actions("own")).at(-1)).toEqual(["credential_removed", "base_url_changed"]);
  });

  test("is wiped as well when the tenant or the setting changes that the address is made of", async () => {
    const shop = {
      preset: "shopify",
      tenant: "acme.myshopify.com",
      secrets: ["a-secret-of-this-test-alone"],
      api: { credential },
    };
    await api.ask("PUT", "/v1/sources/shop", shop);
    expect((await stored("shop"))?.base).toBe("https://acme.myshopify.com");
    await api.ask("PUT", "/v1/sources/shop", { ...shop, tenant: "evil.myshopify.com", api: {} });
    expect(await stored("shop")).toBeUndefined();
    const zen = {
      preset: "zendesk",
      secrets: ["a-secret-of-this-test-alone"],
      settings: { subdomain: "acme" },
      api: { credential },
    };
    await api.ask("PUT", "/v1/sources/zen", zen);
    await api.ask("PUT", "/v1/sources/zen", { ...zen, settings: { subdomain: "evil" }, api: {} });
    expect(await stored("zen")).toBeUndefined();
  });

  test("by its name alone is not carried over to another address", async () => {
    const named = { ...own, api: { ...own.api, credential: { env: "CRM_TOKEN", value: credential } } };
    await api.ask("PUT", "/v1/sources/named", named);
    const elsewhere = {
      ...named,
      api: { ...named.api, base_url: "https://crm.evil.com", credential: { env: "CRM_TOKEN" } },
    };
    const answer = await api.ask("PUT", "/v1/sources/named", elsewhere);
    expect([answer.status, answer.json.errors[0].path]).toEqual([422, ["api", "credential"]]);
    expect((await stored("named"))?.base).toBe("https://crm.acme.com/v1");
    const nobodys = await api.ask("PUT", "/v1/sources/named", {
      ...named,
      api: { ...named.api, credential: { env: "OTHER" } },
    });
    expect(nobodys.status).toBe(422);
  });

  test("goes when it is not wanted, and when its source is removed", async () => {
    await api.ask("PUT", "/v1/sources/gone", own);
    await api.ask("PUT", "/v1/sources/gone", { ...own, api: { ...own.api, credential: null } });
    expect(await stored("gone")).toBeUndefined();
    await api.ask("PUT", "/v1/sources/gone", own);
    await api.ask("DELETE", "/v1/sources/gone");
    expect(await stored("gone")).toBeUndefined();
    expect((await actions("gone")).map(([action]) => action)).toEqual([
      "credential_set",
      "credential_removed",
      "credential_set",
      "credential_removed",
    ]);
  });

  test("that is set anew lets what waits be tried at once", async () => {
    await api.ask("PUT", "/v1/sources/own", own);
    await api.sql`update sources set fetch_problem = 'credential_refused', fetch_problem_at = now(),
      fetch_not_before = now() + interval '1 hour' where slug = 'own'`;
    expect((await api.ask("GET", "/v1/sources/own")).json.warnings.join()).toContain("rejects");
    await api.ask("PUT", "/v1/sources/own", { ...own, api: { ...own.api, credential: "another" } });
    const [row] = await api.sql`select fetch_problem, fetch_not_before from sources where slug = 'own'`;
    expect(row).toEqual({ fetch_problem: null, fetch_not_before: null });
    expect(api.told).toContain("refresh own");
  });
});

test("a credential is sealed anew with the newest key, and one that no key opens is told", async () => {
  const keys = makeKeySets();
  const [old] = keys.SEALING_KEYS;
  const [fresh] = makeKeySets().SEALING_KEYS;
  if (old === undefined || fresh === undefined) throw new Error("there are no keys");
  await api.ask("PUT", "/v1/sources/sealed", own);
  const sealed = await createSealer([old]).seal(credential);
  await api.sql`update credentials set sealed = ${sealed}, kid = ${old.kid} where source = 'sealed'`;
  const sealer = createSealer([{ ...fresh, kid: "fresh" }, old]);
  const version = async () => (await api.sql`select version from sources where slug = 'sealed'`)[0]?.version;
  const before = await version();
  const done = await reseal({ sealed: sealedStore(api.sql), sealer }, null, "test");
  expect(done.sources).toContain("sealed");
  expect(await version()).toBe(String(Number(before) + 1));
  const row = await stored("sealed");
  expect([row?.kid, await sealer.open(row?.sealed)]).toEqual(["fresh", { ok: true, text: credential }]);
  const problems = (await lookupStore(api.sql, [old.kid]).readiness()).problems.find(
    ({ code }) => code === "secret_unreadable",
  );
  expect(problems?.rows.join()).toContain("sealed (credential)");
});

describe("the whole document", () => {
  test("applies to no change what it was exported as, and shows what a change of address takes", async () => {
    const first = await api.ask("PUT", "/v1/config", {
      sources: {
        doc: {
          ...own,
          api: { ...own.api, auth: { header: "X-Api-Key" }, credential: { env: "DOC_TOKEN", value: credential } },
          rules: [{ name: "one", ...rule, fetch: ["case"] }],
        },
      },
    });
    expect(first.json.changes).toContainEqual(
      expect.objectContaining({ kind: "create", what: "credential", name: "doc/DOC_TOKEN" }),
    );
    const exported = (await api.ask("GET", "/v1/config")).json;
    expect(exported.sources.doc.api).toEqual({
      base_url: "https://crm.acme.com/v1",
      auth: { header: "X-Api-Key" },
      get: own.api.get,
      credential: { env: "DOC_TOKEN" },
    });
    const again = await api.ask("PUT", "/v1/config?dry_run=true", exported);
    expect(again.json.changes.filter(({ kind }: { kind: string }) => kind !== "keep")).toEqual([]);
    const { credential: _, ...moved } = { ...exported.sources.doc.api, base_url: "https://crm2.acme.com" };
    const planned = await api.ask("PUT", "/v1/config?dry_run=true", {
      sources: { doc: { ...exported.sources.doc, api: moved } },
    });
    expect(planned.json.changes).toContainEqual({
      kind: "remove",
      what: "credential",
      name: "doc/DOC_TOKEN",
      fields: [{ field: "base_url", from: "https://crm.acme.com/v1", to: "https://crm2.acme.com" }],
    });
  });

  test("gets the value of a credential from the environment", () => {
    const document = {
      sources: { doc: { api: { credential: { env: "DOC_TOKEN" } } }, other: { api: { credential: { env: "UNSET" } } } },
    };
    expect(resolveSecrets(document, { DOC_TOKEN: "x" })).toEqual({
      document: {
        sources: {
          doc: { api: { credential: { env: "DOC_TOKEN", value: "x" } } },
          other: { api: { credential: { env: "UNSET" } } },
        },
      },
      unset: ["UNSET"],
      unsetHeaders: [],
    });
  });
});
