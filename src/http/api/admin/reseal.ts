import { Hono } from "hono";
import { allConfirmed } from "../../../flows/config/confirmation.ts";
import { refreshInboxes } from "../../../flows/config/refresh-inboxes.ts";
import { reseal } from "../../../flows/config/reseal.ts";
import { confirmationView } from "../../../views/confirmation.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { announceKeys } from "../announce.ts";
import { logUntold } from "../config-change.ts";
import { resealBody } from "../schemas/access.ts";
import { jsonBody } from "../validate.ts";

/**
 * `POST /v1/reseal`: re-encrypts every secret of an older key with the newest one. `cursor` continues a run that did
 * not finish in one request.
 */
export function resealRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.post("/", allow("admin"), jsonBody(resealBody), async (c) => {
    const { stores, sealer } = c.var.deps;
    const { cursor = null } = c.req.valid("json");
    const done = await reseal({ sealed: stores.sealed, sealer }, cursor, actorOf(c.var.reader));
    // Inboxes cache secrets sealed with the older key, so their copies are refreshed.
    const { sources } = await stores.config.read();
    const shards = new Map(sources.map((one) => [one.slug, one.shards]));
    const confirmation = allConfirmed(
      await Promise.all([
        refreshInboxes(c.var.deps, new Map(done.sources.map((slug) => [slug, shards.get(slug) ?? 1]))),
        // The directory caches the lines' secrets too.
        ...(done.resealed > 0 ? [announceKeys(c.var.deps)] : []),
      ]),
    );
    logUntold(c, confirmation);
    return c.json({
      kid: sealer.kid,
      resealed: done.resealed,
      unreadable: done.unreadable,
      more: done.next !== null,
      next_cursor: done.next,
      ...confirmationView(confirmation),
    });
  });
  return app;
}
