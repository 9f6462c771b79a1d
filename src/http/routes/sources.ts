import { type Context, Hono } from "hono";
import { planConfig, planSourceRemoval } from "../../flows/config.ts";
import { checkSource } from "../../flows/config-check.ts";
import { allow, seesAll } from "../auth.ts";
import { change, mistaken, presetsOf, sealSecrets } from "../changes.ts";
import type { AppEnv } from "../parts.ts";
import { refuse } from "../problem.ts";
import { sourceBody } from "../schemas/source.ts";
import { namedBy, notReserved } from "../slug.ts";
import { jsonBody } from "../validate.ts";
import { type ConfigReader, sourceView } from "../views/config.ts";
import { iso } from "../views/moment.ts";

const noSource = { detail: "There is no source of this name." };

/** `/v1/sources`: the places that webhooks come from. */
export function sourceRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use("/:slug", namedBy("slug"), notReserved);
  app.use("/:slug/*", namedBy("slug"), notReserved);

  app.get("/", allow("calls:read", "admin"), async (c) => {
    const { sources } = await c.var.parts.stores.config.read();
    return c.json({ data: sources.map((source) => sourceView(source, configReader(c))) });
  });
  app.get("/:slug", allow("calls:read", "admin"), (c) => sourceAnswer(c));

  app.put("/:slug", allow("admin"), jsonBody(sourceBody), async (c) => {
    const document = c.req.valid("json");
    const checked = checkSource(c.req.param("slug"), document, presetsOf(c.var.parts), []);
    if (!checked.ok) throw mistaken("invalid", checked.mistakes);
    const secrets = await sealSecrets(c.var.parts, document.secrets);
    const wanted = { slug: checked.source.slug, source: checked.source, secrets, rules: null, path: [] };
    const { changes } = await change(c, "invalid", (stored) =>
      planConfig(stored, { lines: [], lineNames: [], sources: [wanted] }),
    );
    return await sourceAnswer(c, changes[0]?.kind === "create" ? 201 : 200);
  });

  // It is closed and not removed: its events and calls name it. The answer shows what is left.
  app.delete("/:slug", allow("admin"), async (c) => {
    await change(c, "invalid", (stored) => planSourceRemoval(stored, c.req.param("slug")));
    return await sourceAnswer(c);
  });

  app.get("/:slug/rejections", allow("calls:read", "admin"), async (c) => {
    const rows = await c.var.parts.stores.lookups.rejections(c.req.param("slug"));
    const data = rows.map(({ id, at, code, detail, headers, bodyBytes }) => ({
      id,
      at: iso(at),
      code,
      detail,
      headers,
      body_bytes: bodyBytes,
    }));
    return c.json({ data });
  });
  return app;
}

/** What the request's reader may see of configuration. */
export function configReader(c: Context<AppEnv>): ConfigReader {
  return { admin: c.var.reader.scopes.includes("admin"), seesAll: seesAll(c.var.reader) };
}

async function sourceAnswer(c: Context<AppEnv>, status: 200 | 201 = 200): Promise<Response> {
  const { sources } = await c.var.parts.stores.config.read();
  const source = sources.find(({ slug }) => slug === c.req.param("slug"));
  return source === undefined ? refuse("not_found", noSource) : c.json(sourceView(source, configReader(c)), status);
}
