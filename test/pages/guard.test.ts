/** Properties of every page: headers, scopes, errors, and no markup from outside. */
import { createHash } from "node:crypto";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { apiHeaders } from "../../src/http/headers.ts";
import { assetPaths } from "../../src/pages/assets/paths.ts";
import { FieldRow } from "../../src/pages/forms/fields.tsx";
import type { PageEnv } from "../../src/pages/page.ts";
import { linksTo } from "../../src/pages/parts/links.ts";
import { livelyWorld } from "./sample.ts";
import { callRow, emptyWorld, entryRow, eventRow, pagesOf, post, readPage, signIn } from "./world.ts";

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** The only scripts of a page: ours, by address and without text. */
const ownScripts = [assetPaths.htmx, assetPaths.script].map((path) => `<script defer="" src="${path}">`);

const hostile = [
  "</script><script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "</title><svg onload=alert(1)>",
  "<b>&amp;</b>",
] as const;

test.each(hostile)("Whatever a payload carries is text and never markup: %s", async (text) => {
  const world = emptyWorld();
  const call = callRow({
    ...{ orderNumber: text, source: text, rule: text, line: text, recordId: text, recordType: text, outcomeRaw: text },
    ...{
      about: text,
      prompt: text,
      greeting: text,
      summary: text,
      number: text,
      mihuId: text,
      reason: text,
      mode: text,
    },
    ...{ listenUrl: text, recordingUrl: text, conversationUuid: text, detail: { [text]: text } },
  });
  world.calls.push(call);
  world.events.push(eventRow({ orderNumber: text, source: text, type: text, reason: text, detail: { detail: text } }));
  world.entries.push(entryRow(call.id, text, { actor: text, reason: text, data: { [text]: text, list: [text] } }));
  world.verdicts.push({ at: 0, gate: text, verdict: "stop", inputs: { [text]: text } });
  world.readiness = {
    missingMigrations: [text],
    pausedLines: [{ line: text, reason: text, detail: text, since: 0 }],
    problems: [{ code: text, since: 0, count: 1, rows: [text] }],
  };
  for (const path of ["/", `/orders?order_number=${encodeURIComponent(text)}`, `/calls/${call.id}`]) {
    const { status, html } = await readPage(world, path);
    expect(status).toBe(200);
    expect(html).not.toContain(text);
    // Every tag is one of ours, with our attributes. Apart from their values, no foreign text is inside a tag.
    const tags = (html.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"<>]*"/g, ""));
    for (const tag of tags) expect(tag).toMatch(/^<[!/]?[a-z][a-z1-6]*(?: [a-z-]+)*\/?>$/);
    expect(tags.filter((tag) => /^<\/?(?:img|svg|b)\b/.test(tag))).toEqual([]);
    expect(tags.filter((tag) => /\son/.test(tag))).toEqual([]);
    expect(html.match(/<script[^>]*>[^<]*/g)).toEqual(ownScripts);
  }
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)//https://acme.mihu.ai",
  "java\nscript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "http://acme.mihu.ai/listen",
  "https://evil.example/listen",
  "https://mihu.ai.evil.example/",
  "https://evilmihu.ai/",
  "https://acme.mihu.ai@evil.example/",
  "https://user:pass@acme.mihu.ai/",
  "https://acme.mihu.ai:8443/",
  "//acme.mihu.ai/listen",
  "https:\\\\evil.example\\acme.mihu.ai",
  " https://acme.mihu.ai/",
  "listen",
])("A URL that is not https to a host of Mihu's (%j) is shown as text and cannot be followed.", async (url) => {
  const world = emptyWorld();
  const call = callRow({ listenUrl: url, recordingUrl: null, recordUrl: url });
  world.calls.push(call);
  const { html } = await readPage(world, `/calls/${call.id}`);
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href ?? "");
  expect(links.filter((href) => !href.startsWith("/") && href !== "#main")).toEqual([]);
  expect(links.some((href) => href.startsWith("//"))).toBe(false);
  expect(linksTo(["mihu.ai"])(url)).toBe(false);
});

test("A call that goes on can be listened in to, one that ended be heard, both by our own routes only.", async () => {
  const world = emptyWorld();
  const ended = callRow();
  const live = callRow({ status: "placed", outcome: null, endedAt: null });
  world.calls.push(ended, live);
  const link = (call: { id: string }, what: string) =>
    `<a class="button quiet" href="/calls/${call.id}/${what}" rel="noreferrer noopener external">`;
  const page = async (call: { id: string }) => (await readPage(world, `/calls/${call.id}`)).html;
  expect(await page(live)).toContain(link(live, "listen"));
  expect(await page(ended)).toContain(link(ended, "recording"));
  expect(await page(ended)).not.toContain(link(ended, "listen"));
  for (const call of [ended, live]) expect(await page(call)).not.toMatch(/b4b5f3fa"|recordings\/b4b5f3fa/);
});

test("Characters that turn or hide a text are named instead of obeyed, and honest text stays as it is.", async () => {
  const world = emptyWorld();
  const call = callRow({ summary: "invoice\u202Efdp.exe\u0000 \u2066x\u2069 \u{E0041}\uD800 שלום 👩‍👧 é\nnext" });
  world.calls.push(call);
  const { html } = await readPage(world, `/calls/${call.id}`);
  expect(html).toContain("invoice⟨U+202E⟩fdp.exe⟨U+0000⟩ ⟨U+2066⟩x⟨U+2069⟩ ⟨U+E0041⟩\uFFFD שלום 👩‍👧 é\nnext");
  expect(html).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|(?!\n)\p{Cc}/u);
});

test("Every answer forbids scripts, framing, sniffing, caching and foreign forms; the pages need no inline style.", async () => {
  const world = livelyWorld();
  const app = pagesOf(world);
  const cookie = await signIn(app);
  const [call] = world.calls;
  const answers = [
    await app.request("/signin"),
    await app.request("/"),
    await app.request("/", { headers: { cookie } }),
    await app.request("/orders?order_number=12345", { headers: { cookie } }),
    await app.request(`/calls/${call?.id}`, { headers: { cookie } }),
    await app.request("/nowhere"),
    await post(app, "/signin", { token: "x" }),
    await post(app, "/signin", { token: "token-of-ada" }),
    await post(app, "/signin", { token: "token-of-ada" }, { origin: null }),
  ];
  for (const answer of answers) {
    const policy = answer.headers.get("content-security-policy") ?? "";
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      expect(policy).toContain(part);
    expect(policy).not.toContain("unsafe");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("same-origin");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const html = await answer.text();
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/i);
    expect(html.match(/<script[^>]*>[^<]*/g) ?? ownScripts).toEqual(ownScripts);
  }
});

test("The stylesheet, the scripts and the icon are there for everybody, and hold nothing of anybody.", async () => {
  const app = pagesOf(emptyWorld());
  const style = await app.request(assetPaths.style);
  expect([style.status, style.headers.get("content-type")]).toEqual([200, "text/css; charset=utf-8"]);
  expect(await style.text()).toContain("prefers-color-scheme: dark");
  expect((await app.request(assetPaths.icon)).headers.get("content-type")).toBe("image/svg+xml");
  const script = await (await app.request(assetPaths.script)).text();
  expect(script.length).toBeLessThanOrEqual(10_240);
  expect(script).not.toMatch(/\beval\b|new Function|innerHTML/);
});

test("A token that may not look calls up sees no page but the one that says so.", async () => {
  const world = livelyWorld();
  for (const path of ["/", "/orders?order_number=12345", `/calls/${world.calls[0]?.id}`]) {
    const { status, html } = await readPage(world, path, "token-of-zap");
    expect(status).toBe(403);
    expect(html).toContain("calls:read");
    expect(html).not.toContain("12345");
  }
});

test("While Postgres is away the pages say so and when to come back, and the sign-in form is still there.", async () => {
  const world = livelyWorld();
  const app = pagesOf(world);
  const cookie = await signIn(app);
  world.away = new Error("connect ECONNREFUSED 10.0.0.7:5432 password=hunter2");
  const answers = [
    await app.request("/", { headers: { cookie } }),
    await app.request(`/calls/${world.calls[0]?.id}`, { headers: { cookie } }),
    await post(app, "/signin", { token: "token-of-ada" }),
    await post(app, "/signout", {}, { cookie }),
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).not.toBeNull();
    const html = await answer.text();
    expect(html).toContain("Postgres cannot be reached");
    expect(html).not.toMatch(/hunter2|10\.0\.0\.7/);
  }
  expect((await app.request("/signin")).status).toBe(200);
  expect(world.reported).toEqual([]);
});

test("While Postgres is away everybody is told how many events wait, and nobody whose they are.", async () => {
  const world = emptyWorld();
  world.away = new Error("away");
  world.spills = [{ source: "acme-orders", shard: 0, events: 1_204, bytes: 1, oldestAt: world.now }];
  const app = pagesOf(world);
  const html = await (await post(app, "/signin", { token: "token-of-ada" })).text();
  expect(html).toContain("1,204 events came meanwhile");
  expect(html).not.toContain("acme-orders");
});

test("A page whose statement needs a migration says which command to run, and is no bug.", async () => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const cookie = await signIn(app);
  world.away = new Error("migrations");
  const answer = await app.request("/", { headers: { cookie } });
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("hookline migrate")]);
  expect(world.reported).toEqual([]);
});

test("A bug is reported once and shows nothing of itself.", async () => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const cookie = await signIn(app);
  world.away = new Error("bug");
  const answer = await app.request("/", { headers: { cookie } });
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("bug");
  expect(world.reported).toEqual([world.away]);
});

test.each(["A".repeat(43), "A".repeat(42), "", "%00", "x".repeat(5_000)])(
  "A cookie that nobody gave out (%s) is nobody's session.",
  async (value) => {
    const app = pagesOf(livelyWorld());
    const answer = await app.request("/", { headers: { cookie: `__Host-session=${value}; session=${value}` } });
    expect(answer.status).toBe(303);
  },
);

test("Within the whole app the pages keep their own headers and their own errors.", async () => {
  const world = livelyWorld();
  const app = new Hono<PageEnv>();
  app.use(apiHeaders);
  app.route("/", pagesOf(world));
  app.onError(() => new Response("not a page", { status: 500 }));
  const cookie = await signIn(app);
  const home = await app.request("/", { headers: { cookie } });
  expect([home.status, home.headers.get("content-security-policy")]).toEqual([200, contentSecurityPolicy]);
  world.away = new Error("away");
  const away = await app.request("/", { headers: { cookie } });
  expect([away.status, away.headers.get("content-security-policy")]).toEqual([503, contentSecurityPolicy]);
  expect(await away.text()).toContain("Postgres cannot be reached");
});

test("An address whose parts are no ids and no slugs is 404: no part can name another route of the API.", async () => {
  const parts = ["x%2F..%2F..%2Ftokens%3F", "..%2f", "x%3Flimit=1", "a%23b", "a%5Cb", "a b", "☎", "a.b"];
  const paths = parts.flatMap((part) => [
    `/calls/${part}/receipt`,
    `/calls/${part}`,
    `/sources/${part}`,
    `/lines/${part}`,
  ]);
  for (const path of paths)
    expect([path, (await readPage(emptyWorld(), path, "token-of-eve")).status]).toEqual([path, 404]);
});

test("The tag of a page's part cannot be computed from the page, and is another for another reader.", async () => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const ask = (cookie: string, tag = "") =>
    app.request("/calls", { headers: { cookie, "hx-request": "true", "if-none-match": tag } });
  const [one, other] = [await signIn(app), await signIn(app, "token-of-eve")];
  const first = await ask(one);
  const tag = first.headers.get("etag") ?? "";
  const hash = createHash("sha256")
    .update(await first.text())
    .digest();
  expect(tag).not.toContain(hash.toString("hex").slice(0, 16));
  expect(tag).not.toContain(hash.toString("base64url").slice(0, 16));
  expect((await ask(one, tag)).status).toBe(304);
  expect((await ask(other, tag)).status).toBe(200);
});

test("A field for a secret has a name that says so: a form that is kept until somebody signs in shows it to nobody.", () => {
  const field = { kind: "secret", name: "value", label: "Secret" } as const;
  expect(() => FieldRow({ field, mistake: null })).toThrow(/does not say that it is secret/);
  expect(() => FieldRow({ field: { ...field, name: "secret" }, mistake: null })).not.toThrow();
});
