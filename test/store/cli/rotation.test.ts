/** A rotation, and the files that are applied after it: written before it, naming the new secret, naming one that it ended. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { retireEnded } from "../../../src/store/config/secret-expiry.ts";
import { runHookline } from "../../command-line.ts";
import { served } from "../world/served.ts";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
let owner: postgres.Sql;
let server: Awaited<ReturnType<typeof served>>;
let token: string;
const dir = mkdtempSync(join(tmpdir(), "hookline-rotation-"));
let slug = "";
let nth = 0;

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

const values = { OLD: "older-secret-of-acme", NEW: "newer-secret-of-acme", THIRD: "third-secret-of-acme" };

const hookline = (args: string[], env: Record<string, string> = values) =>
  runHookline(args, { HOOKLINE_URL: server.url, HOOKLINE_TOKEN: token, ...env });

function file(secrets: string): string {
  const path = join(dir, `${slug}-${nth++}.yaml`);
  writeFileSync(path, `sources:\n  ${slug}:\n    preset: bearer\n    country: US\n    secrets: ${secrets}\n`);
  return path;
}

type Shown = { id: string; env: string | null; expires_at: string | null };
const secrets = async (): Promise<Shown[]> => (await api.ask("GET", `/v1/sources/${slug}`)).json.secrets;
const names = async () => (await secrets()).map(({ env }) => env).sort();
const warnings = async (): Promise<string> => (await api.ask("GET", `/v1/sources/${slug}`)).json.warnings.join("\n");
const overlapEnds = async () => {
  await owner`update secrets set expires_at = now() - interval '1 second' where source = ${slug} and expires_at is not null`;
  await retireEnded(api.sql);
};

let before = "";
beforeEach(async () => {
  slug = `rotating-${nth++}`;
  before = file("[{ env: OLD }]");
  expect((await hookline(["apply", before])).code).toBe(0);
});

describe("the secret that a rotation added", () => {
  it("stays when the file from before is applied, which says so and what to add", async () => {
    const rotated = await hookline(["rotate-secret", slug, "--env", "NEW", "--overlap", "24h"]);
    expect(rotated.text).toContain("secrets: [{ env: NEW }]");
    expect(rotated.text).toContain("take OLD out of the file");
    for (const args of [
      ["apply", before],
      ["apply", before, "--dry-run"],
      ["diff", before],
    ]) {
      const { code, text } = await hookline(args);
      expect([args[0], code]).toEqual([args[0], 0]);
      expect(text).toContain(
        `secret ${slug}/NEW was added by a rotation and is not in the file: it stays. Add { env: NEW }`,
      );
    }
    expect(await names()).toEqual(["NEW", "OLD"]);
  });

  it("stays when the file changes something else, and by the request that saves the source alone", async () => {
    await hookline(["rotate-secret", slug, "--env", "NEW"]);
    writeFileSync(before, `sources: { ${slug}: { preset: bearer, country: DE, secrets: [{ env: OLD }] } }`);
    expect((await hookline(["apply", before])).text).toContain("country");
    expect(await names()).toEqual(["NEW", "OLD"]);
    const saved = await api.ask("PUT", `/v1/sources/${slug}`, {
      preset: "bearer",
      country: "US",
      secrets: [{ env: "OLD" }],
    });
    expect(saved.json.secrets).toHaveLength(2);
    expect(saved.json.left_secrets).toMatchObject([
      {
        env: "NEW",
        why: "added",
        sentence: `secret ${slug}/NEW was added by a rotation and is not in the request: it stays. Add { env: NEW } to secrets of ${slug}.`,
      },
    ]);
  });

  it.each([
    ["its variable, with the value", "[{ env: OLD }, { env: NEW }]", values],
    ["its variable, without the value", "[{ env: OLD }, { env: NEW }]", {}],
    ["another variable with the same value", "[{ env: OLD }, { env: RENAMED }]", { ...values, RENAMED: values.NEW }],
  ])("is the file's once the file names it by %s: a file without it removes it from then on", async (_, list, env) => {
    await hookline(["rotate-secret", slug, "--env", "NEW"]);
    const named = await hookline(["apply", file(list)], env);
    expect(named.text).toContain('added_by: "rotation" → "file"');
    expect(named.text).not.toContain("it stays");
    expect((await hookline(["apply", file(list)], env)).text).toContain("nothing to change");
    expect((await hookline(["apply", before])).text).toContain("- secret");
    expect(await names()).toEqual(["OLD"]);
  });

  it("without a variable is named by its id", async () => {
    const made = await api.ask("POST", `/v1/sources/${slug}/secrets`, { value: values.NEW, retire_others_in: "1h" });
    const { id } = made.json.secrets.find(({ env }: Shown) => env === null);
    expect((await hookline(["apply", before])).text).toContain(`Add { id: ${id} }`);
    expect((await hookline(["apply", file(`[{ env: OLD }, { id: ${id} }]`)])).text).toContain("added_by");
  });

  it("is removed by its name or its id, and by nothing else", async () => {
    await hookline(["rotate-secret", slug, "--env", "NEW"]);
    const [, { id = "" } = {}] = await secrets();
    expect((await hookline(["rotate-secret", slug, "--remove", "NOWHERE"])).text).toContain("has no secret NOWHERE");
    expect((await hookline(["rotate-secret", slug, "--remove", "NEW"])).code).toBe(0);
    expect(await names()).toEqual(["OLD"]);
    expect((await hookline(["rotate-secret", slug, "--remove", id])).text).toContain("has no secret");
    expect((await hookline(["rotate-secret", slug, "--remove", "OLD"])).code).toBe(1);
    expect((await hookline(["rotate-secret", slug, "--remove", "OLD", "--env", "NEW"])).code).toBe(2);
    expect((await hookline(["rotate-secret", slug, "--remove", "OLD", "--force"])).code).toBe(0);
    expect(await names()).toEqual([]);
  });
});

describe("the secret that a rotation replaced", () => {
  it("verifies to its end although the first file that names the new one leaves it out", async () => {
    await hookline(["rotate-secret", slug, "--env", "NEW"]);
    const ends = (await secrets()).find(({ env }) => env === "OLD")?.expires_at;
    const { text } = await hookline(["apply", file("[{ env: NEW }]")]);
    expect(text).toContain(`secret ${slug}/OLD is not in the file: it verifies until ${ends}`);
    expect((await secrets()).find(({ env }) => env === "OLD")?.expires_at).toBe(ends);
    // A second apply of the same file knows the new secret: the file decides again.
    await hookline(["apply", file("[{ env: NEW }]")]);
    expect(await names()).toEqual(["NEW"]);
  });

  it.each([
    ["with its value in the environment", values],
    ["without it", {}],
  ])("is not added again by the file from before once it has ended, %s", async (_, env) => {
    await hookline(["rotate-secret", slug, "--env", "NEW"]);
    await overlapEnds();
    const { code, text } = await hookline(["apply", before], env);
    expect([code, text]).toEqual([0, expect.stringContaining(`secret ${slug}/OLD was ended by a rotation at`)]);
    expect(text).toContain("is not added again");
    expect(await names()).toEqual(["NEW"]);
    expect((await hookline(["apply", file("[{ env: OLD }, { env: NEW }]")], env)).code).toBe(0);
    expect(await names()).toEqual(["NEW"]);
  });

  it("is brought back by another rotation", async () => {
    await hookline(["rotate-secret", slug, "--env", "NEW"]);
    await overlapEnds();
    expect((await hookline(["rotate-secret", slug, "--env", "OLD"])).code).toBe(0);
    expect((await hookline(["apply", before])).text).toContain("added_by");
    expect((await secrets()).find(({ env }) => env === "OLD")?.expires_at).toBeNull();
  });

  it("is added by a file again where the whole source was closed meanwhile", async () => {
    await hookline(["rotate-secret", slug, "--env", "NEW"]);
    await overlapEnds();
    await api.ask("DELETE", `/v1/sources/${slug}`);
    expect((await hookline(["apply", before])).code).toBe(0);
    expect(await names()).toEqual(["OLD"]);
  });

  it("of three rotations in a row is known as such, and the newest alone stays", async () => {
    await hookline(["rotate-secret", slug, "--env", "NEW"]);
    await overlapEnds();
    await hookline(["rotate-secret", slug, "--env", "THIRD"]);
    await overlapEnds();
    const { text } = await hookline(["apply", file("[{ env: OLD }, { env: NEW }]")]);
    for (const name of ["OLD", "NEW"]) expect(text).toContain(`secret ${slug}/${name} was ended`);
    expect(await names()).toEqual(["THIRD"]);
  });
});

it("A source whose secrets all end is warned of, in the API and by the doctor; one with another that stays is not.", async () => {
  await hookline(["rotate-secret", slug, "--env", "NEW"]);
  expect(await warnings()).not.toContain("ends at");
  await hookline(["rotate-secret", slug, "--remove", "NEW"]);
  expect(await warnings()).toMatch(/Its only secret ends at .*every webhook is refused/);
  expect((await hookline(["doctor"])).text).toMatch(new RegExp(`warn .*source ${slug}: Its only secret ends at`));
  await hookline(["rotate-secret", slug, "--env", "NEW"]);
  expect(await warnings()).not.toContain("ends at");
});
