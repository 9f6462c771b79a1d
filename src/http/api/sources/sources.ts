import { type Context, Hono } from "hono";
import { planConfig, planSourceRemoval } from "../../../domain/config/changes.ts";
import { checkSource } from "../../../domain/config/check.ts";
import type { StoredConfig } from "../../../domain/config/stored.ts";
import { seesAll } from "../../../views/reader.ts";
import type { ConfigReader } from "../../../views/sources/config.ts";
import { leftSecretView } from "../../../views/sources/left-secret.ts";
import { sourceLookup } from "../../../views/sources/source-lookup.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { changeConfig, fetchablesOf, mistaken, presetsOf, sealCredential, sealSecrets } from "../config-change.ts";
import { namedBy, notReserved } from "../path-name.ts";
import { waitingQuery } from "../schemas/queries.ts";
import { sourceBody } from "../schemas/source.ts";
import { jsonBody, query } from "../validate.ts";

export const noSource = { detail: "There is no source of this name." };

/** `/v1/sources`: the senders of webhooks. */
export function sourceRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use("/:slug", namedBy("slug"), notReserved);
  app.use("/:slug/*", namedBy("slug"), notReserved);

  app.get("/", allow("calls:read", "admin"), async (c) => {
    return c.json({ data: await lookupOf(c).list() });
  });
  app.get("/:slug", allow("calls:read", "admin"), (c) => respondSource(c));

  app.put("/:slug", allow("admin"), jsonBody(sourceBody), async (c) => {
    const document = c.req.valid("json");
    const checked = checkSource(c.req.param("slug"), document, presetsOf(c.var.deps), []);
    if (!checked.ok) throw mistaken("invalid", checked.mistakes);
    const secrets = await sealSecrets(c.var.deps, { ...document, slug: c.req.param("slug") });
    const { source, baseUrl } = checked;
    const credential = await sealCredential(c.var.deps, document.api);
    const wanted = { slug: source.slug, source, secrets, isFile: false, ...credential, baseUrl, rules: null, path: [] };
    const { changes, left, told } = await changeConfig(c, "invalid", (stored) =>
      planConfig(stored, { lines: [], lineNames: [], sources: [wanted] }, fetchablesOf(c.var.deps)),
    );
    // Secrets of a running rotation that the given list omits. They still verify.
    const left_secrets = left.map((one) => leftSecretView(one, "request"));
    return await respondSource(c, changes[0]?.kind === "create" ? 201 : 200, { ...told, left_secrets });
  });

  // A source with events or calls is closed instead of removed. The response shows it.
  app.delete("/:slug", allow("admin"), query(waitingQuery), async (c) => {
    const { waiting } = c.req.valid("query");
    const close = (stored: StoredConfig) => planSourceRemoval(stored, c.req.param("slug"));
    const { told } = await changeConfig(c, "invalid", close, waiting);
    return await respondSource(c, 200, told);
  });
  return app;
}

/** The reader's access to configuration. */
export function configReader(c: Context<AppEnv>): ConfigReader {
  return { admin: c.var.reader.scopes.includes("admin"), seesAll: seesAll(c.var.reader) };
}

function lookupOf(c: Context<AppEnv>) {
  return sourceLookup(c.var.deps, c.var.reader, new URL(c.req.url).origin);
}

/** Responds with a source, or 404. */
export async function respondSource(c: Context<AppEnv>, status: 200 | 201 = 200, more: object = {}): Promise<Response> {
  const source = await lookupOf(c).source(c.req.param("slug") ?? "");
  return source === null ? problem("not_found", noSource) : c.json({ ...source, ...more }, status);
}
