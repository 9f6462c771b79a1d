/** Hooks of hookline.yaml, applied and exported through the command line. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runHookline } from "../../command-line.ts";
import { served } from "../world/served.ts";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
let server: Awaited<ReturnType<typeof served>>;
let token: string;
const dir = mkdtempSync(join(tmpdir(), "hookline-hooks-"));
const file = join(dir, "hookline.yaml");
const key = { ZAP_KEY: "zap-0123456789abcdef" };

beforeAll(async () => {
  api = await service();
  server = await served(api);
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
  await api.close();
});
/** Each test has a name of its own, whose hooks no other test sees. */
beforeEach(async () => {
  token = await api.token("admin", "pii:read");
});

const hookline = (args: string[], env: Record<string, string> = {}, as = token) =>
  runHookline(args, { HOOKLINE_URL: server.url, HOOKLINE_TOKEN: as, ...env });
const stored = async () => (await api.ask("GET", "/v1/hooks", undefined, token)).json.data;
const own = async () => (await api.ask("GET", "/v1/config", undefined, token)).json.hooks;
const entries = async () => Number((await api.sql`select count(*) from entries where subject = 'hook'`)[0]?.count);

const good = `hooks:
  - target_url: https://hooks.zapier.com/hooks/catch/1/abc
    events: [call.ended, call.review]
    when: data.outcome == "no_answer"
    payload: thin
    headers:
      Authorization: { env: ZAP_KEY }
      X-Shop: acme
    description: rows for the sales team
`;
const write = (text: string) => writeFileSync(file, text);
const secretLine = /^secret of the hook (\S+), not shown again: (whsec_\S+)$/m;

describe("apply", () => {
  it("shows a new hook on a dry run, without a secret, and makes none", async () => {
    write(good);
    const before = await entries();
    const ran = await hookline(["apply", file, "--dry-run"], key);
    expect(ran).toMatchObject({
      code: 0,
      said: "",
      out: "+ hook https://hooks.zapier.com/hooks/catch/1/abc\n1 to change, 0 as they are",
    });
    expect([await own(), await entries()]).toEqual([[], before]);
  });

  it("makes the hook, prints its secret once, and has nothing to do the second time", async () => {
    write(good);
    const told = api.told.length;
    const first = await hookline(["apply", file], key);
    const [, url, secret = ""] = secretLine.exec(first.out) ?? [];
    expect([first.code, url]).toEqual([0, "https://hooks.zapier.com/hooks/catch/1/abc"]);
    expect(api.told.slice(told)).toContain("hooks");
    expect((await own())[0]).toEqual({
      target_url: "https://hooks.zapier.com/hooks/catch/1/abc",
      events: ["call.ended", "call.review"],
      when: 'data.outcome == "no_answer"',
      payload: "thin",
      headers: {
        Authorization: { env: "HOOK_HOOKS_ZAPIER_COM_AUTHORIZATION" },
        "X-Shop": { env: "HOOK_HOOKS_ZAPIER_COM_X_SHOP" },
      },
      description: "rows for the sales team",
      format: "webhook",
    });
    const before = await entries();
    const second = await hookline(["apply", file], key);
    expect(second).toMatchObject({ code: 0, said: "", out: "nothing to change (1 as they are)" });
    expect(await entries()).toBe(before);
    const everything = JSON.stringify([await stored(), second, api.logged]);
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(key.ZAP_KEY);
  });

  it("keeps a header's stored value while its variable is not set, and refuses a new one without a value", async () => {
    write(good);
    expect(await hookline(["apply", file])).toMatchObject({
      code: 1,
      out: "",
      said: expect.stringContaining(`${file}:7:7 has no value: set ZAP_KEY in the environment of \`hookline apply\``),
    });
    expect(await own()).toEqual([]);
    await hookline(["apply", file], key);
    expect(await hookline(["apply", file])).toMatchObject({
      code: 0,
      said: "ZAP_KEY is not set: the header keeps its stored value, if it has one",
      out: "nothing to change (1 as they are)",
    });
  });

  it("shows each changed field, and of a header that its value changes, but no value", async () => {
    write(good);
    await hookline(["apply", file], key);
    write(
      good
        .replace("payload: thin", "payload: full")
        .replace("      X-Shop: acme\n", "      X-Store: acme\n")
        .replace("    description: rows for the sales team\n", ""),
    );
    const next = { ZAP_KEY: "zap-fedcba9876543210" };
    const planned = await hookline(["diff", file], next);
    expect(planned.out.split("\n")).toEqual([
      "~ hook https://hooks.zapier.com/hooks/catch/1/abc",
      "    payload: thin → full",
      "    description: rows for the sales team → (none)",
      "    headers.authorization: the stored value → another value",
      "    headers.x-store: (none) → a value",
      "    headers.x-shop: the stored value → (none)",
    ]);
    const ran = await hookline(["apply", file], next);
    expect([ran.code, secretLine.test(ran.out)]).toEqual([0, false]);
    expect(Object.keys((await own())[0].headers)).toEqual(["Authorization", "X-Store"]);
    expect((await hookline(["apply", file], next)).out).toBe("nothing to change (1 as they are)");
    expect((await hookline(["diff", file], key)).out).toContain("headers.authorization: the stored value → another");
  });

  it("knows a hook by its URL however that is written, and has one hook for one URL", async () => {
    write('hooks: [{ target_url: "https://Hooks.example.com", events: [call.ended] }]\n');
    await hookline(["apply", file]);
    expect((await own())[0].target_url).toBe("https://hooks.example.com/");
    expect((await hookline(["apply", file])).out).toBe("nothing to change (1 as they are)");
    const again = { target_url: "https://hooks.example.com:443", events: ["call.ended"] };
    expect((await api.ask("POST", "/v1/hooks", again, token)).status).toBe(200);
    write(
      'hooks:\n  - { target_url: "https://hooks.example.com/", events: [call.ended] }\n' +
        '  - { target_url: "https://hooks.example.com:443", events: [call.held] }\n',
    );
    expect(await hookline(["apply", file])).toMatchObject({
      code: 1,
      said: expect.stringContaining(":3:19 is the URL of another hook of this file"),
    });
  });

  it("leaves alone the hooks that the file does not name, and those of other names with the same URL", async () => {
    const other = await api.token("admin");
    const same = { target_url: "https://hooks.zapier.com/hooks/catch/1/abc", events: ["call.held"] };
    await api.ask("POST", "/v1/hooks", same, other);
    await api.ask("POST", "/v1/hooks", { target_url: "https://n8n.example.com/x", events: ["call.*"] }, token);
    write(good);
    const ran = await hookline(["apply", file], key);
    expect(ran.out).toContain("+ hook https://hooks.zapier.com/hooks/catch/1/abc");
    expect(ran.out).toContain("not in the file, and left alone: hook https://n8n.example.com/x");
    write("hooks: []\n");
    expect((await hookline(["apply", file])).out).toMatch(/^nothing to change/);
    expect(await own()).toHaveLength(2);
    const theirs = (await api.ask("GET", "/v1/config", undefined, other)).json.hooks;
    expect(theirs).toMatchObject([{ target_url: same.target_url, events: ["call.held"] }]);
  });

  it("leaves a paused hook paused, and says so", async () => {
    const text = good.replace("catch/1", "catch/2");
    write(text);
    await hookline(["apply", file], key);
    const url = "https://hooks.zapier.com/hooks/catch/2/abc";
    expect((await hookline(["hooks", "pause", url, "--reason", "Zapier is down"])).code).toBe(0);
    write(text.replace("payload: thin", "payload: full"));
    const ran = await hookline(["apply", file], key);
    expect(ran.said).toContain("warning: the hook is paused, and an apply leaves it so; `hookline hooks resume");
    expect((await stored()).find((one: { target_url: string }) => one.target_url === url)).toMatchObject({
      state: "paused",
      payload: "full",
    });
  });

  it("makes nothing at all if another part of the file is wrong", async () => {
    write(`${good}lines: { one: { agnet: x } }\n`);
    expect((await hookline(["apply", file], key)).code).toBe(1);
    expect(await own()).toEqual([]);
  });

  it("warns of a credential that is written out in the file, and not of another header", async () => {
    write(good.replace("{ env: ZAP_KEY }", "Bearer zap-written-out"));
    const ran = await hookline(["apply", file, "--dry-run"]);
    expect(ran.said).toBe(
      `${file}:7:22 warning: the value is written out in the file: put it into an environment variable and write { env: NAME }`,
    );
  });
});

describe("a mistake of a hook is shown at its place, and nothing is changed", () => {
  it.each<[string, string, string, string]>([
    ["an unknown event", "call.review", "call.revew", '3:26 unknown event "call.revew"; did you mean "call.review"?'],
    ["no event", "[call.ended, call.review]", "[]", "must name at least one event"],
    ["plain http", "https://hooks", "http://hooks", "2:17 must begin with https://"],
    ["a private host", "hooks.zapier.com", "10.0.0.1", "2:17 "],
    ["the metadata service", "hooks.zapier.com", "metadata.google.internal", "2:17 "],
    ["a condition that does not compile", 'data.outcome == "no_answer"', "data.outcome ==", "4:"],
    ["an unknown payload", "payload: thin", "payload: thick", "5:14 must be one of"],
    ["a reserved header", "X-Shop:", "Webhook-Id:", "8:19 is reserved"],
    ["a line break in a header", "X-Shop: acme", 'X-Shop: "a\\r\\nX-Evil: b"', "8:15 has a value with characters"],
    ["a header that is a list", "X-Shop: acme", "X-Shop: [acme]", "8:7 must be a text or an object"],
    ["an unknown field", "description:", "descripton:", '9:5 unknown field "descripton"'],
    ["e-mail without a mail service", "payload: thin", "format: email", "MAIL_API_URL"],
  ])("%s", async (_, part, wrong, sentence) => {
    write(good.replace(part, wrong));
    const before = await entries();
    const ran = await hookline(["apply", file], key);
    expect(ran).toMatchObject({ code: 1, out: "" });
    expect(ran.said).toContain(sentence);
    expect(ran.said).toContain("nothing was changed");
    expect(ran.said).not.toContain(key.ZAP_KEY);
    expect([await own(), await entries()]).toEqual([[], before]);
  });

  it("hooks that are no list, too many hooks, and a header named __proto__", async () => {
    write("hooks: { a: b }\n");
    expect((await hookline(["apply", file])).said).toContain(":1:1 must be a list");
    write(`hooks:\n${"  - { target_url: https://a.example.com, events: [call.ended] }\n".repeat(1_001)}`);
    expect((await hookline(["apply", file])).said).toContain("must have at most 1000 hooks");
    write(good.replace("X-Shop", "__proto__"));
    expect((await hookline(["apply", file], key)).code).toBe(1);
  });

  it("personal data without pii:read", async () => {
    const blind = await api.token("admin");
    write(good.replace("payload: thin", "payload: full_with_pii"));
    expect(await hookline(["apply", file], key, blind)).toMatchObject({
      code: 1,
      said: expect.stringContaining("5:14 full_with_pii needs a token with the scope pii:read"),
    });
    expect((await hookline(["apply", file], key)).code).toBe(0);
  });
});

describe("export", () => {
  it("writes the hooks of the token's name so that applying them changes nothing, and counts the others", async () => {
    write(
      `${good}  - { target_url: https://hooks.zapier.com/2, events: ["*"], headers: { authorization: { env: ZAP_KEY } } }\n`,
    );
    await hookline(["apply", file], key);
    const exported = await hookline(["export"]);
    expect(exported.said).toMatch(/^\d+ hooks? of other tokens' names: not in the file/);
    expect(exported.out).not.toContain(key.ZAP_KEY);
    expect(exported.out).toContain("env: HOOK_HOOKS_ZAPIER_COM_AUTHORIZATION_2");
    const copy = join(dir, "copy.yaml");
    writeFileSync(copy, exported.out);
    expect((await hookline(["apply", copy])).out).toMatch(/^nothing to change/);
  });
});

describe("applies at once", () => {
  it("make one hook, and those that were not first write no part of their file", async () => {
    const hooks = [{ target_url: "https://race.example.com/", events: ["call.ended"] }];
    const names = ["raced-1", "raced-2", "raced-3"];
    const answers = await Promise.all(
      names.map((name) => api.ask("PUT", "/v1/config", { lines: { [name]: { agent: "a-1" } }, hooks }, token)),
    );
    expect(answers.flatMap(({ json }) => json.hook_secrets ?? [])).toHaveLength(1);
    expect(await own()).toHaveLength(1);
    for (const [nth, { status, json }] of answers.entries()) {
      expect(status === 200 || json.code).toBe(status === 200 ? true : "hook_changed");
      expect((await api.ask("GET", `/v1/lines/${names[nth]}`)).status).toBe(status === 200 ? 200 : 404);
    }
    expect(answers.some(({ status }) => status === 409)).toBe(true);
  });
});
