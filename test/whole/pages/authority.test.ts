/** The authorisation table of the pages, whole: every route with each scope, with none, and from elsewhere. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allScopes, type TokenScope } from "../../../cli/install/mint-token.ts";
import { addressOf, pageRows } from "../../pages/table.ts";
import { unzip } from "../exports/unzip.ts";
import { openShop, type Shop } from "../shop.ts";
import { type SeededShop, seedPages } from "./seed.ts";

/** Texts that only readers with `pii:read` may see. */
const secrets = { name: "Zebulina", reason: "Quartzside said so" };

let shop: Shop;
let seeded: SeededShop;
let owner: postgres.Sql;
const sessions = new Map<string, string>();

beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 100 }, vars: { LINK_HOSTS: "media.mihu.example" } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  seeded = await seedPages(shop, {
    orders: [],
    name: secrets.name,
    reason: secrets.reason,
    open: "an open text",
    header: "plain-header",
  });
  for (const scope of allScopes) await session([scope]);
}, 90_000);
afterAll(async () => {
  await owner?.end({ timeout: 5 });
  await seeded?.close();
  await shop?.stop();
});

/** The cookie of a session with these scopes. */
async function session(scopes: readonly TokenScope[]): Promise<string> {
  const name = scopes.join(" ");
  const known = sessions.get(name);
  if (known !== undefined) return known;
  const cookie = await signedIn(await shop.tokenFor(scopes));
  sessions.set(name, cookie);
  return cookie;
}

async function signedIn(token: string): Promise<string> {
  const answer = await post("/signin", "", { token });
  expect(answer.status).toBe(303);
  return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

function open(path: string, cookie: string, more: Record<string, string> = {}): Promise<Response> {
  return fetch(shop.url + path, { headers: { accept: "text/html", cookie, ...more }, redirect: "manual" });
}

function post(path: string, cookie: string, fields: Record<string, string>, from = shop.url): Promise<Response> {
  const headers = { origin: from, cookie };
  return fetch(shop.url + path, { method: "POST", headers, body: new URLSearchParams(fields), redirect: "manual" });
}

/** An address of a route whose subject does not exist, so that a form that may be sent changes nothing. */
function nowhere(route: string): string {
  const path = route.slice(route.indexOf(" ") + 1);
  const query = path.startsWith("/orders/") ? "?order_number=nothing-of-this-name" : "";
  return (
    path
      .replace(":preset", "nothing")
      .replace(":slug", "nothing")
      .replace(":name", "nothing")
      .replace(/:\w+/, randomUUID()) + query
  );
}

/** Fields that let the API look at the scopes of a form about a number. No call of the shop has this number. */
const fields = { number: "+14155550199", reason: "x", confirm: "erase" };

const posts = Object.entries(pageRows).filter(([route]) => route.startsWith("POST "));
const gets = Object.entries(pageRows).filter(([route]) => route.startsWith("GET "));

const forbidden = async (answer: Response) => {
  await answer.body?.cancel();
  return answer.status === 401 || answer.status === 403;
};

describe("a route", () => {
  test.each(gets)(
    "%s opens for each scope that is enough alone and for no other (%j)",
    async (route, { alone, together }) => {
      const path = addressOf(route, seeded);
      const opened: string[] = [];
      for (const scope of allScopes)
        if (!(await forbidden(await open(path, await session([scope]))))) opened.push(scope);
      expect(opened).toEqual(allScopes.filter((scope) => alone.includes(scope)));
      if (together !== undefined) expect(await forbidden(await open(path, await session(together)))).toBe(false);
      const stranger = await open(path, "");
      expect([stranger.status, stranger.headers.get("location")?.startsWith("/signin")]).toEqual([303, true]);
      expect((await open(path, "", { "hx-request": "true" })).status).toBe(401);
    },
  );

  test.each(posts)(
    "%s takes a form of each scope that is enough alone and of no other (%j)",
    async (route, { alone, together }) => {
      const sent: string[] = [];
      for (const scope of allScopes)
        if (!(await forbidden(await post(nowhere(route), await session([scope]), fields)))) sent.push(scope);
      expect(sent).toEqual(allScopes.filter((scope) => alone.includes(scope)));
      if (together !== undefined)
        expect(await forbidden(await post(nowhere(route), await session(together), fields))).toBe(false);
    },
  );
});

test("A form with real ids that comes from elsewhere or without a living session changes nothing and is kept at most.", async () => {
  const admin = await signedIn(shop.token);
  const ended = await signedIn(shop.token);
  await post("/signout", ended, {});
  const json = { name: "short", scopes: allScopes, days: 1 };
  const made = (await (await shop.api("/v1/tokens", { method: "POST", json })).json()) as {
    jti: string;
    token: string;
  };
  const revoked = await signedIn(made.token);
  await shop.api(`/v1/tokens/${made.jti}`, { method: "DELETE" });
  const [, value = ""] = admin.split("=");
  const foreign = `__Host-session=${value.split(".")[0]}.${"A".repeat(43)}`;
  const before = await owner`select count(*)::int as n from entries`;
  for (const [route] of posts) {
    const path = addressOf(route, seeded);
    for (const from of ["https://evil.example", "null", "http://127.0.0.1:1"])
      expect([route, from, (await post(path, admin, fields, from)).status]).toEqual([route, from, 403]);
    for (const cookie of ["", ended, revoked, foreign]) {
      const answer = await post(path, cookie, { ...fields, reason: "kept words" });
      expect([route, answer.status]).toEqual([route, 401]);
      expect(await answer.text()).toContain("kept words");
    }
  }
  expect(await owner`select count(*)::int as n from entries`).toEqual(before);
});

/** Roles of people: readers of calls, with nothing more, with each other scope, and with all of them; and readers of hooks. */
const roles: readonly TokenScope[][] = [
  ...allScopes.map((scope): TokenScope[] => (scope === "calls:read" ? [scope] : ["calls:read", scope])),
  ["hooks:write"],
  [...allScopes],
];

const pages = () => [
  ...gets.filter(([, { is }]) => is === undefined).map(([route]) => addressOf(route, seeded)),
  ...seeded.states,
];

test("No page offers a button that its reader may not use, nor to a reader of calls a link that leads nowhere or to 403.", async () => {
  expect((await Promise.all(roles.map(uselessFor))).flat()).toEqual([]);
}, 180_000);

async function uselessFor(role: readonly TokenScope[]): Promise<string[]> {
  const cookie = await session(role);
  const useless: string[] = [];
  const asked = new Set<string>();
  /** Whether a route is asked for the first time. Each is judged once for each role. */
  const isNew = (kind: string, path: string) => {
    const known = (kind === "opens" ? gets : posts).filter(([route]) => patternOf(route).test(path));
    const key = `${kind} ${known[0]?.[0] ?? path}`;
    return !asked.has(key) && asked.add(key) !== undefined;
  };
  for (const path of pages()) {
    const answer = await open(path, cookie);
    const html = await answer.text();
    if (answer.status !== 200) continue;
    const links = role.includes("calls:read") ? html.matchAll(/<a [^>]*?href="(\/[^"]*)"/g) : [];
    for (const [, href = ""] of links) {
      const target = href.replaceAll("&amp;", "&");
      if (!isNew("opens", target.split("?")[0] ?? "")) continue;
      const { status } = await open(target, cookie);
      if (status >= 400) useless.push(`${role}: ${path} leads to ${target}, ${status}`);
    }
    for (const [, form = ""] of html.matchAll(/<form ([^>]*method="post"[^>]*)>/g)) {
      const action = (form.match(/action="([^"]*)"/)?.[1] ?? path).split("?")[0] ?? "";
      if (action.startsWith("/sign") || !isNew("sends", action)) continue;
      const [route] = posts.find(([known]) => patternOf(known).test(action)) ?? [];
      // A form is asked about a subject that does not exist: only its right counts.
      if (route === undefined || (await forbidden(await post(nowhere(route), cookie, fields))))
        useless.push(`${role}: ${path} has a form for ${action}`);
    }
  }
  return useless;
}

function patternOf(route: string): RegExp {
  const pattern = route.slice(route.indexOf(" ") + 1).replace(/:\w+/g, "[^/]+");
  return new RegExp(`^${pattern}$`);
}

test("A reader without pii:read finds no number, name, text or payload on any page or in any file, and one with it does.", async () => {
  const hidden = [
    "5561900",
    "5561980",
    "5561982",
    "5561983",
    "5561990",
    "5561991",
    ...Object.values(secrets),
    "kettle",
  ];
  const found = async (cookie: string) => {
    const all = new Map<string, string[]>();
    const files = gets
      .filter(([, { is }]) => is === "file" || is === "part")
      .map(([route]) => addressOf(route, seeded));
    for (const path of [...pages(), ...files]) {
      const answer = await open(path, cookie);
      const bytes = Buffer.from(await answer.arrayBuffer());
      const isZip = answer.headers.get("content-type") === "application/zip";
      const text = isZip ? [...unzip(bytes).values()].join("\n") : bytes.toString("utf8");
      const here = hidden.filter((one) => text.includes(one));
      if (here.length > 0) all.set(path, here);
    }
    return all;
  };
  expect([...(await found(await session(["calls:read", "calls:write", "hooks:write"])))]).toEqual([]);
  // A writer of rules sees the number that a rule in test mode calls, and nothing else.
  const masked = await found(await session(["calls:read", "calls:write", "hooks:write", "admin"]));
  expect([...new Set([...masked.values()].flat())]).toEqual(["5561990"]);
  const seen = new Set([...(await found(await session(allScopes))).values()].flat());
  expect(hidden.filter((one) => !seen.has(one))).toEqual([]);
}, 60_000);
