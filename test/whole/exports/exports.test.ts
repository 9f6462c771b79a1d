/** Exports through the running product: a real Postgres, a real workerd, and a client that may be slow or leave. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Papa from "papaparse";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentOf, runHookline } from "../../command-line.ts";
import { line, number, openShop, type Shop, source } from "../shop.ts";
import { type Download, download, openDownload } from "./download.ts";
import { fillCalls } from "./fill.ts";

const many = 100_000;

let shop: Shop;
let owner: postgres.Sql;
beforeAll(async () => {
  shop = await openShop({ ownCluster: true });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  await shop.api(`/v1/lines/${line}/pause`, { method: "POST", json: { reason: "nothing rings in this test" } });
});
afterAll(async () => {
  await owner?.end({ timeout: 1 });
  await shop?.stop();
});

type Entry = { actor: string; data: Record<string, unknown> };

/** Entries of exports, oldest first. */
const entries = () => owner<Entry[]>`select actor, data from entries where action = 'exported' order by id`;
const ofNewest = async () => {
  const all = await entries();
  return all.filter(({ data }) => data.export === all.at(-1)?.data.export).map(({ data }) => data);
};
const exported = (query: string, token = shop.token, onData?: (bytes: number) => Promise<void> | void) =>
  download(`${shop.url}/v1/calls/export?${query}`, token, onData);

function rowsOf({ text }: Download): Record<string, string>[] {
  const { data, errors } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
  expect(errors).toEqual([]);
  return data;
}

/** Texts that a customer or a thief may write into a ticket. */
const hostile = [
  "=cmd|' /C calc'!A0",
  "+1+1",
  "-2+3",
  "@SUM(1,1)",
  'she said "no", twice',
  "two\r\nlines\nand a return\r.",
  "שלום \u202eevil",
  "a NUL was here: \ufffd",
  "👩‍👩‍👧 東京",
];

describe("a list of hostile texts", () => {
  beforeAll(async () => {
    for (const [nth, about] of hostile.entries()) {
      const json = {
        line,
        number: number(nth),
        about,
        order_number: `=${nth}`,
        record: { type: "ticket", id: `@${nth}` },
      };
      const answer = await shop.api("/v1/calls", { method: "POST", json });
      expect([answer.status, answer.ok ? "" : await answer.text()]).toEqual([202, ""]);
    }
  });

  test("is read back by another parser as the list's own answer has it, and no cell begins as a formula", async () => {
    const listed = (await (await shop.api("/v1/calls?source=api&limit=200")).json()) as {
      data: Record<string, unknown>[];
    };
    const file = await exported("format=csv&source=api");
    expect([file.status, file.complete]).toEqual([200, true]);
    expect(file.headers["content-type"]).toBe("text/csv; charset=utf-8; header=present");
    expect(file.headers["content-disposition"]).toMatch(
      /^attachment; filename="hookline-calls-exported-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect(file.text.startsWith("\ufeff")).toBe(true);
    const rows = rowsOf(file);
    expect(rows.length).toBe(listed.data.length);
    for (const [nth, call] of listed.data.entries()) {
      expect(Object.keys(rows[nth] ?? {}).sort()).toEqual(Object.keys(call).sort());
      for (const [name, value] of Object.entries(call)) {
        const text = value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
        expect([text, `'${text}`], name).toContain(rows[nth]?.[name]);
        expect(rows[nth]?.[name], name).not.toMatch(/^(?!\+[1-9]\d{1,14}$)[=+\-@\t\r\n]/);
      }
    }
    expect(rows.map(({ number }) => number)).toContain(number(0));
  });

  test("is in JSON Lines exactly the list's own answer, a line each, with nothing before and nothing after", async () => {
    const listed = (await (await shop.api("/v1/calls?source=api&limit=200")).json()) as { data: unknown[] };
    const file = await exported("format=jsonl&source=api");
    expect(file.headers["content-type"]).toBe("application/jsonl");
    expect(file.text.endsWith("}\n")).toBe(true);
    expect(
      file.text
        .trimEnd()
        .split("\n")
        .map((one) => JSON.parse(one)),
    ).toEqual(listed.data);
  });

  test("is masked for a token without pii:read, as the list is, and the entry says so", async () => {
    const blind = await shop.tokenFor(["calls:read"]);
    const file = await exported("format=csv&source=api", blind);
    for (const row of rowsOf(file)) expect([row.about, row.number?.slice(0, 4)]).toEqual(["•••", "'+1•"]);
    expect(await ofNewest()).toEqual([
      expect.objectContaining({ what: "calls", masked: true, rows_at_most: 1_000 }),
      expect.objectContaining({ what: "calls", masked: true, rows: hostile.length, complete: true }),
    ]);
  });

  test("with a filter has an entry with the filter, in which a number is hidden, and another with the count", async () => {
    const query = `format=csv&status=queued&from=2026-01-01T00:00:00Z&number=${encodeURIComponent(number(0))}`;
    const file = await exported(query);
    expect(rowsOf(file).length).toBe(1);
    const filter = { status: "queued", from: "2026-01-01T00:00:00.000Z", number: "•••" };
    const same = { what: "calls", format: "csv", masked: false, filter, export: expect.any(String) };
    expect(await ofNewest()).toEqual([
      { ...same, rows_at_most: 1_000 },
      { ...same, rows: 1, complete: true },
    ]);
    expect(file.headers["content-disposition"]).toContain("hookline-calls-from-2026-01-01-exported-");
  });

  test("that is empty is a header row alone, and an entry with no row", async () => {
    const file = await exported("format=csv&source=nothing");
    expect(file.text.split("\r\n").length).toBe(2);
    expect((await exported("format=jsonl&source=nothing")).text).toBe("");
    expect((await ofNewest()).at(-1)).toMatchObject({ rows: 0, complete: true });
  });

  test.each([
    ["events", "/v1/events/export?format=jsonl&source=api", "/v1/events?source=api&limit=200"],
    ["suppressions", "/v1/suppressions/export?format=jsonl", "/v1/suppressions"],
  ])("of %s is the list's own answer too", async (_, path, list) => {
    for (const nth of [1, 2])
      await shop.api("/v1/suppressions", { method: "POST", json: { number: number(900 + nth), reason: "=asked" } });
    const listed = (await (await shop.api(list)).json()) as { data: { id?: string; number?: string }[] };
    const file = await download(shop.url + path, shop.token);
    const rows = file.text
      .trimEnd()
      .split("\n")
      .map((one) => JSON.parse(one));
    const sorted = (all: typeof rows) =>
      all.sort((one, other) => ((one.id ?? one.number) < (other.id ?? other.number) ? -1 : 1));
    expect(sorted(rows)).toEqual(sorted(listed.data));
    expect(rows.length).toBeGreaterThan(1);
  });

  test("of a hook's deliveries is the list's own answer, for who may see the hook", async () => {
    const json = { target_url: "https://hooks.example.com/x", events: ["call.*"] };
    const hook = (await (await shop.api("/v1/hooks", { method: "POST", json })).json()) as { id: string };
    await shop.api(`/v1/hooks/${hook.id}/pause`, { method: "POST", json: { reason: "nobody is there" } });
    await shop.api(`/v1/hooks/${hook.id}/test`, { method: "POST" });
    const listed = (await (await shop.api(`/v1/hooks/${hook.id}/deliveries`)).json()) as { data: unknown[] };
    const path = `${shop.url}/v1/hooks/${hook.id}/deliveries/export?format=jsonl`;
    const file = await download(path, shop.token);
    expect(
      file.text
        .trimEnd()
        .split("\n")
        .map((one) => JSON.parse(one)),
    ).toEqual(listed.data);
    expect((await download(path, await shop.tokenFor(["hooks:write"]))).status).toBe(200);
    expect((await download(path, await shop.tokenFor(["calls:read"]))).status).toBe(403);
  });

  test("is written by the command line to a file of its own, which only its owner may read", async () => {
    const dir = mkdtempSync(join(tmpdir(), "hookline-export-"));
    try {
      const out = join(dir, "calls.jsonl");
      const args = ["export-list", "calls", "--format", "jsonl", "--filter", "source=api", "--out", out];
      const env = environmentOf(shop);
      expect(await runHookline(args, env)).toMatchObject({ code: 0, said: `${out} is whole` });
      expect(readFileSync(out, "utf8")).toBe((await exported("format=jsonl&source=api")).text);
      expect([readdirSync(dir), statSync(out).mode & 0o777]).toEqual([["calls.jsonl"], 0o600]);
      const refused = await runHookline([...args.slice(0, 5), "status=gone", "--out", out], env);
      expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("status: must be one of")]);
      expect((await runHookline(["export-list", "call", "--out", out], env)).code).toBe(2);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test("asked for with HEAD reads nothing, and writes no entry", async () => {
    const before = (await entries()).length;
    const answer = await shop.api("/v1/calls/export?format=csv", { method: "HEAD" });
    expect([answer.status, answer.headers.get("content-disposition")]).toEqual([200, expect.stringContaining("calls")]);
    expect((await entries()).length).toBe(before);
  });
});

describe(`a list of ${many} calls`, () => {
  beforeAll(async () => {
    for (let first = 1; first <= many; first += 10_000) await fillCalls(owner, { source, line }, first, 10_000, 600);
    await owner`vacuum analyze calls`;
  }, 120_000);

  test("has each once, although calls arrive while it is read", async () => {
    const known = new Set((await owner<{ id: string }[]>`select id from calls`).map(({ id }) => id));
    let [next, arriving] = [many + 1, true];
    const arrivals = (async () => {
      for (; arriving; next += 20) await fillCalls(owner, { source, line }, next, 20);
    })();
    const file = await exported("format=jsonl");
    arriving = false;
    await arrivals;
    expect([file.status, file.complete]).toEqual([200, true]);
    expect(next).toBeGreaterThan(many + 20);
    const ids = file.text
      .trimEnd()
      .split("\n")
      .map((one) => JSON.parse(one).id as string);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) known.delete(id);
    expect([...known]).toEqual([]);
    const told = await ofNewest();
    expect(told.map(({ rows_at_most }) => rows_at_most)).toEqual([1_000, 10_000, 100_000, 1_000_000, undefined]);
    expect(told.at(-1)).toMatchObject({ rows: ids.length, complete: true });
  }, 120_000);

  test("stops to be read while its client takes nothing, and goes on afterwards to its end", async () => {
    const answer = await openDownload(`${shop.url}/v1/calls/export?format=jsonl`, shop.token);
    // Nothing is read of the body. The time of 300 other requests is enough to send all of it to a client that takes it.
    for (let nth = 0; nth < 300; nth++) await shop.api("/v1/me");
    const paused = await ofNewest();
    expect(Number(paused.at(-1)?.rows_at_most)).toBeLessThanOrEqual(many / 10);
    let bytes = 0;
    for await (const part of answer) bytes += part.length;
    expect(answer.complete).toBe(true);
    expect(bytes).toBeGreaterThan(many * 600);
    expect((await ofNewest()).at(-1)).toMatchObject({ complete: true });
  }, 120_000);

  test("whose client breaks off has an entry with no fewer rows than it got, and is not complete", async () => {
    const answer = await openDownload(`${shop.url}/v1/calls/export?format=jsonl`, shop.token);
    let got = "";
    for await (const part of answer) {
      got += part;
      if (got.length > 5_000_000) break;
    }
    answer.destroy();
    const rows = got.split("\n").length - 1;
    const told = await shop.until(ofNewest, (all) => all.at(-1)?.complete === false);
    expect(Number(told.at(-1)?.rows)).toBeGreaterThanOrEqual(rows);
    expect(Number(told.at(-1)?.rows)).toBeLessThan(many);
  }, 60_000);

  test("breaks when Postgres dies in the middle: it never ends as a whole file does", async () => {
    const postgresOf = () => {
      if (shop.cluster === undefined) throw new Error("this test needs its own Postgres");
      return shop.cluster;
    };
    let killed: Promise<void> | null = null;
    const file = await exported("format=csv", shop.token, async () => {
      killed ??= postgresOf().postgres().stopImmediate();
      await killed;
    });
    expect([file.status, file.complete]).toEqual([200, false]);
    expect(file.text.length).toBeGreaterThan(0);
  }, 60_000);
});
