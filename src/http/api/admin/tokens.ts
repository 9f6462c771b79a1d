import { Hono } from "hono";
import { dayMs } from "../../../domain/limits.ts";
import { iso } from "../../../views/moment.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow, mayNotGive } from "../../auth/authenticate.ts";
import { forgetToken, issueToken, scopesNotHad } from "../../auth/token.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { tokenBody } from "../schemas/access.ts";
import { jsonBody } from "../validate.ts";

/** `/v1/tokens`: API tokens. A token can grant only scopes that it has. */
export function tokenRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  // The scope stands at each route: a token renews itself below the same path without it.
  const admin = allow("admin");

  app.get("/", admin, async (c) => {
    const rows = await c.var.deps.stores.tokens.list();
    const data = rows.map(
      ({ jti, name, scopes, createdAt, createdBy, expiresAt, revokedAt, replacedBy, endsSoon }) => ({
        jti,
        name,
        scopes,
        created_at: iso(createdAt),
        created_by: createdBy,
        expires_at: iso(expiresAt),
        revoked_at: iso(revokedAt),
        replaced_by: replacedBy,
        ends_soon: endsSoon,
      }),
    );
    return c.json({ data });
  });

  app.post("/", admin, jsonBody(tokenBody), async (c) => {
    const { name, scopes, days } = c.req.valid("json");
    const { clock, identity, stores, tokenKeys } = c.var.deps;
    const lacked = scopesNotHad(c.var.reader, scopes);
    if (lacked.length > 0) return mayNotGive(lacked);
    const jti = identity.randomId();
    const expiresAt = clock.now() + days * dayMs;
    const wanted = { jti, name, scopes, expiresAt };
    const ports = { clock, tokens: stores.tokens, tokenKeys };
    const token = await issueToken(ports, wanted, actorOf(c.var.reader), c.var.reader.jti);
    if (token === null) {
      // The cache of this isolate had accepted a token that Postgres has revoked.
      forgetToken(c.var.reader.jti);
      return problem("unauthenticated");
    }
    // The response is the only place that shows the token.
    return c.json({ jti, name, scopes, expires_at: iso(expiresAt), token }, 201);
  });

  app.delete("/:jti", admin, async (c) => {
    const jti = c.req.param("jti").toLowerCase();
    const revoked = isUuid(jti) && (await c.var.deps.stores.tokens.revoke(jti, actorOf(c.var.reader)));
    forgetToken(jti);
    return revoked
      ? c.body(null, 204)
      : problem("not_found", { detail: "No valid token has this id: it is unknown, expired or revoked already." });
  });
  return app;
}
