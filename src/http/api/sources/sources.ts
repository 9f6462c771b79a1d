import { type Context, Hono } from "hono";
import { planConfig, planSourceRemoval } from "../../../domain/config/changes.ts";
import { checkSource } from "../../../domain/config/check.ts";
import { seesAll } from "../../../views/reader.ts";
import type { ConfigReader } from "../../../views/sources/config.ts";
import { sourceLookup } from "../../../views/sources/source-lookup.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { change, fetchablesOf, mistaken, presetsOf, sealCredential, sealSecrets } from "../config-change.ts";
import { namedBy, notReserved } from "../path-name.ts";
import { sourceBody } from "../schemas/source.ts";
import { jsonBody } from "../validate.ts";

export const noSource = { detail: "There is no source of this name." };

/** `/v1/sources`: the places that webhooks come from. */
export function sourceRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use("/:slug", namedBy("slug"), notReserved);
  app.use("/:slug/*", namedBy("slug"), notReserved);

  app.get("/", allow("calls:read", "admin"), async (c) => {
    return c.json({ data: await deskOf(c).list() });
  });
  app.get("/:slug", allow("calls:read", "admin"), (c) => sourceAnswer(c));

  app.put("/:slug", allow("admin"), jsonBody(sourceBody), async (c) => {
    const document = c.req.valid("json");
    const checked = checkSource(c.req.param("slug"), document, presetsOf(c.var.deps), []);
    if (!checked.ok) throw mistaken("invalid", checked.mistakes);
    const secrets = await sealSecrets(c.var.deps, document.secrets);
    const { source, baseUrl } = checked;
    const credential = await sealCredential(c.var.deps, document.api);
    const wanted = { slug: source.slug, source, secrets, ...credential, baseUrl, rules: null, path: [] };
    const { changes } = await change(c, "invalid", (stored) =>
      planConfig(stored, { lines: [], lineNames: [], sources: [wanted] }, fetchablesOf(c.var.deps)),
    );
    return await sourceAnswer(c, changes[0]?.kind === "create" ? 201 : 200);
  });

  // It is closed and not removed: its events and calls name it. The answer shows what is left.
  app.delete("/:slug", allow("admin"), async (c) => {
    await change(c, "invalid", (stored) => planSourceRemoval(stored, c.req.param("slug")));
    return await sourceAnswer(c);
  });
  return app;
}

/** What the request's reader may see of configuration. */
export function configReader(c: Context<AppEnv>): ConfigReader {
  return { admin: c.var.reader.scopes.includes("admin"), seesAll: seesAll(c.var.reader) };
}

function deskOf(c: Context<AppEnv>) {
  return sourceLookup(c.var.deps, c.var.reader, new URL(c.req.url).origin);
}

/** The answer about a source. */
export async function sourceAnswer(c: Context<AppEnv>, status: 200 | 201 = 200): Promise<Response> {
  const source = await deskOf(c).source(c.req.param("slug") ?? "");
  return source === null ? problem("not_found", noSource) : c.json(source, status);
}
