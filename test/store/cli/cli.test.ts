import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkWranglerToml } from "../../../cli/install/doctor-setup.ts";
import { makeKeySets } from "../../../cli/install/keys.ts";
import { createSealer } from "../../../src/platform/seal.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { runHookline } from "../../command-line.ts";
import { served } from "../world/served.ts";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
let server: Awaited<ReturnType<typeof served>>;
let token: string;
const dir = mkdtempSync(join(tmpdir(), "hookline-cli-"));
const file = join(dir, "hookline.yaml");

beforeAll(async () => {
  api = await service();
  token = await api.token("admin", "calls:read");
  server = await served(api);
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
  await api.close();
});

const hookline = (args: string[], env: Record<string, string> = {}) =>
  runHookline(args, { HOOKLINE_URL: server.url, HOOKLINE_TOKEN: token, ...env });

describe("wrong arguments", () => {
  it.each([
    ["apply --dry x", "hookline apply: there is no option --dry"],
    ["pause --reason", "hookline pause: --reason needs a value"],
    ["pause --all=5", "hookline pause: --all takes no value"],
    ["reseal now", 'hookline reseal: "now" is an unknown argument'],
    ["doctor --foo bar", "hookline doctor: there is no option --foo"],
    ["token -x", "hookline token: there is no option -x"],
  ])("%s is answered in words of the command line, with the usage", async (line, sentence) => {
    const { code, out, said } = await hookline(line.split(" "));
    expect([code, out]).toEqual([2, ""]);
    expect(said.split("\n")).toEqual([sentence, expect.stringMatching(/^usage: hookline \w+/)]);
  });
});

describe("hookline apply", () => {
  it.each([
    ["lines:\n  one: &one\n    agent: *one\n", ":3:12 the alias *one is within its own anchor"],
    [
      "a: &a [x, x]\n".concat(...Array.from({ length: 40 }, (_, n) => `b${n}: &b${n} [*a, *c]\n`)),
      ":2:14 the alias *c has no anchor",
    ],
    ["a: *nobody\n", ":1:4 the alias *nobody has no anchor"],
  ])(
    "says of YAML that has no end where it has none, not that the service cannot be reached",
    async (text, sentence) => {
      writeFileSync(file, text);
      for (const verb of [
        ["apply", file],
        ["apply", file, "--dry-run"],
        ["diff", file],
      ]) {
        const { code, out, said } = await hookline(verb);
        expect([code, `${out}${said}`]).toEqual([
          1,
          expect.stringContaining(verb[0] === "apply" ? sentence : "the alias"),
        ]);
        expect(`${out}${said}`).not.toMatch(/cannot be reached|at \w+ \(|Error/);
      }
    },
  );
});

describe("hookline presets", () => {
  it("shows what to paste in the sender's product, and what a signature covers", async () => {
    const { code, out } = await hookline(["presets", "shopify"]);
    expect(code).toBe(0);
    expect(out).toContain("/in/<source>");
    expect(out).toContain("signs the body; not signed: id");
    expect(out).not.toContain("{url}");
  });
});

describe("hookline pause and resume", () => {
  it("stop one line, or all, say what was stopped, and want a reason to stop only", async () => {
    await api.ask("PUT", "/v1/lines/drill", { agent: "a-1" });
    const one = await hookline(["pause", "--line", "drill", "--reason", "fire drill"]);
    expect(one).toMatchObject({ code: 0, out: "drill: stopped; 0 given back, 0 on their way to Mihu" });
    const all = await hookline(["pause", "--all", "--reason", "wrong script"]);
    expect(all.code).toBe(0);
    expect((await hookline(["resume", "--all", "--reason", "mended"])).out).not.toContain("drill");
    expect(await hookline(["resume", "--line", "drill", "--reason", "over"])).toMatchObject({
      out: "drill: resumed",
    });
    expect((await hookline(["resume", "--all"])).said).toContain("no line was stopped");
    await hookline(["pause", "--all", "--reason", "once more"]);
    expect(await hookline(["resume", "--all"])).toMatchObject({
      code: 0,
      out: expect.stringContaining("drill: resumed"),
    });
    await hookline(["pause", "--line", "drill", "--reason", "once more"]);
    expect(await hookline(["resume", "--line", "drill"])).toMatchObject({ code: 0, out: "drill: resumed" });
    await api.ask("DELETE", "/v1/lines/drill");
  });

  it.each<[string, string[]]>([
    ["no line", ["pause", "--reason", "x"]],
    ["a line and all", ["pause", "--line", "drill", "--all", "--reason", "x"]],
    ["no reason", ["pause", "--all"]],
    ["an empty reason", ["resume", "--all", "--reason", " "]],
  ])("refuse %s", async (_, args) => {
    expect((await hookline(args)).code).toBe(2);
  });

  it("say where a line is not there", async () => {
    expect(await hookline(["pause", "--line", "nowhere", "--reason", "x"])).toMatchObject({ code: 1 });
  });
});

const good = `
lines:
  support-en: { agent: 32d8fc98-be1e-4d32-a12e-146f397fb1cb2, calls_per_minute: 10, countries: [US, CA], hours: { days: mon-sat, from: "09:00", to: "20:00", closed: [2026-12-25] } }
sources:
  acme:
    preset: shopify
    tenant: acme.myshopify.com
    secrets: [{ env: ACME_SECRET }]
    country: US
    order_number: "{{ data.name }}"
    record: { type: order, id: "{{ data.id }}" }
    rules:
      - name: call-me
        mode: live
        on: [orders/updated]
        when: '"call-me" in data.tags.split(", ")'
        line: support-en
        number: ["{{ data.phone }}"]
        about: |
          The customer is {{ data.customer.first_name }}.
          They wrote: {{ data.note | default: "nothing" | truncate: 300 }}
        prompt: { text: "You are Michael.", overwrite: false }
        expires: 4h
`;

describe("apply and export", () => {
  it("says what it would change on a dry run, and changes nothing", async () => {
    writeFileSync(file, good);
    const ran = await hookline(["apply", file, "--dry-run"], { ACME_SECRET: "shpss_0123456789abcdef" });
    expect(ran).toMatchObject({ code: 0, said: "" });
    expect(ran.out).toBe(
      "+ line support-en\n+ source acme\n+ secret acme/ACME_SECRET\n+ rule acme/call-me\n4 to change, 0 as they are",
    );
    expect((await api.ask("GET", "/v1/lines/support-en")).status).toBe(404);
  });

  it("applies, says what it did, and has nothing to do the second time", async () => {
    const first = await hookline(["apply", file], { ACME_SECRET: "shpss_0123456789abcdef" });
    expect([first.code, first.out.endsWith("applied")]).toEqual([0, true]);
    const second = await hookline(["apply", file], { ACME_SECRET: "shpss_0123456789abcdef" });
    expect(second.out).toBe("nothing to change (4 as they are)");
  });

  it("keeps a stored secret whose variable is not set, and says so", async () => {
    const ran = await hookline(["apply", file]);
    expect([ran.code, ran.said]).toEqual([
      0,
      "ACME_SECRET is not set: the secret that is stored under this name is kept",
    ]);
    expect(ran.out).toContain("nothing to change");
  });

  it("exports a file that applies to no change, and holds no secret", async () => {
    const exported = await hookline(["export"]);
    expect(exported.out).not.toContain("shpss_0123456789abcdef");
    expect(exported.out).toContain("about: |\n");
    const copy = join(dir, "copy.yaml");
    writeFileSync(copy, exported.out);
    expect((await hookline(["apply", copy])).out).toBe("nothing to change (4 as they are)");
  });

  it("shows each changed field, and what it leaves alone", async () => {
    writeFileSync(file, good.replace("calls_per_minute: 10", "calls_per_minute: 12"));
    await api.ask("PUT", "/v1/lines/other", { agent: "b" });
    const ran = await hookline(["apply", file]);
    expect(ran.out).toContain("~ line support-en\n    calls_per_minute: 10 → 12");
    expect(ran.out).toContain("not in the file, and left alone: line other");
  });

  it("takes a source's shards, and says that they change", async () => {
    writeFileSync(file, good.replace("    country: US\n", "    country: US\n    shards: 4\n"));
    expect((await hookline(["apply", file, "--dry-run"])).out).toContain("~ source acme\n    shards: 1 → 4");
    writeFileSync(file, good.replace("    country: US\n", "    country: US\n    shards: 40\n"));
    expect((await hookline(["apply", file])).said).toContain(`${file}:10:13 must be at most 16`);
  });

  it("refuses every mistake at its place in the file, and changes nothing", async () => {
    const broken = good
      .replace("tenant: acme", "tenannt: acme")
      .replace("data.note | default", "data.note | deflault")
      .replace('in data.tags.split(", ")', "in (data.tags")
      .replace("line: support-en", "line: support-fr");
    writeFileSync(file, broken);
    const ran = await hookline(["apply", file]);
    expect(ran.code).toBe(1);
    const lines = ran.said
      .split("\n")
      .filter((line) => line.startsWith(file))
      .map((line) => line.slice(file.length + 1));
    expect(lines[0]).toBe('7:5 unknown field "tenannt"');
    expect(lines[1]).toMatch(/^16:\d+ /);
    expect(lines[2]).toBe('17:15 there is no line "support-fr": add it to lines, or correct the name');
    expect(lines[3]).toMatch(/^21:\d+ .*deflault/);
    expect(lines).toHaveLength(4);
    expect(ran.said).toContain("4 mistakes: nothing was changed");
  });

  it("refuses YAML that is wrong, a file that is not there, and an option that is none", async () => {
    writeFileSync(file, "lines:\n  a: { agent: x }\n  a: { agent: y }\n");
    expect((await hookline(["apply", file])).said).toContain(`${file}:3:3 `);
    expect(await hookline(["apply", join(dir, "none.yaml")])).toMatchObject({
      code: 1,
      said: expect.stringContaining("ENOENT"),
    });
    expect(await hookline(["apply", file, "--dryrun"])).toMatchObject({
      code: 2,
      said: expect.stringContaining("usage:"),
    });
    expect((await hookline(["apply"])).code).toBe(2);
  });
});

describe("hookline cancel, release and resolve", () => {
  const waiting = async (rule: string, status: string, source = "api") => {
    const owner = postgres(api.ownerUrl, { max: 1 });
    try {
      const [row] = await owner<{ id: string }[]>`
        with event as (
          insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, planned_at)
          values (gen_random_uuid(), ${source}, gen_random_uuid(), 'x', '{}', '{}', 'h', 'planned', now()) returning id, source)
        insert into calls (event_id, source, rule, rule_version, mode, line, status, reason, number, country, about, due_at)
        select id, source, ${rule}, 1, 'live', 'bulk', ${status}, 'burst', '+14155550100', 'US', 'x', now() from event returning id`;
      return row?.id ?? "";
    } finally {
      await owner.end();
    }
  };
  const statusOf = async (id: string) => (await api.sql`select status from calls where id = ${id}`)[0]?.status;

  it("warn before and after a release whose rule or source makes no such calls any more", async () => {
    const env = { HOOKLINE_TOKEN: await api.token("calls:write") };
    await api.ask("PUT", "/v1/lines/bulk", { agent: "a", countries: ["US"] });
    await api.ask("PUT", "/v1/sources/cli-anyway", { preset: "generic", country: "US" });
    const id = await waiting("cli-anyway", "held", "cli-anyway");
    const args = ["release", "--filter", "rule=cli-anyway", "--filter", "status=held", "--reason", "it is good"];
    const warning = 'warning, 1 call: The rule "cli-anyway" was removed.';
    expect((await hookline(args, env)).said).toContain(warning);
    expect(await statusOf(id)).toBe("held");
    const done = await hookline([...args, "--yes"], env);
    expect(done.said).toContain(warning);
    expect(done.said).toContain("released: 1 call");
    await api.ask("DELETE", "/v1/sources/cli-anyway");
    await waiting("cli-anyway", "held", "cli-anyway");
    expect((await hookline(args, env)).said).toContain('warning, 1 call: The source "cli-anyway" is closed.');
  });

  it("say what they would do, do it only with --yes, and want to know which calls and why", async () => {
    const env = { HOOKLINE_TOKEN: await api.token("calls:write") };
    await api.ask("PUT", "/v1/lines/bulk", { agent: "a", countries: ["US"] });
    const cases = [
      ["cancel", "held", "canceled", []],
      ["release", "held", "queued", []],
      ["resolve", "review", "canceled", ["--rang", "no", "--then", "close"]],
    ] as const;
    for (const [verb, from, to, more] of cases) {
      const rule = `cli-${verb}`;
      const id = await waiting(rule, from);
      const args = [verb, "--filter", `rule=${rule}`, "--filter", `status=${from}`, "--reason", "a mistake", ...more];
      const plan = await hookline(args, env);
      expect(plan).toMatchObject({ code: 0, said: expect.stringContaining("1 call would be") });
      expect(plan.out).toContain(id);
      expect(await statusOf(id)).toBe(from);
      expect(await hookline([...args, "--yes"], env)).toMatchObject({
        code: 0,
        said: `${verb}${verb.endsWith("e") ? "d" : "ed"}: 1 call`,
      });
      expect(await statusOf(id)).toBe(to);
      for (const wrong of [
        [verb, "--reason", "x", ...more],
        [verb, "--filter", "rule", "--reason", "x", ...more],
        [verb, "--filter", "rule=x", ...more],
      ])
        expect((await hookline(wrong, env)).code).toBe(2);
      const unknown = await hookline([verb, "--filter", "colour=red", "--reason", "x", ...more], env);
      expect(unknown).toMatchObject({ code: 1, said: expect.stringContaining("colour") });
    }
    expect((await hookline(["resolve", "--filter", "rule=x", "--reason", "x"], env)).code).toBe(2);
  });
});

describe("tokens", () => {
  it("makes one, prints it alone, lists it and revokes it", async () => {
    const made = await hookline(
      ["token", "--scope", "calls:read", "--scope", "pii:read", "--days", "90", "--name", "zap"],
      { HOOKLINE_TOKEN: await api.token("admin", "calls:read", "pii:read") },
    );
    expect(made.out).toMatch(/^eyJ[\w.-]+$/);
    expect((await api.ask("GET", "/v1/me", undefined, made.out)).json).toMatchObject({
      name: "zap",
      scopes: ["calls:read", "pii:read"],
    });
    const jti = /id ([0-9a-f-]{36})/.exec(made.said)?.[1] ?? "";
    expect((await hookline(["tokens"])).out).toContain(jti);
    expect((await hookline(["revoke", jti])).code).toBe(0);
    expect((await hookline(["revoke", jti])).code).toBe(1);
    expect((await api.ask("GET", "/v1/me", undefined, made.out)).status).toBe(401);
  });

  it("recovers with the owner's address and the keys alone, with an entry, and says what is missing", async () => {
    const keys = JSON.stringify(api.tokenKeys);
    const env = { HOOKLINE_URL: "", HOOKLINE_TOKEN: "", DATABASE_URL: api.ownerUrl, TOKEN_KEYS: keys };
    const made = await hookline(["token", "--recover"], env);
    expect([made.code, made.out.split("\n").length]).toEqual([0, 1]);
    expect(made.said).toContain(`signed with the key "${api.tokenKeys[0]?.kid}": the Worker`);
    const me = await api.ask("GET", "/v1/me", undefined, made.out);
    expect(me.json).toMatchObject({ name: "recovery", scopes: expect.arrayContaining(["admin"]) });
    const told =
      await api.sql`select action, actor from entries where subject = 'token' and subject_id = ${me.json.jti}`;
    expect(told).toMatchObject([{ action: "created", actor: "owner" }]);
    for (const [name, wrong] of [
      ["DATABASE_URL", ""],
      ["TOKEN_KEYS", ""],
      ["TOKEN_KEYS", "[]"],
    ] as const) {
      const refused = await hookline(["token", "--recover"], { ...env, [name]: wrong });
      expect([refused.code, refused.out]).toEqual([1, ""]);
      expect(refused.said).toContain(name);
    }
  });

  it("shows a secret that a sender handed over to whoever has the database and the keys, with an entry, and no other secret", async () => {
    const keys = makeKeySets().SEALING_KEYS;
    const sealer = createSealer(keys);
    const env = { DATABASE_URL: api.ownerUrl, SEALING_KEYS: JSON.stringify(keys) };
    await api.ask("PUT", "/v1/sources/notion-pages", { preset: "notion" });
    const before = (await api.ask("GET", "/v1/sources/notion-pages")).json.warnings.join();
    expect(before).toContain("Its sender sends the secret");
    await api.ask("PUT", "/v1/sources/leads", { preset: "gohighlevel", tenant: "loc-1" });
    expect((await api.ask("GET", "/v1/sources/leads")).json.warnings.join()).not.toContain("secret");
    const none = await hookline(["captured-secret", "notion-pages"], env);
    expect([none.code, none.out]).toEqual([1, ""]);

    const secret = { sealed: await sealer.seal("secret_of_notion"), kid: sealer.kid, fingerprint: "f" };
    expect(await sourceStore(() => api.sql).capture("notion-pages", secret)).toBe(true);
    expect(await hookline(["captured-secret", "notion-pages"], env)).toMatchObject({
      code: 0,
      out: "secret_of_notion",
    });
    const { warnings } = (await api.ask("GET", "/v1/sources/notion-pages")).json;
    expect(warnings.join()).toContain("came with the set-up request");
    const told = await api.sql`
      select actor from entries where subject = 'source' and subject_id = 'notion-pages' and action = 'secret_shown'`;
    expect(told).toEqual([{ actor: "owner" }]);

    await api.ask("PUT", "/v1/sources/typed-in", { preset: "notion", secrets: ["typed in by somebody"] });
    expect(await hookline(["captured-secret", "typed-in"], env)).toMatchObject({ code: 1, out: "" });
    const others = { ...env, SEALING_KEYS: JSON.stringify(makeKeySets().SEALING_KEYS) };
    expect(await hookline(["captured-secret", "notion-pages"], others)).toMatchObject({ code: 1, out: "" });
  });

  it.each([["--days", "30"], ["--scope", "calls:read"], ["--name", "ours"], ["--show"]])(
    "refuses to recover with %s, rather than to make a token that was not asked for",
    async (...option) => {
      const env = { DATABASE_URL: api.ownerUrl, TOKEN_KEYS: JSON.stringify(api.tokenKeys) };
      const before = await api.sql`select count(*)::int as n from tokens`;
      const refused = await hookline(["token", "--recover", ...option], env);
      expect([refused.code, refused.out]).toEqual([2, ""]);
      expect(refused.said).toContain(`--recover takes no ${option[0]}`);
      expect(await api.sql`select count(*)::int as n from tokens`).toEqual(before);
    },
  );

  it("shows the token in use, and refuses what the API refuses", async () => {
    expect((await hookline(["token", "--show"])).out).toBe(token);
    expect(await hookline(["token", "--days", "91"])).toMatchObject({ code: 1, out: "" });
    expect(await hookline(["tokens"], { HOOKLINE_TOKEN: "wrong" })).toMatchObject({
      code: 1,
      said: expect.stringContaining("HOOKLINE_TOKEN"),
    });
    expect((await hookline(["tokens"], { HOOKLINE_URL: "http://127.0.0.1:1" })).said).toContain("cannot be reached");
  });
});

describe("doctor", () => {
  it("finds lines without hours and tokens that end soon, and says that nothing is wrong", async () => {
    const { checkLines, checkReadiness, checkSources, checkTokens } = await import(
      "../../../cli/install/doctor-service.ts"
    );
    await api.sql`insert into tokens (jti, name, scopes, created_at, expires_at, created_by)
      values (gen_random_uuid(), 'old zap', '{calls:read}', now() - interval '25 days', now() + interval '5 days', 'test')`;
    const here = { url: server.url, token, from: "environment" as const };
    expect(await checkReadiness(here)).toMatchObject({ reachable: true, authorized: true });
    const lines = (await checkLines(here)).map(({ text }) => text).join("\n");
    expect(lines).toContain("line other: No `hours` are set");
    expect(
      (await checkTokens(here, Date.now())).some(
        ({ state, text }) => state === "warning" && text.includes("expires 20"),
      ),
    ).toBe(true);
    expect((await checkTokens(here, Date.now())).at(-1)?.text).not.toMatch(/\b1 tokens\b/);
    expect((await checkSources(here)).find(({ text }) => text.startsWith("source acme: "))).toEqual({
      state: "warning",
      text: expect.stringContaining("source acme: No event has arrived yet"),
    });
    expect(await checkReadiness({ ...here, token: "wrong" })).toMatchObject({ reachable: true, authorized: false });
  });

  it("names every problem that the service reports, and how bad each is", async () => {
    const { checkReadiness } = await import("../../../cli/install/doctor-service.ts");
    await api.ask("PUT", "/v1/sources/halted", { preset: "generic" });
    await api.ask("POST", "/v1/sources/halted/pause", { reason: "stock-taking" });
    await api.sql`insert into gaps (code, subject_id) values ('event_without_call', 'e-1') on conflict do nothing`;
    const here = { url: server.url, token, from: "environment" as const };
    const { findings } = await checkReadiness(here);
    expect(findings).toContainEqual({
      state: "wrong",
      text: expect.stringMatching(/^e-1: A planned event has no call/),
    });
    expect(findings).toContainEqual({
      state: "warning",
      text: expect.stringMatching(/^halted: A person paused this source/),
    });
    await api.sql`delete from gaps where subject_id = 'e-1'`;
    await api.ask("POST", "/v1/sources/halted/resume");
  });

  it.each([
    ['[[hyperdrive]]\nbinding = "HYPERDRIVE"\nid = "00000000000000000000000000000000"\n', true, "wrong"],
    ['[[hyperdrive]]\nbinding = "HYPERDRIVE"\nid = "00000000000000000000000000000000"\n', false, "warning"],
    ['[[hyperdrive]]\nbinding = "HYPERDRIVE"\nid = "0123456789abcdef0123456789abcdef"\n', false, "good"],
    ['name = "hookline"\n', true, "wrong"],
  ] as const)("judges %j", async (text, production, state) => {
    expect((await checkWranglerToml(production, text))[0]?.state).toBe(state);
  });
});

describe("the command line", () => {
  it("lists its verbs, and has help for each", async () => {
    const { out } = await hookline(["--help"]);
    for (const verb of [
      "apply",
      "export",
      "token",
      "tokens",
      "revoke",
      "doctor",
      "migrate",
      "bootstrap",
      "replay",
      "presets",
      "reseal",
    ]) {
      expect(out).toContain(`  ${verb} `);
      expect((await hookline([verb, "--help"])).out).toContain(`hookline ${verb}`);
    }
    expect((await hookline([])).code).toBe(2);
    expect((await hookline(["dance"])).code).toBe(2);
  });

  it("migrates, prepares the app's role and bootstraps with the owner's address, and says what is wrong with it", async () => {
    expect((await hookline(["migrate"])).said).toContain("DATABASE_URL is not set");
    expect((await hookline(["migrate"], { DATABASE_URL: "mysql://x" })).said).toContain("not an address");
    expect((await hookline(["migrate"], { DATABASE_URL: api.ownerUrl })).code).toBe(0);
    const fresh = await service();
    const made = await hookline(["bootstrap", "--print-only"], { DATABASE_URL: fresh.ownerUrl });
    expect(made.out).toMatch(
      /^TOKEN_KEYS=\[\{"kid":"\w+","k":"[\w-]{43}"\}\]\nSESSION_KEYS=.+\nSEALING_KEYS=.+\nRECEIPT_KEYS=.+\nHOOKLINE_TOKEN=eyJ/,
    );
    await fresh.close();
    const refused = await hookline(["bootstrap", "--print-only"], { DATABASE_URL: api.ownerUrl });
    expect(refused).toMatchObject({ code: 1, out: "", said: expect.stringContaining("unreadable") });
  });
});

describe("hookline verify and rejections", () => {
  it("say of a saved webhook whether it is let in, and of a source what it refused", async () => {
    const secret = "a-secret-of-the-command-line";
    await api.ask("PUT", "/v1/sources/pasted", { preset: "generic", secrets: [secret] });
    const body = '{"id": "e-1", "type": "issue"}';
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const save = (value: string) =>
      writeFileSync(file, `POST /in/pasted HTTP/1.1\nHost: a.example\nX-Hookline-Signature: ${value}\n\n${body}`);
    save(signature);
    expect(await hookline(["verify", "pasted", "--file", file])).toMatchObject({
      code: 0,
      out: "it is valid as hmac, with 1 event\n  issue  e-1",
    });
    save(`sha256=${signature}`);
    const refused = await hookline(["verify", "pasted", "--file", file, "--at", "2026-01-05T12:00:00Z"]);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('set settings.prefix to "sha256="');
    expect(refused.out).not.toContain(signature);
    expect(await hookline(["rejections", "pasted"])).toMatchObject({ code: 0, said: "nothing was refused" });
    expect(await hookline(["rejections", "pasted", "--accept"])).toMatchObject({ code: 0, said: "0 accepted" });
    for (const wrong of [
      ["verify", "pasted"],
      ["verify", "--file", file],
      ["rejections"],
      ["rejections", "pasted", "--reason", "x"],
    ])
      expect((await hookline(wrong)).code).toBe(2);
    expect((await hookline(["rejections", "nowhere"])).code).toBe(1);
  });
});
