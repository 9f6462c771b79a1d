/** Weak secrets by every way in: refused where they can be chosen, taken with a warning where not, and never in the way once stored. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkSources } from "../../../cli/install/doctor-service.ts";
import { runHookline } from "../../command-line.ts";
import { served } from "../world/served.ts";
import { service, type TestService } from "../world/service.ts";

const good = "q7Wz3Rk9Lm2Xv8Tn";
const weak = "open sesame";
const bearer = { preset: "bearer", country: "US" };

let api: TestService;
let owner: postgres.Sql;
let server: Awaited<ReturnType<typeof served>>;
let token: string;
const dir = mkdtempSync(join(tmpdir(), "hookline-weak-"));
beforeAll(async () => {
  api = await service();
  token = await api.token("admin", "calls:read");
  server = await served(api);
  owner = postgres(api.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await server.close();
  rmSync(dir, { recursive: true });
  await api.close();
});

let sources = 0;
const put = async (slug: string, body: object) => await api.ask("PUT", `/v1/sources/${slug}`, body);
const warnings = async (slug: string, as?: string): Promise<string> =>
  (await api.ask("GET", `/v1/sources/${slug}`, undefined, as)).json.warnings.join("\n");

/** A source with a weak secret from before there was this rule. */
async function oldSource(secret: unknown = weak): Promise<string> {
  const slug = `old-${++sources}`;
  const made = await put(slug, { ...bearer, secrets: [secret], settings: { secret_by: "sender" } });
  expect(made.status).toBe(201);
  await owner`update sources set settings = '{}', version = version + 1 where slug = ${slug}`;
  return slug;
}

const hookline = (args: string[], env: Record<string, string> = {}) =>
  runHookline(args, { HOOKLINE_URL: server.url, HOOKLINE_TOKEN: token, ...env });
function file(slug: string, head: string): string {
  const path = join(dir, `${slug}-${++sources}.yaml`);
  writeFileSync(path, `sources:\n  ${slug}:\n    ${head.split("; ").join("\n    ")}\n`);
  return path;
}

describe("a weak secret that its user chooses is refused, and not shown,", () => {
  const refused = (answer: Awaited<ReturnType<typeof put>>, path: readonly (string | number)[]) => {
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ path, reason: expect.stringContaining("openssl rand -hex 24") }]);
    expect(JSON.stringify(answer.json)).not.toContain(weak);
  };

  test("with a source", async () => {
    refused(await put("new-1", { ...bearer, secrets: [good, weak] }), ["secrets", 1]);
    refused(await put("new-1", { ...bearer, secrets: [{ env: "E", value: weak }] }), ["secrets", 0]);
    expect((await api.ask("GET", "/v1/sources/new-1")).status).toBe(404);
  });

  test.each([
    ["bearer", { location: "path" }, weak],
    ["bearer", { location: "query" }, weak],
    ["bearer", { location: "body" }, weak],
    ["bearer", { location: "basic" }, "somebody-with-a-long-name:pw"],
    ["pipedrive", {}, "hookline-of-pipedrive:pw"],
    ["freshdesk", { scheme: "freshdesk-basic" }, "hookline-of-freshdesk:pw"],
    ["zoho", {}, "token"],
    ["github", {}, "x"],
    ["generic", {}, "x"],
    ["generic", { scheme: "hash" }, "x"],
    ["generic", { scheme: "jwt-hs256" }, "x"],
    ["calendly", {}, "aaaaaaaaaaaaaaaaaaaa"],
  ])("of %s with %o", async (preset, settings, secret) => {
    const answer = await put(`new-${++sources}`, { preset, settings, country: "US", secrets: [secret] });
    expect([answer.status, answer.json.errors?.[0]?.path]).toEqual([422, ["secrets", 0]]);
  });

  test("as a further one, and then no other gets an end", async () => {
    await put("rotated", { ...bearer, secrets: [good] });
    const path = "/v1/sources/rotated/secrets";
    refused(await api.ask("POST", path, { value: weak, retire_others_in: "1h" }), ["value"]);
    refused(await api.ask("POST", path, { value: ` ${weak}    \t` }), ["value"]);
    const { secrets } = (await api.ask("GET", "/v1/sources/rotated")).json;
    expect(secrets).toMatchObject([{ expires_at: null }]);
    const ran = await hookline(["rotate-secret", "rotated", "--env", "NEW"], { NEW: weak }).catch((error) => ({
      code: 1,
      text: String(error.message),
    }));
    expect(ran.code).toBe(1);
    expect(ran.text).toContain("openssl rand -hex 24");
    expect(ran.text).not.toContain(weak);
  });

  test("by apply, with its place in the file, and by a dry run", async () => {
    const path = file("filed", "preset: freshdesk; country: US; secrets: [{ env: ONE }]");
    for (const args of [
      ["apply", path],
      ["apply", path, "--dry-run"],
    ]) {
      const ran = await hookline(args, { ONE: weak });
      expect(ran.code).toBe(1);
      expect(ran.text).toMatch(/yaml:5:\d+ is a secret of 11 characters and not of 16 or more/);
      expect(ran.text).not.toContain(weak);
    }
  });
});

describe("a weak secret that its sender makes is taken, with a warning", () => {
  test("in the answer, on the source's page and by doctor", async () => {
    const made = await put("acme-shop", { preset: "shopify", country: "US", secrets: ["shpss_short"] });
    expect(made.status).toBe(201);
    expect(made.json.warnings.join()).toContain("because the sender made it");
    expect(await warnings("acme-shop")).toContain("is a secret of 11 characters");
    const found = await checkSources({ url: server.url, token, from: "environment" });
    expect(found.find(({ text }) => text.startsWith("source acme-shop: Its secret"))).toMatchObject({
      state: "warning",
    });
    const more = await api.ask("POST", "/v1/sources/acme-shop/secrets", { env: "TWO", value: "shpss_2" });
    expect([more.status, more.json.warnings.join()]).toEqual([201, expect.stringContaining("Its secret TWO")]);
    expect(JSON.stringify(more.json)).not.toContain("shpss_2");
  });

  test("by apply and by its dry run, for a preset that knows it and by the setting", async () => {
    for (const head of ["preset: slack; tenant: T1", "preset: generic; settings: { secret_by: sender }"]) {
      const path = file(`taken-${++sources}`, `${head}; country: US; secrets: [{ env: ONE }]`);
      for (const args of [
        ["apply", path, "--dry-run"],
        ["apply", path],
      ]) {
        const ran = await hookline(args, { ONE: "short" });
        expect(ran.code).toBe(0);
        expect(ran.text).toMatch(/yaml:6:\d+ warning: is a secret of 5 characters/);
      }
    }
  });

  test("that only an administrator sees: others would know where guessing is worth a try", async () => {
    await put("acme-app", { preset: "shopify", country: "US", secrets: ["shpss_short"] });
    expect(await warnings("acme-app", await api.token("calls:read"))).not.toContain("Its secret");
  });
});

describe("a weak secret that is stored already", () => {
  test("is warned about, and stands in the way of no other change", async () => {
    const slug = await oldSource({ env: "OLD", value: weak });
    expect(await warnings(slug)).toContain("Its secret OLD is a secret of 11 characters");
    expect(await warnings(slug)).toContain("openssl rand -hex 24");
    const kept = await put(slug, { ...bearer, country: "DE", secrets: [{ env: "OLD", value: weak }] });
    expect([kept.status, kept.json.country, kept.json.secrets.length]).toEqual([200, "DE", 1]);
    for (const body of [{ ...bearer }, { ...bearer, secrets: [{ env: "OLD" }] }, { ...bearer, secrets: [weak] }])
      expect((await put(slug, body)).status).toBe(200);
    expect((await api.ask("POST", `/v1/sources/${slug}/secrets`, { value: good })).status).toBe(201);
    expect((await api.ask("POST", `/v1/sources/${slug}/secrets`, { value: weak })).status).toBe(201);
  });

  test("is named by an apply of the file that has it, which changes what else is new", async () => {
    const slug = await oldSource({ env: "OLD", value: weak });
    const path = file(slug, "preset: bearer; country: FR; secrets: [{ env: OLD }]");
    const ran = await hookline(["apply", path], { OLD: weak });
    expect(ran.code).toBe(0);
    expect(ran.text).toMatch(
      /yaml:5:\d+ warning: is a secret of 11 characters .*it is stored already and stays in use/,
    );
    expect((await api.ask("GET", `/v1/sources/${slug}`)).json.country).toBe("FR");
  });

  test("is refused when its source was closed and is opened again: then it is new", async () => {
    const slug = await oldSource();
    await api.ask("DELETE", `/v1/sources/${slug}`);
    expect((await put(slug, { ...bearer, secrets: [weak] })).status).toBe(422);
    expect((await put(slug, { ...bearer, secrets: [good] })).json.warnings.join()).not.toContain("Its secret");
  });

  test("is no more warned about once it has ended, or no key opens it", async () => {
    const slug = await oldSource();
    const [{ id }] = (await api.ask("GET", `/v1/sources/${slug}`)).json.secrets;
    await owner`update secrets set expires_at = now() - interval '1 second' where id = ${id}`;
    expect(await warnings(slug)).not.toContain("Its secret");
    const lost = await oldSource();
    await owner`update secrets set sealed = 'no sealed text' where source = ${lost}`;
    expect(await warnings(lost)).not.toContain("Its secret");
  });
});
