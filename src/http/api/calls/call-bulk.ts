import { type Context, Hono } from "hono";
import { explain } from "../../../domain/reasons.ts";
import { type BulkVerb, decideMany, planMany } from "../../../flows/people/bulk.ts";
import { anywayCounts } from "../../../views/calls/anyway.ts";
import { newestView } from "../../../views/calls/newest.ts";
import { readCursor, writeCursor } from "../../../views/cursor.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { allow, lacking } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { type BulkFilter, bulkReasonBody, bulkReleaseBody, bulkResolveBody } from "../schemas/queries.ts";
import { stoppedAnswer } from "../stopped.ts";
import { jsonBody } from "../validate.ts";
import { callFilterOf } from "./call-filter.ts";

/** Fields shared by all requests about many calls. */
type Bulk = { filter: BulkFilter; dry_run: boolean; cursor?: string | undefined; reason: string };

/**
 * `POST /v1/calls/cancel`, `…/release`, `…/resolve`: a person's decision about every call of a filter.
 *
 * | request       | response                                                                           |
 * | ------------- | ---------------------------------------------------------------------------------- |
 * | `dry_run`     | 200: matching calls by status, a few of their ids, and the calls that a gate stops |
 * | anything else | 200: calls decided and calls skipped, with the reasons. If `more`, the client      |
 * |               | repeats the request with `next_cursor`                                             |
 */
export function callBulkRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.post("/cancel", allow("calls:write"), jsonBody(bulkReasonBody), (c) =>
    respond(c, { verb: "cancel" }, c.req.valid("json")),
  );
  app.post("/release", allow("calls:write"), jsonBody(bulkReleaseBody), (c) => {
    const { render, rule_versions: versions = {}, ...body } = c.req.valid("json");
    return respond(c, render === "newest" ? { verb: "release", render, versions } : { verb: "release" }, body);
  });
  app.post("/resolve", allow("calls:write"), jsonBody(bulkResolveBody), (c) => {
    const body = c.req.valid("json");
    return respond(c, { verb: "resolve", ...body }, body);
  });
  return app;
}

async function respond(c: Context<AppEnv>, what: BulkVerb, body: Bulk): Promise<Response> {
  const { clock, stores, lines, log, defaultCountry } = c.var.deps;
  const filter = callFilterOf(c, body.filter);
  if (filter === null) return lacking(["pii:read"]);
  const after = body.cursor === undefined ? null : readCursor(body.cursor);
  if (body.cursor !== undefined && after === null) return problem("cursor_invalid");
  const { decisions, replays, sources } = stores;
  const ports = { clock, decisions, replays, sources, defaultCountry, lines, stops: stores.stops };
  if (body.dry_run) {
    const { statuses, matching, more, stopped, rung, versions, differing } = await planMany(ports, what, filter);
    const open = seesAll(c.var.reader);
    const newest = {
      rule_versions: versions,
      differences: differing.map((one) => newestView(one.call, one.newest, open)),
    };
    if (open && differing.length > 0)
      await stores.lookups.noteRead({
        ...{ subject: "reading", subjectId: c.var.reader.jti, action: "read", actor: actorOf(c.var.reader) },
        ...{ reason: null, data: { what: "release", rows: differing.length } },
      });
    return c.json({
      // `stopped` is the former name of `skipped` and is deprecated. In other responses it holds calls that lines had
      // claimed.
      ...{ dry_run: true, matching, more, statuses, skipped: withSentences(stopped), stopped: withSentences(stopped) },
      ...(what.verb === "cancel" ? {} : { warnings: anywayCounts(rung) }),
      ...("render" in what ? newest : {}),
    });
  }
  const act = { actor: actorOf(c.var.reader), reason: body.reason };
  const { done, skipped, rung, lines: due, next, stopped } = await decideMany(ports, what, filter, after, act);
  // The sweep wakes a line that misses this, within a minute.
  await Promise.all(
    due.map((line) =>
      lines.poke(line).catch((error) => log.warn("a line was not woken after a decision", { line, error })),
    ),
  );
  return c.json({
    dry_run: false,
    done,
    skipped: withSentences(skipped),
    ...(what.verb === "cancel" ? {} : { warnings: anywayCounts(rung) }),
    ...(stopped === null ? {} : { stopped: stoppedAnswer(c, stopped) }),
    more: next !== null,
    next_cursor: writeCursor(next),
  });
}

/** Reasons for skipping calls, each with its sentence. */
function withSentences(reasons: Readonly<Record<string, number>>) {
  return Object.entries(reasons).map(([reason, count]) => ({
    reason,
    reason_text: sentences[reason] ?? explain(reason),
    count,
  }));
}

/** Reasons of this request that no call stores. */
const sentences: Readonly<Record<string, string>> = {
  moved: "The call's status changed meanwhile, so nothing was done. Look at the call.",
  conversation_missing: "Mihu gave no id for this call. Resolve it by itself, with its `conversation_uuid`.",
  unconfirmed:
    "The call's line did not confirm the stop: the call may still begin until the time in `stopped`. No further try follows.",
  in_flight: "The call is on its way to Mihu and cannot be canceled any more. No further try follows.",
  conversation_taken: "Another call has this conversation.",
};
