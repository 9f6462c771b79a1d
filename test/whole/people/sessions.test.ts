/** Sign-ins of people and what pages show, through the whole: cookies, writes from elsewhere, payloads that want to be markup. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TokenScope } from "../../../cli/install/mint-token.ts";
import { listenForOutcomes, number, openShop, type Shop } from "../shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 200 }, vars: { LINK_HOSTS: "media.mihu.example" } });
  await listenForOutcomes(shop);
});
afterAll(() => shop?.stop());

/** Posts a form as a browser does from a page of Hookline. Given headers replace the usual ones; `null` removes one. */
async function post(
  path: string,
  fields: Record<string, string>,
  deviation: Record<string, string | null> = {},
): Promise<Response> {
  const headers = new Headers({ origin: shop.url, "sec-fetch-site": "same-origin" });
  for (const [name, value] of Object.entries(deviation))
    value === null ? headers.delete(name) : headers.set(name, value);
  return await shop.raw(path, { headers, body: new URLSearchParams(fields), redirect: "manual" });
}

async function open(path: string, cookie = ""): Promise<{ status: number; html: string; headers: Headers }> {
  const headers = { accept: "text/html,*/*;q=0.8", cookie };
  const answer = await fetch(shop.url + path, { headers, redirect: "manual" });
  return { status: answer.status, html: await answer.text(), headers: answer.headers };
}

const cookieOf = (answer: Response) => answer.headers.get("set-cookie")?.split(";")[0] ?? "";

async function signIn(...scopes: TokenScope[]): Promise<string> {
  const answer = await post("/signin", { token: await shop.tokenFor(scopes) });
  expect(answer.status).toBe(303);
  return cookieOf(answer);
}

describe("a session", () => {
  test("is a cookie that only this host gets, over TLS, that no script reads and no other site sends along", async () => {
    const answer = await post("/signin", { token: shop.token });
    const set = answer.headers.get("set-cookie") ?? "";
    expect(set).toMatch(/^__Host-session=[\w-]{43}\.[\w-]{43}; /);
    for (const part of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"]) expect(set).toContain(part);
    expect(set).not.toMatch(/domain/i);
    expect((await open("/", cookieOf(answer))).status).toBe(200);
  });

  test("has a new id at each sign-in, and the one before it ends", async () => {
    const first = await signIn("calls:read");
    const planted = `__Host-session=${"A".repeat(43)}`;
    for (const brought of [first, planted]) {
      const answer = await post("/signin", { token: shop.token }, { cookie: brought });
      expect(cookieOf(answer)).not.toBe(brought);
      expect((await open("/", brought)).status).toBe(303);
    }
  });

  test("ends with its token, at once", async () => {
    const json = { name: "short", scopes: ["calls:read"], days: 1 };
    const made = JSON.parse(await (await shop.api("/v1/tokens", { method: "POST", json })).text());
    const cookie = cookieOf(await post("/signin", { token: made.token }));
    expect((await open("/", cookie)).status).toBe(200);
    await shop.api(`/v1/tokens/${made.jti}`, { method: "DELETE" });
    expect((await open("/", cookie)).headers.get("location")).toBe("/signin");
  });

  test("ends on the server when somebody signs out", async () => {
    const cookie = await signIn("calls:read");
    expect((await post("/signout", {}, { cookie })).status).toBe(303);
    expect((await open("/", cookie)).status).toBe(303);
  });

  test("opens no part of the API: that takes a token", async () => {
    const cookie = await signIn("calls:read", "pii:read", "admin");
    expect((await fetch(`${shop.url}/v1/me`, { headers: { cookie } })).status).toBe(401);
  });

  test.each<[string, Record<string, string | null>]>([
    ["without an Origin", { origin: null }],
    ["from another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["from another port of this host", { origin: "http://127.0.0.1:1" }],
    ["from an opaque origin", { origin: "null" }],
    ["that the browser calls same-site", { "sec-fetch-site": "same-site" }],
  ])("is neither begun nor ended by a form %s", async (_, deviation) => {
    const cookie = await signIn("calls:read");
    const [begun, ended] = [
      await post("/signin", { token: shop.token }, deviation),
      await post("/signout", {}, { cookie, ...deviation }),
    ];
    expect([begun.status, begun.headers.get("set-cookie"), ended.status]).toEqual([403, null, 403]);
    expect((await open("/", cookie)).status).toBe(200);
  });
});

describe("pages", () => {
  const script = "<script>document.title='owned'</script>";
  const image = "\"><img src=x onerror=alert(1)>'";

  test("show a payload that wants to be markup as the text that it is", async () => {
    const customer = { first_name: image, last_name: script };
    await shop.send({ name: `#66${script}`, note: script, phone: number(660), customer });
    const wanted = encodeURIComponent(`66${script}`);
    const [call] = await shop.until(
      () => shop.calls(`order_number=${wanted}`),
      ([found]) => found?.status === "ended",
    );
    const cookie = await signIn("calls:read", "pii:read");
    for (const path of ["/", `/orders?order_number=${wanted}`, `/calls/${call?.id}`]) {
      const { status, html, headers } = await open(path, cookie);
      expect(status).toBe(200);
      expect(html).toContain("&lt;script&gt;");
      expect(html).not.toMatch(/<script(?! defer="" src="\/assets\/)|<img|<[^>]*\son\w+=/i);
      expect(headers.get("content-security-policy")).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'/,
      );
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
    }
  });

  test("check a call's receipt, and one that is pasted; one that was changed, or that is none, is not valid", async () => {
    await shop.send({ name: "#662", phone: number(662) });
    const { id } = await shop.call("#662", "ended");
    const cookie = await signIn("calls:read", "pii:read");
    const { status, html } = await open(`/receipts/check?call=${id}`, cookie);
    expect([status, html.includes("It is valid")]).toEqual([200, true]);
    expect(html).toMatch(/the call.+#662.+ended, completed/s);
    const [, jws = ""] = /<textarea[^>]*>\s*([\w.-]+)\s*<\/textarea>/.exec(html) ?? [];
    const verdictOf = async (receipt: string) => {
      const answer = await post("/receipts/check", { receipt }, { cookie });
      const text = await answer.text();
      return [answer.status, text.includes("It is valid"), text.includes("It is not valid")];
    };
    expect(await verdictOf(jws.replace(/(.{70})/g, "$1\r\n"))).toEqual([200, true, false]);
    const [header = "", payload = "", signature = ""] = jws.split(".");
    const other = Buffer.from(Buffer.from(payload, "base64url").toString().replace('"ended"', '"canceled"'));
    for (const forged of [
      [header, other.toString("base64url"), signature].join("."),
      [header, payload, signature.replace(/^./, (letter) => (letter === "A" ? "B" : "A"))].join("."),
      [Buffer.from('{"alg":"none"}').toString("base64url"), payload, ""].join("."),
      jws.slice(0, -40),
      "<script>alert(1)</script>",
      "☎",
    ])
      expect(await verdictOf(forged)).toEqual([422, false, true]);
    expect(await verdictOf(" ")).toEqual([422, false, false]);
    expect((await open(`/receipts/check?call=${id.replace(/^./, "z")}`, cookie)).status).toBe(404);
  });

  test("lead to a recording by their own route, which a session opens, and which notes it", async () => {
    await shop.send({ name: "#661", phone: number(661) });
    const { id } = await shop.call("#661", "ended");
    const cookie = await signIn("calls:read", "pii:read");
    expect((await open(`/calls/${id}`, cookie)).html).toContain(`href="/calls/${id}/recording"`);
    const answer = await open(`/calls/${id}/recording`, cookie);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toMatch(/^https:\/\/media\.mihu\.example\/recordings\//);
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect((await open(`/calls/${id}`, cookie)).html).toContain(": the recording");
    expect((await open(`/calls/${id}/recording`, await signIn("calls:read"))).status).toBe(403);
    expect((await open(`/calls/${id}/recording`)).headers.get("location")).toBe(`/signin?next=%2Fcalls%2F${id}`);
  });

  test("answer what they do not know to whoever reads pages; a script gets a problem, and a wrong method is named", async () => {
    const page = await open("/nowhere");
    expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=UTF-8"]);
    expect(page.html).toContain("There is nothing here");
    expect(page.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    const script = await fetch(`${shop.url}/nowhere`);
    expect([script.status, script.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    for (const path of ["/v1/nowhere", "/in"])
      expect((await open(path)).headers.get("content-type")).toBe("application/problem+json");
    const wrong = await open("/signout");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
    // A sender that was set to GET would lose its events behind a 200. Without data it is a test of the address.
    const asked = await open("/in/acme-orders?order=1001");
    expect([asked.status, asked.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
    expect((await open("/in/acme-orders")).status).toBe(200);
    const removed = await fetch(`${shop.url}/nowhere`, { method: "DELETE", headers: { accept: "text/html" } });
    expect([removed.status, removed.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  });
});
