import { createHmac, randomUUID } from "node:crypto";
import { base64url, SignJWT, UnsecuredJWT } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allScopes } from "../../../cli/install/mint-token.ts";
import { spillEventsMax } from "../../../src/domain/limits.ts";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
beforeAll(async () => {
  api = await service();
});
afterAll(() => api.close());

type Claims = {
  scope?: unknown;
  iss?: string;
  aud?: string;
  iat?: number;
  exp?: number | null;
  jti?: string | null;
  /** Claims of any type, which replace the good ones. */
  odd?: (jti: string | null) => Record<string, unknown>;
};

/** A good token, with its deviation. Its id is a stored one unless it says otherwise. */
async function forge(claims: Claims = {}, header: { alg?: string; kid?: string; k?: string } = {}): Promise<string> {
  const [key] = api.tokenKeys;
  const nowS = Math.floor(Date.now() / 1000);
  const jti = claims.jti === undefined ? await storedJti() : claims.jti;
  if (claims.odd !== undefined) {
    const good = {
      scope: "calls:read",
      iss: "hookline",
      aud: "hookline-api",
      sub: jti,
      jti,
      iat: nowS,
      exp: nowS + 3600,
    };
    const part = (json: unknown) => base64url.encode(JSON.stringify(json));
    const text = `${part({ alg: "HS256", kid: key?.kid })}.${part({ ...good, ...claims.odd(jti) })}`;
    return `${text}.${createHmac("sha256", base64url.decode(key?.k ?? ""))
      .update(text)
      .digest("base64url")}`;
  }
  const jwt = new SignJWT({ scope: "calls:read", ...("scope" in claims ? { scope: claims.scope } : {}) })
    .setProtectedHeader({ alg: header.alg ?? "HS256", kid: header.kid ?? key?.kid ?? "" })
    .setIssuer(claims.iss ?? "hookline")
    .setAudience(claims.aud ?? "hookline-api")
    .setIssuedAt(claims.iat ?? nowS);
  if (claims.exp !== null) jwt.setExpirationTime(claims.exp ?? nowS + 3600);
  if (jti !== null) jwt.setJti(jti);
  return await jwt.sign(base64url.decode(header.k ?? key?.k ?? ""));
}

async function storedJti(): Promise<string> {
  const made = await api.ask("POST", "/v1/tokens", { name: "stored", scopes: ["calls:read"], days: 1 });
  return made.json.jti;
}

const nowS = () => Math.floor(Date.now() / 1000);

describe("tokens", () => {
  it("lets a good token in and says who it is", async () => {
    const answer = await api.ask("GET", "/v1/me", undefined, await forge());
    expect(answer.json).toMatchObject({ name: "stored", scopes: ["calls:read"] });
  });

  it.each<[string, () => Promise<string> | string]>([
    ["no token", () => ""],
    ["a text that is no token", () => "abc"],
    [
      "an unsigned token",
      async () =>
        new UnsecuredJWT({ scope: "admin" })
          .setIssuer("hookline")
          .setAudience("hookline-api")
          .setIssuedAt()
          .setExpirationTime("1h")
          .setJti(await storedJti())
          .encode(),
    ],
    ["another key under a known id", () => forge({}, { k: "A".repeat(43) })],
    ["an unknown key id", () => forge({}, { kid: "nobody" })],
    ["another algorithm of the same family", () => forge({}, { alg: "HS512" })],
    ["another issuer", () => forge({ iss: "somebody" })],
    ["another audience", () => forge({ aud: "hookline-session" })],
    ["an end in the past", () => forge({ iat: nowS() - 7200, exp: nowS() - 3600 })],
    ["no end", () => forge({ exp: null })],
    ["an end further than 90 days", () => forge({ exp: nowS() + 91 * 86_400 })],
    ["a beginning in the future", () => forge({ iat: nowS() + 600 })],
    ["an old beginning and a long end", () => forge({ iat: nowS() - 91 * 86_400 })],
    ["no id", () => forge({ jti: null })],
    ["an id that was never issued", () => forge({ jti: randomUUID() })],
    ["an id that is no UUID", () => forge({ jti: "' or 1=1 --" })],
    ["scopes that are no text", () => forge({ scope: ["admin"] })],
    ["an id in a list", () => forge({ odd: (jti) => ({ jti: [jti] }) })],
    ["an id in a list, and a subject as well", () => forge({ odd: (jti) => ({ jti: [jti], sub: [jti] }) })],
    ["an id in an object", () => forge({ odd: (jti) => ({ jti: { toString: jti } }) })],
    ["a subject in a list", () => forge({ odd: (jti) => ({ sub: [jti] }) })],
    ["a subject that is another id", () => forge({ odd: () => ({ sub: randomUUID() }) })],
    ["an issuer in a list", () => forge({ odd: () => ({ iss: ["hookline"] }) })],
    ["a beginning as a text", () => forge({ odd: () => ({ iat: String(nowS()) }) })],
    ["an end in a list", () => forge({ odd: () => ({ exp: [nowS() + 3600] }) })],
    ["a not-before of null", () => forge({ odd: () => ({ nbf: null }) })],
    ["an audience that holds a number", () => forge({ odd: () => ({ aud: ["hookline-api", 1] }) })],
    ["scopes in a list", () => forge({ odd: () => ({ scope: ["calls:read"] }) })],
    ["a changed claim", async () => (await forge()).replace(/\.[^.]+\./, `.${base64url.encode('{"scope":"admin"}')}.`)],
    ["a very long text", () => "a".repeat(10_000)],
  ])("refuses %s, with one sentence for all", async (_, make) => {
    const answer = await api.ask("GET", "/v1/me", undefined, await make());
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm="hookline"/);
    expect(answer.json).toMatchObject({
      code: "unauthenticated",
      detail: expect.stringMatching(/^A valid token is needed/),
    });
  });

  it("grants no scope that was not issued, whatever the token claims", async () => {
    const answer = await api.ask("GET", "/v1/me", undefined, await forge({ scope: "calls:read admin pii:read" }));
    expect(answer.json.scopes).toEqual(["calls:read"]);
  });

  it("issues, lists and revokes, and a revoked token's sessions end with it", async () => {
    const made = await api.ask("POST", "/v1/tokens", { name: "zap", scopes: ["calls:read"], days: 90 });
    expect(made.status).toBe(201);
    expect((await api.ask("GET", "/v1/me", undefined, made.json.token)).status).toBe(200);
    const listed = await api.ask("GET", "/v1/tokens");
    expect(JSON.stringify(listed.json)).not.toContain(made.json.token);
    const { sessionStore } = await import("../../../src/store/access/sessions.ts");
    const sessions = sessionStore(api.sql);
    await sessions.begin({ hash: "h1", jti: made.json.jti, expiresAt: Date.now() + 60_000 });
    expect(await sessions.find("h1")).toMatchObject({ name: "zap", scopes: ["calls:read"] });
    expect((await api.ask("DELETE", `/v1/tokens/${made.json.jti}`)).status).toBe(204);
    expect((await api.ask("GET", "/v1/me", undefined, made.json.token)).status).toBe(401);
    expect(await sessions.find("h1")).toBeNull();
    expect((await api.ask("DELETE", `/v1/tokens/${made.json.jti}`)).status).toBe(404);
    await sessions.begin({ hash: "h2", jti: made.json.jti, expiresAt: Date.now() + 60_000 });
    expect(await sessions.find("h2")).toBeNull();
  });

  const subsets = Array.from({ length: 2 ** allScopes.length }, (_, bits) =>
    allScopes.filter((_scope, place) => (bits >> place) % 2 === 1),
  );
  it.each(subsets.filter((set) => set.includes("admin")))(
    "gives only what it has: a token with %s, %s, %s, %s, %s",
    async (...had) => {
      const scopes = had.filter((scope) => scope !== undefined);
      const minting = await api.token(...scopes);
      for (const wanted of subsets.filter(({ length }) => length > 0)) {
        // Whoever has admin may do all that hooks:write may.
        const lacked = wanted.filter((scope) => scope !== "hooks:write" && !scopes.includes(scope));
        const answer = await api.ask("POST", "/v1/tokens", { name: "child", scopes: wanted, days: 1 }, minting);
        expect([wanted, answer.status]).toEqual([wanted, lacked.length === 0 ? 201 : 403]);
        if (lacked.length === 0) continue;
        expect(answer.json).toMatchObject({ code: "forbidden", detail: expect.stringContaining(lacked.join(", ")) });
        expect(answer.json.detail).toContain("token --recover");
        expect(answer.headers.get("www-authenticate")).toContain(`scope="${lacked.join(" ")}"`);
      }
      // A grandchild has no more than its parents.
      const child = await api.ask("POST", "/v1/tokens", { name: "child", scopes: ["admin"], days: 90 }, minting);
      for (const scope of scopes.filter((one) => one !== "admin" && one !== "hooks:write"))
        expect(
          (await api.ask("POST", "/v1/tokens", { name: "x", scopes: [scope], days: 1 }, child.json.token)).status,
        ).toBe(403);
    },
  );

  it("gives nothing once it is revoked or over, also in an isolate that has just seen it", async () => {
    for (const end of ["revoked_at = now()", "expires_at = now() - interval '1 second'", "scopes = '{admin}'"]) {
      const made = await api.ask("POST", "/v1/tokens", { name: "x", scopes: ["admin", "calls:read"], days: 1 });
      expect((await api.ask("GET", "/v1/me", undefined, made.json.token)).status).toBe(200);
      const owner = postgres(api.ownerUrl, { max: 1 });
      await owner`update tokens set ${owner.unsafe(end)} where jti = ${made.json.jti}`;
      await owner.end();
      const wanted = { name: "late", scopes: ["calls:read"], days: 90 };
      expect((await api.ask("POST", "/v1/tokens", wanted, made.json.token)).json.code).toBe("unauthenticated");
      const again = await api.ask("POST", "/v1/tokens", wanted, made.json.token);
      expect(again.status).toBe(end.startsWith("scopes") ? 403 : 401);
    }
    expect(await api.sql`select name from tokens where name = 'late'`).toEqual([]);
  });

  it.each([
    [{ name: "x", scopes: ["calls:read"], days: 91 }],
    [{ name: "x", scopes: ["everything"], days: 1 }],
    [{ name: "x", scopes: [], days: 1 }],
    [{ name: "", scopes: ["admin"], days: 1 }],
  ])("refuses to issue %j", async (body) => {
    expect((await api.ask("POST", "/v1/tokens", body)).status).toBe(422);
  });

  it.each([
    ["GET", "/v1/calls", "calls:write"],
    ["POST", "/v1/calls", "calls:read"],
    ["PUT", "/v1/lines/any", "calls:write"],
    ["PUT", "/v1/sources/any", "calls:read"],
    ["PUT", "/v1/sources/any/rules/any", "calls:read"],
    ["GET", "/v1/config", "calls:read"],
    ["PUT", "/v1/config", "pii:read"],
    ["GET", "/v1/tokens", "calls:write"],
    ["POST", "/v1/tokens", "pii:read"],
    ["GET", "/v1/balance", "pii:read"],
    ["POST", "/v1/suppressions", "calls:read"],
    ["POST", "/v1/lines/any/webhook", "calls:write"],
  ] as const)("does not allow %s %s to a token with %s only", async (method, path, scope) => {
    const answer = await api.ask(method, path, method === "GET" ? undefined : {}, await api.token(scope));
    expect(answer.status).toBe(403);
    expect(answer.json.code).toBe("forbidden");
    expect(answer.headers.get("www-authenticate")).toContain("insufficient_scope");
  });

  it("logs no token", async () => {
    const token = await forge({ exp: nowS() + 91 * 86_400 });
    await api.ask("GET", "/v1/me", undefined, token);
    expect(api.logged.join("\n")).toContain("a token was refused");
    expect(api.logged.join("\n")).not.toContain(token);
  });
});

describe("the edge", () => {
  it("answers an unknown path with a problem", async () => {
    expect((await api.ask("GET", "/nothing")).json).toMatchObject({ status: 404, code: "not_found" });
    expect((await api.ask("GET", "/v1/nothing")).json.code).toBe("not_found");
    expect((await api.ask("GET", "/v1/nothing", undefined, "")).json.code).toBe("unauthenticated");
  });

  it("says which methods a path has", async () => {
    const answer = await api.ask("PATCH", "/v1/lines/any", {});
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(["DELETE", "GET", "HEAD", "PUT"]);
    expect(answer.json.code).toBe("method_not_allowed");
  });

  it("answers HEAD without a body", async () => {
    const answer = await api.ask("HEAD", "/healthz");
    expect([answer.status, answer.json]).toEqual([200, null]);
  });

  it.each([
    ["no JSON", "{", 400, "not_json"],
    ["nested too deep", "[".repeat(10_000) + "]".repeat(10_000), 400, "not_json"],
    ["over the limit", JSON.stringify({ x: "a".repeat(300_000) }), 413, "too_large"],
    ["an array", "[]", 422, "invalid"],
    ["null", "null", 422, "invalid"],
    ["a key of the prototype", '{"agent":"a","__proto__":{"x":1}}', 422, "invalid"],
  ])("refuses a body that is %s", async (_, body, status, code) => {
    expect((await api.ask("PUT", "/v1/lines/any", body)).json).toMatchObject({ status, code });
  });

  it("has security headers on everything and lets no other origin read", async () => {
    for (const path of ["/healthz", "/v1/me", "/nothing"]) {
      const { headers } = await api.ask("GET", path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("is ready, and gives detail only to a token", async () => {
    // Nobody sweeps here, and the database may have been made a while ago.
    await api.sql`update sweeps set at = now()`;
    expect((await api.ask("GET", "/healthz", undefined, "")).json).toEqual({
      status: "alive",
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
    });
    const ready = { status: "ready", places_calls: true, takes_webhooks: true };
    expect((await api.ask("GET", "/readyz", undefined, "")).json).toEqual(ready);
    await api.ask("PUT", "/v1/lines/sleepy", { agent: "a" });
    await api.ask("PUT", "/v1/lines/awake", { agent: "a" });
    await api.sql`update lines set paused_at = now(), pause_reason = 'unauthenticated' where slug = 'sleepy'`;
    const blind = await api.ask("GET", "/readyz", undefined, "");
    expect([blind.status, blind.json]).toEqual([
      200,
      { ...ready, status: "degraded", reason: "line_paused", severity: "error" },
    ]);
    const seeing = await api.ask("GET", "/readyz");
    expect(seeing.json.paused_lines).toMatchObject([{ line: "sleepy", reason: "unauthenticated", severity: "error" }]);
    expect(seeing.json.problems).toMatchObject([{ code: "line_paused", severity: "error", rows: ["sleepy"] }]);
    await api.ask("POST", "/v1/lines/sleepy/resume");
    await api.ask("POST", "/v1/lines/sleepy/pause", { reason: "lunch" });
    expect((await api.ask("GET", "/readyz", undefined, "")).json).toEqual(ready);
  });

  it("is not ready while no line may dial, unless a person wants just that", async () => {
    const alone = await service();
    await alone.sql`insert into sweeps (at) values (now()) on conflict do nothing`;
    await alone.sql`update sweeps set at = now()`;
    const look = async () => {
      const { status, json } = await alone.ask("GET", "/readyz");
      return [status, json.status, json.reason ?? null, json.places_calls];
    };
    // No line yet: there is nothing that should dial.
    expect(await look()).toEqual([200, "ready", null, true]);
    for (const slug of ["one", "two", "three"]) await alone.ask("PUT", `/v1/lines/${slug}`, { agent: "a" });
    const pause = (slug: string, reason: string) =>
      alone.sql`update lines set paused_at = now(), pause_reason = ${reason} where slug = ${slug}`;
    await pause("one", "payment_required");
    await pause("two", "agent_missing");
    expect(await look()).toEqual([200, "degraded", "line_paused", true]);
    await pause("three", "unauthenticated");
    expect(await look()).toEqual([503, "not_ready", "no_line_dials", false]);
    const { problems } = (await alone.ask("GET", "/readyz")).json;
    expect(problems[0]).toMatchObject({ severity: "critical", count: 3, rows: ["one", "three", "two"] });
    // A person took one out of service, and the others still fail.
    await pause("three", "paused_by_person");
    expect(await look()).toEqual([503, "not_ready", "no_line_dials", false]);
    await alone.sql`update lines set pause_reason = 'all_paused'`;
    expect(await look()).toEqual([200, "ready", null, true]);
    await alone.close();
  });

  it("names silent inboxes, and does not blame Postgres for them", async () => {
    const never = () => new Promise<never>(() => {});
    const silent = await service({ inboxes: { spills: never } as never });
    await silent.sql`update sweeps set at = now()`;
    const { status, json } = await silent.ask("GET", "/readyz", undefined, "");
    expect([status, json]).toEqual([
      503,
      {
        status: "not_ready",
        reason: "inboxes_silent",
        severity: "critical",
        places_calls: true,
        takes_webhooks: false,
      },
    ]);
    await silent.close();
  });

  it("names a directory that cannot be reached to a reader with a token, and not one that is slow", async () => {
    const look = async (directory: () => Promise<never>) => {
      const one = await service({ directory: { readiness: directory } as never });
      await one.sql`update sweeps set at = now()`;
      const { status, json } = await one.ask("GET", "/readyz");
      await one.close();
      return [status, json.status, json.problems.map(({ code }: { code: string }) => code)];
    };
    // The environment of a deployment without the binding.
    expect(await look(() => Promise.reject(new TypeError("the namespace is undefined")))).toEqual([
      ...[200, "degraded"],
      ["directory_silent"],
    ]);
    expect(await look(() => new Promise<never>(() => {}))).toEqual([200, "ready", []]);
  });

  it("says within two seconds that a Postgres that says nothing is away", async () => {
    const never = () => new Promise<never>(() => {});
    const silent = await service({ stores: { lookups: { readiness: never } } as never });
    const began = performance.now();
    const ready = await silent.ask("GET", "/readyz", undefined, "");
    expect([ready.status, ready.json]).toMatchObject([503, { status: "not_ready", reason: "database_unavailable" }]);
    expect(performance.now() - began).toBeLessThan(2_500);
    await silent.close();
  });

  it("says that Postgres is away, and whether the inboxes take webhooks all the same", async () => {
    const { connect } = await import("../../../src/store/postgres/connection.ts");
    const { lookupStore } = await import("../../../src/store/lookups/lookups.ts");
    const { tokenStore } = await import("../../../src/store/access/tokens.ts");
    const nowhere = connect(
      "postgres://nobody:nothing@127.0.0.1:1/none",
      { idleSeconds: 1, connectSeconds: 1 },
      () => {},
    );
    const gone = await service({
      stores: { lookups: lookupStore(nowhere), tokens: tokenStore(nowhere) } as never,
    });
    const ready = await gone.ask("GET", "/readyz", undefined, "");
    // The inboxes keep what comes, so webhooks are taken.
    expect([ready.status, ready.json]).toMatchObject([
      503,
      { status: "not_ready", reason: "database_unavailable", places_calls: false, takes_webhooks: true },
    ]);
    const asked = await gone.ask("GET", "/v1/me");
    expect([asked.status, asked.json.code, asked.headers.get("retry-after")]).toEqual([
      503,
      "database_unavailable",
      "5",
    ]);
    expect((await gone.ask("GET", "/healthz")).status).toBe(200);
    await gone.close();
    const full = { source: "acme", shard: 0, events: spillEventsMax, bytes: 1, oldestAt: 0 };
    for (const spills of [() => Promise.reject(new Error("away as well")), () => Promise.resolve([full])]) {
      const neither = await service({
        stores: { lookups: lookupStore(nowhere), tokens: tokenStore(nowhere) } as never,
        inboxes: { spills } as never,
      });
      const answer = await neither.ask("GET", "/readyz", undefined, "");
      expect([answer.status, answer.json.takes_webhooks, answer.headers.get("retry-after")]).toEqual([503, false, "5"]);
      await neither.close();
    }
    await nowhere.end();
  });

  it("names a migration that has not run", async () => {
    const behind = await service();
    const postgres = (await import("postgres")).default;
    const owner = postgres(behind.ownerUrl, { max: 1 });
    await owner`delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)`;
    const answer = await behind.ask("GET", "/readyz");
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({
      reason: "migrations_missing",
      severity: "critical",
      places_calls: false,
      takes_webhooks: false,
    });
    expect(answer.json.missing_migrations).toHaveLength(1);
    await owner.end();
    await behind.close();
  });
});
