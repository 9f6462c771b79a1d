import { expect, test } from "vitest";
import { cookieOf, emptyWorld, origin, pagesOf, post, readers, signIn } from "./world.ts";

const sessionMs = 43_200_000;
test("A valid token starts a session: a __Host- cookie of 256 random bits that no script can read and that ends in 12 hours.", async () => {
  const world = emptyWorld();
  const response = await post(pagesOf(world), "/signin", { token: " token-of-ada\n" });
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe("/");
  const cookie = response.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/^__Host-session=[\w-]{43}\.[\w-]{43}; /);
  for (const part of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=43200"]) expect(cookie).toContain(part);
  expect(cookie).not.toContain("Domain");
  const [session] = world.sessions.values();
  expect(session?.expiresAt).toBe(world.now + sessionMs);
});

test("The cookie's value is kept nowhere on the server: only its keyed hash is.", async () => {
  const world = emptyWorld();
  const cookie = await signIn(pagesOf(world));
  const value = cookie.split("=")[1] ?? "";
  expect(JSON.stringify([...world.sessions])).not.toContain(value);
});

test("Signing in makes a new id each time and ends the session that the browser brought along.", async () => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const first = await signIn(app);
  const second = cookieOf(await post(app, "/signin", { token: "token-of-ada" }, { cookie: first }));
  expect(second).not.toBe(first);
  expect((await app.request("/", { headers: { cookie: first } })).status).toBe(303);
  expect((await app.request("/", { headers: { cookie: second } })).status).toBe(200);
});

test("An id that a stranger planted in the browser is not the one that a sign-in opens.", async () => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const planted = `__Host-session=${"A".repeat(43)}`;
  await post(app, "/signin", { token: "token-of-ada" }, { cookie: planted });
  expect((await app.request("/", { headers: { cookie: planted } })).status).toBe(303);
});

test.each([
  ["one that nobody made", "token-of-nobody"],
  ["none", ""],
  ["blanks", "   "],
])("A token that is not valid (%s) signs nobody in, and is not written back.", async (_, token) => {
  const world = emptyWorld();
  const response = await post(pagesOf(world), "/signin", { token });
  expect(response.status).toBe(401);
  expect(response.headers.get("set-cookie")).toBeNull();
  const html = await response.text();
  expect(html).toContain("This token is not valid");
  if (token.trim() !== "") expect(html).not.toContain(token);
  expect(world.sessions.size).toBe(0);
});

test("A form that is no form, and one that is far too long, sign nobody in.", async () => {
  const app = pagesOf(emptyWorld());
  const json = await post(app, "/signin", { token: "token-of-ada" }, { "content-type": "application/json" });
  expect(json.status).toBe(401);
  const long = await post(app, "/signin", { token: "x".repeat(400_000) });
  expect(long.status).toBe(413);
});

test("A session ends with its token: once it is revoked, the next page leads to the sign-in.", async () => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const cookie = await signIn(app);
  expect((await app.request("/", { headers: { cookie } })).status).toBe(200);
  world.revoked.add(readers["token-of-ada"]?.jti ?? "");
  const after = await app.request("/", { headers: { cookie } });
  expect([after.status, after.headers.get("location")]).toEqual([303, "/signin"]);
});

test("A session ends by itself after 12 hours.", async () => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const cookie = await signIn(app);
  world.now += sessionMs;
  expect((await app.request("/", { headers: { cookie } })).status).toBe(303);
});

test("Signing out ends the session on the server and takes the cookie from the browser.", async () => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const cookie = await signIn(app);
  const out = await post(app, "/signout", {}, { cookie });
  expect([out.status, out.headers.get("location")]).toEqual([303, "/signin"]);
  expect(out.headers.get("set-cookie")).toMatch(/^__Host-session=; Max-Age=0; Path=\/.*Secure/);
  expect((await app.request("/", { headers: { cookie } })).status).toBe(303);
});

test.each([
  ["no Origin", { origin: null }],
  ["another site's Origin", { origin: "https://evil.example" }],
  ["an opaque Origin", { origin: "null" }],
  ["the same host on another port", { origin: `${origin}:8443` }],
  ["the same host by another scheme", { origin: "https://localhost" }],
  ["an Origin that only begins like ours", { origin: `${origin}.evil.example` }],
  ["a browser that says cross-site", { "sec-fetch-site": "cross-site" }],
  ["a browser that says same-site", { "sec-fetch-site": "same-site" }],
  ["a browser that says none", { "sec-fetch-site": "none" }],
])("A write that does not come from our own pages (%s) changes nothing.", async (_, headers) => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const cookie = await signIn(app);
  const before = world.sessions.size;
  const signin = await post(app, "/signin", { token: "token-of-ada" }, headers);
  const signout = await post(app, "/signout", {}, { cookie, ...headers });
  expect([signin.status, signout.status]).toEqual([403, 403]);
  expect(signin.headers.get("set-cookie")).toBeNull();
  expect(world.sessions.size).toBe(before);
  expect((await app.request("/", { headers: { cookie } })).status).toBe(200);
});

test("A browser that sends no Sec-Fetch-Site is judged by its Origin alone.", async () => {
  const response = await post(pagesOf(emptyWorld()), "/signin", { token: "token-of-ada" }, { "sec-fetch-site": null });
  expect(response.status).toBe(303);
});

test("Behind a proxy that ends TLS the public address is an origin of our own as well.", async () => {
  const world = emptyWorld();
  world.publicUrl = "https://calls.acme.example/";
  const app = pagesOf(world);
  const headers = { origin: "https://calls.acme.example" };
  expect((await post(app, "/signin", { token: "token-of-ada" }, headers)).status).toBe(303);
});

test("Whoever is not signed in is led to the sign-in, and from there to the page they wanted.", async () => {
  const app = pagesOf(emptyWorld());
  const wanted = "/orders?order_number=%2312345";
  const led = await app.request(wanted);
  expect(led.status).toBe(303);
  const location = led.headers.get("location") ?? "";
  expect(location).toBe(`/signin?next=${encodeURIComponent(wanted)}`);
  const form = await (await app.request(location)).text();
  expect(form).toContain('name="next" value="/orders?order_number=%2312345"');
  const signed = await post(app, "/signin", { token: "token-of-ada", next: wanted });
  expect(signed.headers.get("location")).toBe(wanted);
});

test.each([
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/.//evil.example",
  "/..//evil.example/%2e%2e",
  "javascript:alert(1)",
  "calls/1",
  "/signin",
  "/signout",
  "",
])("After signing in nobody is sent to %j.", async (next) => {
  const response = await post(pagesOf(emptyWorld()), "/signin", { token: "token-of-ada", next });
  expect(response.headers.get("location")).toBe("/");
});

test.each([
  ["of a former form, without a MAC", (bits: string) => bits],
  ["with another MAC", (bits: string) => `${bits}.${"A".repeat(43)}`],
  ["with an empty MAC", (bits: string) => `${bits}.`],
  ["of other bits", (_: string, mac: string) => `${"B".repeat(43)}.${mac}`],
  ["with something behind it", (bits: string, mac: string) => `${bits}.${mac}A`],
  ["that is the MAC alone", (_: string, mac: string) => `.${mac}`],
  ["that nobody made", () => "guessed"],
])("A cookie %s asks nothing of Postgres, and opens nothing.", async (_, made) => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const [bits = "", mac = ""] = (await signIn(app)).replace(/^[^=]*=/, "").split(".");
  expect(mac).toHaveLength(43);
  // Every question to Postgres fails.
  world.away = new Error("it was asked");
  const cookie = `__Host-session=${made(bits, mac)}`;
  const headers = { cookie };
  expect((await app.request("/", { headers })).headers.get("location")).toBe("/signin");
  expect((await post(app, "/signout", {}, { cookie })).headers.get("location")).toBe("/signin");
  const own = { cookie: `__Host-session=${bits}.${mac}` };
  expect((await app.request("/", { headers: own })).status).not.toBe(303);
});
