import { type Context, Hono } from "hono";
import { planConfig, rulesOnLine } from "../../flows/config.ts";
import { checkLine, lineOf } from "../../flows/config-check.ts";
import { actorOf, allow } from "../auth.ts";
import { change, isStillReferredTo, mistaken } from "../changes.ts";
import type { AppEnv } from "../parts.ts";
import { Refusal, refuse } from "../problem.ts";
import { randomText } from "../random.ts";
import { lineBody, pauseBody } from "../schemas/line.ts";
import { namedBy } from "../slug.ts";
import { jsonBody } from "../validate.ts";
import { lineView } from "../views/config.ts";

const noLine = { detail: "There is no line of this name." };

/** `/v1/lines`: Mihu's agents with their pace. */
export function lineRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use("/:slug", namedBy("slug"));
  app.use("/:slug/*", namedBy("slug"));

  app.get("/", allow("calls:read", "admin"), async (c) => {
    const { lines } = await c.var.parts.stores.config.read();
    return c.json({ data: lines.map(lineView) });
  });
  app.get("/:slug", allow("calls:read", "admin"), (c) => lineAnswer(c));

  app.put("/:slug", allow("admin"), jsonBody(lineBody), async (c) => {
    const slug = c.req.param("slug");
    const document = c.req.valid("json");
    const mistakes = checkLine(document, []);
    if (mistakes.length > 0) throw mistaken("invalid", mistakes);
    const { changes } = await change(c, "invalid", (stored) =>
      planConfig(stored, { lines: [lineOf(slug, document)], lineNames: [slug], sources: [] }),
    );
    return await lineAnswer(c, changes[0]?.kind === "create" ? 201 : 200);
  });

  app.delete("/:slug", allow("admin"), async (c) => {
    const slug = c.req.param("slug");
    try {
      await change(c, "invalid", (stored) => {
        if (!stored.lines.some((line) => line.slug === slug)) return null;
        const rules = rulesOnLine(stored, slug);
        if (rules.length > 0) throw new Refusal("in_use", { detail: `These rules use the line: ${rules.join(", ")}.` });
        return {
          changes: [{ kind: "remove", what: "line", name: slug }],
          writes: [{ do: "remove_line", slug }],
          mistakes: [],
        };
      });
    } catch (error) {
      if (!isStillReferredTo(error)) throw error;
      return refuse("in_use", { detail: "Calls were made on this line, and they name it for ever. Pause it instead." });
    }
    return c.body(null, 204);
  });

  app.post("/:slug/pause", allow("admin"), jsonBody(pauseBody), async (c) => {
    const { calls } = c.var.parts.stores;
    await calls.pauseLine(c.req.param("slug"), "paused_by_person", c.req.valid("json").reason, actorOf(c.var.reader));
    return await lineAnswer(c);
  });
  app.post("/:slug/resume", allow("admin"), async (c) => {
    const slug = c.req.param("slug");
    const { stores, lines, log } = c.var.parts;
    const resumed = await stores.calls.resumeLine(slug, actorOf(c.var.reader), true);
    // The sweep finds its work within a minute if nobody can be told now.
    if (resumed)
      await lines.poke(slug).catch((error) => log.warn("a line was not told that it goes on", { line: slug, error }));
    return await lineAnswer(c);
  });

  app.post("/:slug/webhook", allow("admin"), async (c) => {
    const { identity, sealer, stores } = c.var.parts;
    const [key, secret] = [randomText(), randomText()];
    const webhook = { keyHash: identity.sha256Hex(key), sealedSecret: await sealer.seal(secret) };
    const known = await stores.config.setWebhook(c.req.param("slug"), webhook, actorOf(c.var.reader));
    // Shown once: the key is kept as a hash, the secret sealed.
    return known ? c.json({ path: `/in/mihu/${key}`, secret }) : refuse("not_found", noLine);
  });
  return app;
}

async function lineAnswer(c: Context<AppEnv>, status: 200 | 201 = 200): Promise<Response> {
  const { lines } = await c.var.parts.stores.config.read();
  const line = lines.find(({ slug }) => slug === c.req.param("slug"));
  return line === undefined ? refuse("not_found", noLine) : c.json(lineView(line), status);
}
