import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
beforeAll(async () => {
  api = await service();
});
afterAll(() => api.close());

const line = {
  agent: "32d8fc98-be1e-4d32-a12e-146f397fb1cb2",
  calls_per_minute: 10,
  countries: ["US", "CA"],
  hours: { days: "mon-sat", from: "09:00", to: "20:00", closed: ["2026-12-25"] },
};
const source = {
  preset: "shopify",
  tenant: "acme.myshopify.com",
  secrets: ["shpss_first"],
  country: "US",
  order_number: "{{ data.name }}",
  record: { type: "order", id: "{{ data.id }}" },
};
const rule = {
  on: ["orders/updated"],
  when: '"call-me" in data.tags.split(", ")',
  line: "support-en",
  number: ["{{ data.phone }}", "{{ data.shipping_address.phone }}"],
  about: "Their order number is {{ data.name }}.\nThey wrote: {{ data.note | default: 'nothing' }}",
  prompt: { text: "You are Michael.", overwrite: false },
  expires: "4h",
  burst: { calls: 50, in: "10m" },
  try_again: { on: ["no_answer", "busy"], after: ["2h", "1d"] },
};

describe("lines, sources and rules by their own paths", () => {
  it("saves a line with its defaults, says what its owner should know, and pokes the line", async () => {
    const saved = await api.ask("PUT", "/v1/lines/support-en", line);
    expect(saved.status).toBe(201);
    expect(saved.json).toMatchObject({
      slug: "support-en",
      ...line,
      calls_at_once: 3,
      calls_per_day: 1000,
      paused: null,
    });
    expect(api.told).toContain("poke support-en");
    const bare = await api.ask("PUT", "/v1/lines/bare", { agent: "a" });
    expect(bare.json.warnings.join(" ")).toMatch(/No `hours`.*No `countries`/s);
    expect((await api.ask("PUT", "/v1/lines/bare", { agent: "a" })).status).toBe(200);
    const entries = await api.sql`select action from entries where subject = 'line' and subject_id = 'bare'`;
    expect(entries.map(({ action }) => action)).toEqual(["created"]);
  });

  it("saves a source, keeps secrets that are not given, and never gives one back", async () => {
    const saved = await api.ask("PUT", "/v1/sources/acme", source);
    expect(saved.status).toBe(201);
    expect(saved.json).toMatchObject({
      slug: "acme",
      preset: "shopify",
      tenant: "acme.myshopify.com",
      country: "US",
      record: source.record,
    });
    expect(saved.json.secrets).toEqual([
      { id: expect.any(String), env: null, captured: false, created_at: expect.any(String), expires_at: null },
    ]);
    expect(JSON.stringify(saved.json)).not.toContain("shpss_first");
    const { secrets: _, ...rest } = source;
    const again = await api.ask("PUT", "/v1/sources/acme", { ...rest, country: "CA" });
    expect(again.json.secrets).toHaveLength(1);
    expect(again.json.version).toBeGreaterThan(saved.json.version);
    expect(api.told).toContain("refresh acme");
    const [row] = await api.sql`select sealed from secrets where source = 'acme'`;
    expect(row?.sealed).not.toContain("shpss_first");
  });

  it("has one inbox for a source unless it names more, up to sixteen", async () => {
    expect((await api.ask("GET", "/v1/sources/acme")).json.shards).toBe(1);
    const wide = await api.ask("PUT", "/v1/sources/wide", { preset: "generic", shards: 16 });
    expect([wide.status, wide.json.shards]).toEqual([201, 16]);
    const { sourceStore } = await import("../../../src/store/config/sources.ts");
    expect((await sourceStore(() => api.sql).copy("wide"))?.shards).toBe(16);
    for (const shards of [0, 17, 1.5, "2", null]) {
      const refused = await api.ask("PUT", "/v1/sources/wide", { preset: "generic", shards });
      expect(refused.json).toMatchObject({ status: 422, errors: [{ path: ["shards"] }] });
    }
    const entries = await api.sql`select data->>'shards' as shards from entries where subject_id = 'wide'`;
    expect(entries.map(({ shards }) => shards)).toEqual(["16"]);
  });

  it("says how many calls a line has had today, and that its day is full", async () => {
    await api.ask("PUT", "/v1/lines/full", { agent: "a", calls_per_day: 2 });
    await api.sql`update lines set day = to_char(now() at time zone 'UTC', 'YYYY-MM-DD'), day_calls = 2 where slug = 'full'`;
    const full = await api.ask("GET", "/v1/lines/full");
    expect(full.json.calls_today).toBe(2);
    expect(full.json.warnings.join(" ")).toContain("calls_per_day` is reached");
    await api.sql`update lines set day = '2020-01-01' where slug = 'full'`;
    const next = await api.ask("GET", "/v1/lines/full");
    expect(next.json.calls_today).toBe(0);
    expect(next.json.warnings.join(" ")).not.toContain("calls_per_day");
  });

  it("makes the active secrets exactly the given ones, and knows the same secret again", async () => {
    const before = await api.ask("GET", "/v1/sources/acme");
    const [first] = before.json.secrets;
    const both = await api.ask("PUT", "/v1/sources/acme", {
      ...source,
      secrets: [{ env: "SHOP_SECRET", value: "shpss_first" }, "shpss_second"],
    });
    expect(both.json.secrets).toHaveLength(2);
    expect(both.json.secrets[0]).toMatchObject({ id: first.id, env: "SHOP_SECRET" });
    const one = await api.ask("PUT", "/v1/sources/acme", { ...source, secrets: [{ env: "SHOP_SECRET" }] });
    expect(one.json.secrets.map(({ id }: { id: string }) => id)).toEqual([first.id]);
    const none = await api.ask("PUT", "/v1/sources/acme", { ...source, secrets: [{ env: "NOT_THERE" }] });
    expect(none.status).toBe(422);
    expect(none.json.errors[0]).toMatchObject({ path: ["secrets", 0] });
    expect((await api.ask("GET", "/v1/sources/acme")).json.secrets).toHaveLength(1);
  });

  it("saves a rule in shadow unless it says otherwise, and makes a version of each save that changes something", async () => {
    const saved = await api.ask("PUT", "/v1/sources/acme/rules/call-me", rule);
    expect(saved.status).toBe(201);
    expect(saved.json).toMatchObject({ name: "call-me", mode: "shadow", version: 1, position: 0, ...rule });
    const reordered = Object.fromEntries(Object.entries(rule).reverse());
    expect((await api.ask("PUT", "/v1/sources/acme/rules/call-me", reordered)).json.version).toBe(1);
    expect((await api.ask("PUT", "/v1/sources/acme/rules/call-me", { ...rule, mode: "live" })).json).toMatchObject({
      version: 2,
      position: 0,
    });
    expect((await api.ask("PUT", "/v1/sources/acme/rules/second", rule)).json.position).toBe(1);
    expect((await api.ask("DELETE", "/v1/sources/acme/rules/second")).status).toBe(204);
    expect((await api.ask("GET", "/v1/sources/acme/rules/second")).status).toBe(404);
    expect((await api.ask("PUT", "/v1/sources/acme/rules/second", rule)).json.version).toBe(2);
  });

  it("saves a rule over the version that the writer has read, and over no other", async () => {
    const path = "/v1/sources/acme/rules/shared";
    const save = (version: number | string, when: string) =>
      api.ask("PUT", `${path}?if_version=${version}`, { ...rule, when });
    expect(await save(1, "true")).toMatchObject({ status: 409, json: { code: "rule_changed" } });
    expect(await save(0, "true")).toMatchObject({ status: 201, json: { version: 1 } });
    expect(await save(0, "false")).toMatchObject({ status: 409 });
    const both = await Promise.all([save(1, "1 == 1"), save(1, "2 == 2")]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await api.ask("GET", path)).json.version).toBe(2);
    for (const odd of [-1, 1.5, "x", ""]) expect((await save(odd, "true")).status).toBe(422);
    expect((await api.ask("PUT", "/v1/sources/nowhere/rules/x?if_version=3", rule)).status).toBe(404);
    expect((await api.ask("DELETE", path)).status).toBe(204);
  });

  it.each([
    ["an unknown field", { ...rule, whn: "true" }, ["whn"], /unknown field "whn"/],
    [
      "an unknown field further in",
      { ...rule, prompt: { text: "x", overwrit: true } },
      ["prompt", "overwrit"],
      /unknown field/,
    ],
    ["a condition that is no CEL", { ...rule, when: "data.tags ==" }, ["when"], /./],
    ["a text that is no Liquid", { ...rule, about: "a\nb {% if %}" }, ["about"], /./],
    ["a filter that is not allowed", { ...rule, about: "{{ data.name | shout }}" }, ["about"], /shout/],
    ["a duration without a unit", { ...rule, expires: "4" }, ["expires"], /unit/],
    ["a line that does not exist", { ...rule, line: "nobody" }, ["line"], /no line "nobody"/],
    ["a missing field", { ...rule, about: undefined }, ["about"], /is missing/],
    ["a number of another type", { ...rule, number: 5 }, ["number"], /a text or a list/],
    ["a mode of no meaning", { ...rule, mode: "loud" }, ["mode"], /off, shadow, test, live/],
  ])("refuses a rule with %s by its path and reason", async (_, body, path, reason) => {
    const answer = await api.ask("PUT", "/v1/sources/acme/rules/bad", body);
    expect(answer.status).toBe(422);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.json).toMatchObject({ code: "rule_invalid", status: 422 });
    expect(answer.json.errors[0].path).toEqual(path);
    expect(answer.json.errors[0].reason).toMatch(reason);
  });

  it("says in which line and column of a text a mistake is", async () => {
    const answer = await api.ask("PUT", "/v1/sources/acme/rules/bad", {
      ...rule,
      about: "first\nsecond {{ data.name | shout }}",
    });
    expect(answer.json.errors[0]).toMatchObject({ path: ["about"], line: 2, column: expect.any(Number) });
  });

  it.each([
    ["a preset that does not exist", { ...source, preset: "nothing" }, ["preset"]],
    [
      "a setting that its preset does not know",
      { ...source, preset: "generic", settings: { heder: "x" } },
      ["settings", "heder"],
    ],
    ["a country that is none", { ...source, country: "XX" }, ["country"]],
    ["a zone that is none", { ...source, zone: "Mars/Olympus" }, ["zone"]],
    ["a zone that is no place", { ...source, zone: "UTC" }, ["zone"]],
    ["a template that cannot be read", { ...source, order_number: "{{ data.name" }, ["order_number"]],
    ["an unknown field", { ...source, contry: "US" }, ["contry"]],
    ["a NUL in a text", { ...source, tenant: "a\0b" }, ["tenant"]],
    ["the prototype's name", { ...source, ...JSON.parse('{"__proto__":{"country":"US"}}') }, ["__proto__"]],
    [
      "the prototype's name for a setting",
      { ...source, settings: JSON.parse('{"__proto__":"x"}') },
      ["settings", "__proto__"],
    ],
  ])("refuses a source with %s", async (_, body, path) => {
    const answer = await api.ask("PUT", "/v1/sources/other", body);
    expect(answer.status).toBe(422);
    expect(answer.json.errors[0].path).toEqual(path);
    expect((await api.ask("GET", "/v1/sources/other")).status).toBe(404);
  });

  it.each([
    ["a zone that is an abbreviation", { zone: "BST" }, "is not a time zone: write a place"],
    ["an id that is too long for a number", { when: "data.id == 12345678901234567" }, 'write "12345678901234567"'],
  ])("refuses a rule with %s, and says what to write", async (_, fields, advice) => {
    const rule = { line: "support", number: "{{ data.phone }}", about: "A lead.", ...fields };
    const answer = await api.ask("PUT", "/v1/sources/shop/rules/other", rule);
    expect(answer.status).toBe(422);
    expect(answer.json.errors[0]).toMatchObject({
      path: Object.keys(fields),
      reason: expect.stringContaining(advice),
    });
  });

  it.each(["mihu", "api"])("keeps the slug %s to itself", async (slug) => {
    expect((await api.ask("PUT", `/v1/sources/${slug}`, source)).json.code).toBe("reserved");
  });

  it.each(["UPPER", "a_b", "-a", "a".repeat(64), "%00"])("refuses %s for a name", async (slug) => {
    expect((await api.ask("PUT", `/v1/lines/${slug}`, line)).status).toBe(422);
  });

  it.each([
    ["no pace at all", { ...line, calls_per_minute: 0 }, ["calls_per_minute"]],
    [
      "hours that end before they begin",
      { ...line, hours: { days: "mon", from: "10:00", to: "09:00" } },
      ["hours", "to"],
    ],
    [
      "a closed day that is no date",
      { ...line, hours: { days: "mon", from: "09:00", to: "10:00", closed: ["2026-02-30"] } },
      ["hours", "closed", 0],
    ],
    ["a country that is none", { ...line, countries: ["US", "ZZ"] }, ["countries", 1]],
    ["no agent", { calls_per_minute: 1 }, ["agent"]],
  ])("refuses a line with %s", async (_, body, path) => {
    const answer = await api.ask("PUT", "/v1/lines/other", body);
    expect(answer.status).toBe(422);
    expect(answer.json.errors[0].path).toEqual(path);
  });

  it("pauses and resumes a line, with an entry each", async () => {
    const paused = await api.ask("POST", "/v1/lines/bare/pause", { reason: "fire drill" });
    expect(paused.json.paused).toMatchObject({ reason: "paused_by_person", detail: "fire drill" });
    expect(paused.json.stopped).toEqual({ confirmed: true, given_back: 0, in_flight: 0 });
    expect(api.told).toContain("halt bare");
    expect((await api.ask("POST", "/v1/lines/bare/resume")).json.paused).toBeNull();
    expect((await api.ask("POST", "/v1/lines/nobody/pause", { reason: "x" })).status).toBe(404);
    expect(api.told).not.toContain("halt nobody");
  });

  it("stops every line at once, and says which could not confirm it", async () => {
    const paused = await api.ask("POST", "/v1/lines/pause", { reason: "wrong script" });
    expect(paused.status).toBe(200);
    const lines: { line: string; reason: string }[] = paused.json.data;
    expect(lines.map(({ line }) => line)).toEqual(expect.arrayContaining(["bare", "support-en"]));
    expect(lines.every(({ reason }) => reason === "all_paused")).toBe(true);
    expect(paused.json.data[0].stopped).toMatchObject({ confirmed: true });
    expect((await api.ask("GET", "/v1/lines/bare")).json.paused).toMatchObject({
      reason: "all_paused",
      detail: "wrong script",
    });
    expect((await api.ask("POST", "/v1/lines/pause")).status).toBe(422);
    const resumed = await api.ask("POST", "/v1/lines/resume", { reason: "mended" });
    expect(resumed.json.data).toEqual(lines.map(({ line }) => ({ line, confirmed: true })));
    expect(api.told).toContain("poke bare");
    expect((await api.ask("GET", "/v1/lines/bare")).json.paused).toBeNull();
    expect((await api.ask("POST", "/v1/lines/resume", { reason: "again" })).json.data).toEqual([]);
  });

  it("lets all lines go on without a word, and the entry holds none", async () => {
    await api.ask("POST", "/v1/lines/pause", { reason: "wrong script" });
    const resumed = await api.ask("POST", "/v1/lines/resume");
    expect([resumed.status, resumed.json.data]).toEqual([
      200,
      expect.arrayContaining([{ line: "bare", confirmed: true }]),
    ]);
    const [last] = await api.sql`
      select data from entries where subject = 'line' and subject_id = 'bare' and action = 'resumed' order by id desc limit 1`;
    expect(last).toEqual({ data: { all: true } });
  });

  it("keeps no number that a person gives as the reason of a pause, whoever reads it", async () => {
    const reason = "ask +1 (415) 556-0599 first";
    const said = async () => JSON.stringify([await api.ask("GET", "/readyz"), await api.ask("GET", "/v1/lines/bare")]);
    for (const path of ["bare/pause", "bare/resume", "pause", "resume"]) {
      expect((await api.ask("POST", `/v1/lines/${path}`, { reason })).status).toBe(200);
      if (path.endsWith("pause")) expect(await said()).toContain("ask [number] first");
      expect(await said()).not.toContain("0599");
    }
    const told = await api.sql`
      select data->>'detail' as detail from entries where subject = 'line' and subject_id = 'bare' order by id desc limit 4`;
    expect(told).toEqual(Array(4).fill({ detail: "ask [number] first" }));
  });

  it("gives a line a webhook key once, and stores only its hash", async () => {
    const made = await api.ask("POST", "/v1/lines/bare/webhook");
    expect(made.json.path).toMatch(/^\/in\/mihu\/[\w-]{43}$/);
    const [row] = await api.sql`select webhook_key_hash, webhook_secret from lines where slug = 'bare'`;
    const key = made.json.path.slice("/in/mihu/".length);
    expect(row?.webhook_key_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(row)).not.toContain(key);
    expect(JSON.stringify(row)).not.toContain(made.json.secret);
    expect(JSON.stringify((await api.ask("GET", "/v1/lines/bare")).json)).not.toContain(key);
  });

  it("does not remove a line that rules use", async () => {
    const answer = await api.ask("DELETE", "/v1/lines/support-en");
    expect(answer.json).toMatchObject({ status: 409, code: "in_use", detail: expect.stringContaining("acme/call-me") });
    expect((await api.ask("DELETE", "/v1/lines/bare")).status).toBe(204);
    expect((await api.ask("DELETE", "/v1/lines/bare")).status).toBe(404);
  });

  it("closes a source that is removed, says so, and opens it again when it is saved", async () => {
    await api.ask("PUT", "/v1/sources/gone", { ...source, secrets: ["shpss_0123456789abcdef"] });
    await api.ask("PUT", "/v1/sources/gone/rules/any", rule);
    const closed = await api.ask("DELETE", "/v1/sources/gone");
    expect([closed.status, closed.json]).toMatchObject([
      200,
      {
        secrets: [],
        rules: [],
        disconnected_at: expect.any(String),
        warnings: [expect.stringContaining("It is closed")],
      },
    ]);
    const again = await api.ask("DELETE", "/v1/sources/gone");
    expect([again.status, again.json.disconnected_at]).toEqual([200, closed.json.disconnected_at]);
    const told = await api.sql`select action from entries where subject = 'source' and subject_id = 'gone' order by id`;
    expect(told.filter(({ action }) => action === "disconnected")).toHaveLength(1);
    // Applying what was exported must not open it.
    expect((await api.ask("GET", "/v1/config")).json.sources).not.toHaveProperty("gone");
    const open = await api.ask("PUT", "/v1/sources/gone", { ...source, secrets: ["shpss_0123456789abcdef"] });
    expect(open.json).toMatchObject({
      disconnected_at: null,
      warnings: [expect.stringContaining("No event has arrived yet")],
    });
    await api.ask("DELETE", "/v1/sources/gone");
    expect((await api.ask("DELETE", "/v1/sources/never-there")).status).toBe(404);
  });
});

describe("the whole document", () => {
  const document = {
    lines: { "doc-line": line },
    sources: {
      "doc-source": {
        ...source,
        secrets: [{ env: "DOC_SECRET", value: "shpss_doc" }],
        rules: [
          { name: "first", ...rule, line: "doc-line", mode: "live" },
          { name: "second", ...rule, line: "doc-line" },
        ],
      },
    },
  };

  it("says what it would change and changes nothing on a dry run", async () => {
    const answer = await api.ask("PUT", "/v1/config?dry_run=true", document);
    expect(answer.status).toBe(200);
    expect(
      answer.json.changes.map(({ kind, what, name }: Record<string, string>) => `${kind} ${what} ${name}`),
    ).toEqual([
      "create line doc-line",
      "create source doc-source",
      "create secret doc-source/DOC_SECRET",
      "create rule doc-source/first",
      "create rule doc-source/second",
    ]);
    expect(answer.json.left_alone.sources).toContain("acme");
    expect((await api.ask("GET", "/v1/sources/doc-source")).status).toBe(404);
  });

  it("applies, and applied again changes nothing", async () => {
    expect((await api.ask("PUT", "/v1/config", document)).status).toBe(200);
    const again = await api.ask("PUT", "/v1/config", document);
    expect(new Set(again.json.changes.map(({ kind }: { kind: string }) => kind))).toEqual(new Set(["keep"]));
    const [source] = await api.sql`select version::int as version from sources where slug = 'doc-source'`;
    expect(source?.version).toBe(1);
  });

  it("exports a document that applies to no change", async () => {
    const exported = await api.ask("GET", "/v1/config");
    const again = await api.ask("PUT", "/v1/config", exported.json);
    expect(again.status).toBe(200);
    expect(new Set(again.json.changes.map(({ kind }: { kind: string }) => kind))).toEqual(new Set(["keep"]));
    expect(again.json.left_alone).toEqual({ lines: [], sources: [], hooks: [] });
    expect(exported.json.sources["doc-source"].secrets).toEqual([{ env: "DOC_SECRET" }]);
  });

  it("shows each changed field from what to what, moves and removes rules, and rotates secrets", async () => {
    const changed = structuredClone(document);
    changed.lines["doc-line"].calls_per_minute = 20;
    changed.sources["doc-source"].rules = changed.sources["doc-source"].rules.slice(1);
    changed.sources["doc-source"].secrets = [{ env: "DOC_SECRET", value: "shpss_rotated" }];
    const answer = await api.ask("PUT", "/v1/config", changed);
    expect(answer.json.changes).toContainEqual({
      kind: "change",
      what: "line",
      name: "doc-line",
      fields: [{ field: "calls_per_minute", from: 10, to: 20 }],
    });
    const lines = answer.json.changes.map(({ kind, what, name }: Record<string, string>) => `${kind} ${what} ${name}`);
    expect(lines).toContain("remove rule doc-source/first");
    expect(lines).toContain("change rule doc-source/second");
    expect(lines).toContain("create secret doc-source/DOC_SECRET");
    expect(lines).toContain("remove secret doc-source/DOC_SECRET");
    const stored = await api.ask("GET", "/v1/sources/doc-source");
    expect(stored.json.rules.map(({ name, version }: Record<string, unknown>) => [name, version])).toEqual([
      ["second", 1],
    ]);
  });

  it("finds every mistake of every part at once, writes nothing, and quotes no secret", async () => {
    const broken = {
      lines: { ok: { agent: "a" }, bad: { agent: "a", calls_per_minut: 5 } },
      sources: {
        acme: {
          preset: "shopify",
          secrets: [{ env: "NEW", value: "shpss_never_shown" }],
          rules: [
            { name: "one", ...rule, line: "ok", whn: "true" },
            { name: "two", ...rule, line: "bad", when: "data.x ==" },
            { name: "three", ...rule, line: "nobody" },
            { name: "two", ...rule, line: "ok" },
          ],
        },
        api: { preset: "generic" },
        other: { preset: "none", unknwn: 1 },
      },
    };
    const answer = await api.ask("PUT", "/v1/config", broken);
    expect(answer.status).toBe(422);
    expect(answer.json.code).toBe("config_invalid");
    expect(answer.json.errors.map(({ path }: { path: unknown[] }) => path.join("."))).toEqual([
      "lines.bad.calls_per_minut",
      "sources.acme.rules.0.whn",
      "sources.api",
      "sources.other.unknwn",
      "sources.acme.rules.1.when",
      "sources.acme.rules.3.name",
      "sources.acme.rules.2.line",
    ]);
    expect(JSON.stringify(answer.json)).not.toContain("shpss_never_shown");
    expect((await api.ask("GET", "/v1/lines/ok")).status).toBe(404);
  });

  it("writes an entry for each change in the transaction of the change", async () => {
    const rows = await api.sql`
      select e.action, e.actor from entries e where subject = 'rule' and subject_id = 'doc-source/second' order by id`;
    expect(rows.map(({ action }) => action)).toEqual(["saved", "moved"]);
    expect(rows.every(({ actor }) => /^token:[0-9a-f-]{36}$/.test(actor))).toBe(true);
  });
});
