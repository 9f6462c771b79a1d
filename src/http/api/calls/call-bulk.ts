import { type Context, Hono } from "hono";
import { explain } from "../../../domain/reasons.ts";
import { type BulkVerb, decideMany, planMany } from "../../../flows/people/bulk.ts";
import { readCursor, writeCursor } from "../../../views/cursor.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow, lacking } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { callFilterOf } from "../call-filter.ts";
import { type BulkFilter, bulkReasonBody, bulkResolveBody } from "../schemas/queries.ts";
import { jsonBody } from "../validate.ts";

/** What every request about many calls says. */
type Bulk = { filter: BulkFilter; dry_run: boolean; cursor?: string | undefined; reason: string };

/**
 * `POST /v1/calls/cancel`, `…/release`, `…/resolve`: what a person decides about every call of a filter.
 *
 * | asked         | answer                                                                             |
 * | ------------- | ---------------------------------------------------------------------------------- |
 * | `dry_run`     | 200: how many match by status, a few of their ids, and what a gate would stop      |
 * | anything else | 200: how many it was decided about, how many were passed over and why, and whether |
 * |               | there are more: then the same again with `cursor`                                  |
 */
export function callBulkRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.post("/cancel", allow("calls:write"), jsonBody(bulkReasonBody), (c) =>
    answer(c, { verb: "cancel" }, c.req.valid("json")),
  );
  app.post("/release", allow("calls:write"), jsonBody(bulkReasonBody), (c) =>
    answer(c, { verb: "release" }, c.req.valid("json")),
  );
  app.post("/resolve", allow("calls:write"), jsonBody(bulkResolveBody), (c) => {
    const asked = c.req.valid("json");
    return answer(c, { verb: "resolve", ...asked }, asked);
  });
  return app;
}

async function answer(c: Context<AppEnv>, what: BulkVerb, asked: Bulk): Promise<Response> {
  const { clock, stores, lines, log, defaultCountry } = c.var.deps;
  const filter = callFilterOf(c, asked.filter);
  if (filter === null) return lacking(["pii:read"]);
  const after = asked.cursor === undefined ? null : readCursor(asked.cursor);
  if (asked.cursor !== undefined && after === null) return problem("cursor_invalid");
  const ports = { clock, persons: stores.persons, calls: stores.calls, defaultCountry };
  if (asked.dry_run) {
    const { statuses, matching, more, stopped } = await planMany(ports, what, filter);
    return c.json({ dry_run: true, matching, more, statuses, stopped: told(stopped) });
  }
  const act = { actor: actorOf(c.var.reader), reason: asked.reason };
  const { done, skipped, lines: due, next } = await decideMany(ports, what, filter, after, act);
  // The sweep finds what is due within a minute if a line cannot be told now.
  await Promise.all(
    due.map((line) =>
      lines.poke(line).catch((error) => log.warn("a line was not told of a decision", { line, error })),
    ),
  );
  return c.json({ dry_run: false, done, skipped: told(skipped), more: next !== null, next_cursor: writeCursor(next) });
}

/** Why calls were passed over, each reason with its sentence. */
function told(reasons: Readonly<Record<string, number>>) {
  return Object.entries(reasons).map(([reason, count]) => ({
    reason,
    reason_text: sentences[reason] ?? explain(reason),
    count,
  }));
}

/** Reasons that belong to the request and are written on no call. */
const sentences: Readonly<Record<string, string>> = {
  moved: "Somebody else was faster: the call has another status now.",
  conversation_missing:
    "The call has no id of Mihu's: whether it rang has to be said of it alone, with its conversation.",
  conversation_taken: "Another call has this conversation.",
};
