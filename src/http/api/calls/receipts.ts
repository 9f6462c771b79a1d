import { Hono } from "hono";
import { makeReceipt } from "../../../flows/audit/receipt.ts";
import type { CallRow } from "../../../ports/lookups/calls.ts";
import { callView } from "../../../views/calls/call.ts";
import { harmlessDetail } from "../../../views/detail.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";

/** Retry delay for entries that another open transaction keeps from being linked. */
const receiptRetrySeconds = 2;

/** Attempts at a receipt for a call that changes meanwhile. */
const triesMax = 4;

/** Fields of a call in a receipt. An erasure removes none of these fields. */
const receiptFields = [
  ["id", "try", "again_of", "status", "outcome", "outcome_raw", "reason", "source", "rule", "rule_version", "mode"],
  ["event_id", "line", "order_number", "record", "conversation_uuid", "mihu_id", "created_at", "due_at", "claimed_at"],
  ["placed_at", "ended_at", "duration_s"],
].flat();

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
    const open = seesAll(reader);
    let row = isUuid(id) ? await lookups.call(id) : null;
    if (row === null) return problem("not_found", { detail: "There is no call of this id." });
    const differs = await receipts.differs(id);
    if (differs.length > 0)
      return problem("call_differs", {
        detail: `The call's row does not show what its entries say (${differs.join(", ")}): no receipt is signed. Run hookline verify-audit.`,
      });
    let jws: string | null = null;
    for (let tries = 0; tries < triesMax; tries++) {
      jws = await makeReceipt(
        { ...deps, receipts },
        { call: shownCall(row, open), withContent: open, maySee: (data) => open || isHarmless(data) },
      );
      // The call changed between the two reads, so its entries do not match the row that was read first.
      const now: CallRow | null = await lookups.call(id);
      if (now === null || (now.status === row.status && now.outcome === row.outcome)) break;
      row = now;
    }
    if (jws === null)
      return problem("unavailable", {
        detail: "Some of the call's entries are not in the audit chain yet. Ask again after `Retry-After`.",
        retryAfterSeconds: receiptRetrySeconds,
      });
    if (open) {
      const actor = actorOf(reader);
      const data = { what: "receipt" };
      await lookups.noteRead({ subject: "call", subjectId: row.id, action: "read", actor, reason: null, data });
    }
    return c.body(jws, 200, { "content-type": "application/jose" });
  });
  return app;
}

function shownCall(row: CallRow, open: boolean) {
  const whole: Record<string, unknown> = callView(row, open);
  return {
    ...Object.fromEntries(receiptFields.map((name) => [name, whole[name]])),
    id: row.id,
    event_id: row.eventId,
  };
}

function isHarmless(data: string): boolean {
  const fields: Record<string, unknown> = JSON.parse(data);
  return Object.keys(harmlessDetail(fields)).length === Object.keys(fields).length;
}
