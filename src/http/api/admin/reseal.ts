import { Hono } from "hono";
import { reseal } from "../../../flows/config/reseal.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { resealBody } from "../schemas/access.ts";
import { jsonBody } from "../validate.ts";

/** `POST /v1/reseal`: seals every secret of an older key with the newest key. `cursor` continues a run that one request did not finish. */
export function resealRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.post("/", allow("admin"), jsonBody(resealBody), async (c) => {
    const { stores, sealer, inboxes, log } = c.var.deps;
    const { cursor = null } = c.req.valid("json");
    const done = await reseal({ sealed: stores.sealed, sealer }, cursor, actorOf(c.var.reader));
    // Inboxes refresh their copies, which hold secrets of the older key. A copy that misses this refreshes within half a minute.
    await Promise.all(
      done.sources.map((source) =>
        inboxes.refresh(source).catch((error) => log.warn("an inbox was not told of a change", { source, error })),
      ),
    );
    return c.json({
      kid: sealer.kid,
      resealed: done.resealed,
      unreadable: done.unreadable,
      more: done.next !== null,
      next_cursor: done.next,
    });
  });
  return app;
}
