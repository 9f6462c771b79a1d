import { Hono } from "hono";
import { receiptOf } from "../../../views/calls/receipt.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";

/** Retry delay for entries that another open transaction keeps from being linked. */
const receiptRetrySeconds = 2;

/**
 * `/v1/calls/:id/receipt`: a JWS (`application/jose`).
 *
 * Unlinked entries are linked first. If that takes more than two seconds, the response is 503 with `Retry-After`. If
 * the call's row does not follow from its entries, the response is 409: a receipt never signs such a row.
 */
export function receiptRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/:id/receipt", allow("calls:read"), async (c) => {
    const id = c.req.param("id");
    const { deps, reader } = c.var;
    const { lookups, receipts } = deps.stores;
    const row = isUuid(id) ? await lookups.call(id) : null;
    if (row === null) return problem("not_found", { detail: "There is no call of this id." });
    const made = await receiptOf({ ...deps, receipts, lookups }, reader, row);
    if (made.kind === "differs")
      return problem("call_differs", {
        detail: `The call's row does not show what its entries say (${made.columns.join(", ")}): no receipt is signed. Run hookline verify-audit.`,
      });
    if (made.kind === "unlinked")
      return problem("unavailable", {
        detail: "Some of the call's entries are not in the audit chain yet. Ask again after `Retry-After`.",
        retryAfterSeconds: receiptRetrySeconds,
      });
    if (seesAll(reader)) {
      const actor = actorOf(reader);
      const data = { what: "receipt" };
      await lookups.noteRead({ subject: "call", subjectId: row.id, action: "read", actor, reason: null, data });
    }
    return c.body(made.jws, 200, { "content-type": "application/jose" });
  });
  return app;
}
