import { type Context, Hono } from "hono";
import type { CallStatus } from "../../../domain/calls/call.ts";
import { decidable } from "../../../domain/plan/decision.ts";
import { decideMany, planMany } from "../../../flows/people/bulk.ts";
import type { BulkVerb } from "../../../flows/people/decide-these.ts";
import { aboutVerb } from "../../../flows/tasks/verbs.ts";
import type { CallFilter } from "../../../ports/lookups/calls.ts";
import { anywayCounts } from "../../../views/calls/anyway.ts";
import { newestView } from "../../../views/calls/newest.ts";
import { readCursor, writeCursor } from "../../../views/cursor.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { skippedView } from "../../../views/tasks/skipped.ts";
import { allow, lacking } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { type BulkFilter, bulkReasonBody, bulkReleaseBody, bulkResolveBody } from "../schemas/queries.ts";
import { stoppedAnswer } from "../stopped.ts";
import { beginTask } from "../tasks/begin-task.ts";
import { jsonBody } from "../validate.ts";
import { callFilterOf } from "./call-filter.ts";

/** Fields shared by all requests about many calls. */
type Bulk = {
  filter?: BulkFilter | undefined;
  ids?: string[] | undefined;
  dry_run: boolean;
  as_task: boolean;
  cursor?: string | undefined;
  reason: string;
};

/**
 * `POST /v1/calls/cancel`, `…/release`, `…/resolve`: a person's decision about every call of a filter, or of a list.
 *
 * | request       | response                                                                           |
 * | ------------- | ---------------------------------------------------------------------------------- |
 * | `dry_run`     | 200: matching calls by status, a few of their ids, and the calls that a gate stops |
 * | `as_task`     | 202: the task, which goes on after the request                                     |
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
    // biome-ignore lint/suspicious/noThenProperty: `then` is a field of the API, and its value is a text.
    const said = body.rang ? { rang: true as const } : { rang: false as const, then: body.then };
    return respond(c, { verb: "resolve", ...said }, body);
  });
  return app;
}

/** The statuses of a filter that allow a decision. */
function decidableOf(filter: CallFilter, { verb }: BulkVerb): CallFilter {
  const allowed: readonly CallStatus[] = decidable[verb];
  return { ...filter, statuses: allowed.filter((status) => filter.statuses?.includes(status) !== false) };
}

async function respond(c: Context<AppEnv>, what: BulkVerb, body: Bulk): Promise<Response> {
  const { clock, stores, lines, log, defaultCountry } = c.var.deps;
  const ids = body.ids?.map((id) => id.toLowerCase());
  const found = callFilterOf(c, body.filter ?? {});
  if (found === null) return lacking(["pii:read"]);
  const filter = { ...found, ...(ids === undefined ? {} : { ids }) };
  if (body.as_task && !body.dry_run) {
    const which = { of: "calls", ...(ids === undefined ? { filter: decidableOf(filter, what) } : { ids }) } as const;
    return await beginTask(c, what.verb, aboutVerb(what), { ...body, which });
  }
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
      ...{
        dry_run: true,
        matching,
        more,
        statuses,
        skipped: skippedView(stopped, "call"),
        stopped: skippedView(stopped, "call"),
      },
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
    skipped: skippedView(skipped, "call"),
    ...(what.verb === "cancel" ? {} : { warnings: anywayCounts(rung) }),
    ...(stopped === null ? {} : { stopped: stoppedAnswer(c, stopped) }),
    more: next !== null,
    next_cursor: writeCursor(next),
  });
}
