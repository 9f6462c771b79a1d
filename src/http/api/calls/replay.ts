import { type Context, Hono } from "hono";
import { normaliseOrderNumber } from "../../../domain/events/order-number.ts";
import { maskNumber, maskText } from "../../../domain/people/mask.ts";
import { expiryRule } from "../../../domain/plan/expiry.ts";
import { type ReplaySample, replay } from "../../../flows/planning/replay.ts";
import { aboutReplay } from "../../../flows/tasks/verbs.ts";
import type { ReplaySelection } from "../../../ports/planning/replays.ts";
import { readCursor, writeCursor } from "../../../views/cursor.ts";
import { iso } from "../../../views/moment.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { skippedView } from "../../../views/tasks/skipped.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { type ReplayBody, replayBody } from "../schemas/queries.ts";
import { noSource } from "../sources/sources.ts";
import { beginTask } from "../tasks/begin-task.ts";
import { jsonBody } from "../validate.ts";

/**
 * `POST /v1/events/replay`: stored events through today's rules.
 *
 * | request       | response                                                                                        |
 * | ------------- | ----------------------------------------------------------------------------------------------- |
 * | `dry_run`     | 200: counts of already called, owed, too old, skipped and would call, with a few of those calls  |
 * | `as_task`     | 202: the task, which goes on after the request                                                  |
 * | anything else | 200: the same counts of the replay. If `more`, the client repeats the request with `next_cursor` |
 */
export function replayRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.post("/replay", allow("calls:write"), jsonBody(replayBody), (c) => respond(c, c.req.valid("json")));
  return app;
}

async function respond(c: Context<AppEnv>, body: ReplayBody): Promise<Response> {
  const { clock, stores, records, lines, log } = c.var.deps;
  const which = choiceOf(body);
  const after = body.cursor === undefined ? null : readCursor(body.cursor);
  if (which === null || (body.cursor !== undefined && after === null)) return problem("cursor_invalid");
  if (body.filter !== undefined && (await stores.sources.copy(body.filter.source)) === null)
    return problem("not_found", noSource);
  const wish = { rule: body.rule ?? null, evenIfCalled: body.even_if_called, ignoresExpiry: body.ignore_expiry };
  if (body.as_task && !body.dry_run)
    return await beginTask(c, "replay", aboutReplay(wish), { ...body, which: { of: "events", ...which } });
  const actor = actorOf(c.var.reader);
  const done = await replay(
    { clock, records, replays: stores.replays, sources: stores.sources },
    {
      ...wish,
      which,
      after,
      dryRun: body.dry_run,
    },
    { actor, reason: body.reason ?? null },
  );
  if (!body.dry_run)
    // The sweep wakes a line that misses this, within a minute.
    await Promise.all(
      done.lines.map((line) =>
        lines.poke(line).catch((error) => log.warn("a line was not woken after a replay", { line, error })),
      ),
    );
  const open = seesAll(c.var.reader);
  if (open && done.samples.length > 0)
    await stores.lookups.noteRead({
      subject: "reading",
      subjectId: c.var.reader.jti,
      action: "read",
      actor,
      reason: null,
      data: { what: "replay", rows: done.samples.length },
    });
  return c.json({
    dry_run: body.dry_run,
    events: done.events,
    [body.dry_run ? "would_call" : "called"]: done.calls,
    held: done.held,
    already_called: done.alreadyCalled,
    owed: done.owed,
    too_old: done.tooOld,
    expiry: body.ignore_expiry ? expiryIgnored : expiryRule,
    skipped: skippedView(done.skipped, "event"),
    samples: done.samples.map((sample) => sampleView(sample, body.dry_run, open)),
    more: done.next !== null,
    next_cursor: writeCursor(done.next),
  });
}

const expiryIgnored = "`expires` counts from this replay, because `ignore_expiry` is set.";

function choiceOf({ ids, filter }: ReplayBody): ReplaySelection | null {
  if (ids !== undefined) return { ids: ids.map((id) => id.toLowerCase()) };
  if (filter === undefined) return null;
  const { order_number, record_type: recordType, record_id: recordId, ...same } = filter;
  const orderNumberKey = order_number === undefined ? undefined : normaliseOrderNumber(order_number);
  return { filter: { ...same, orderNumberKey, recordType, recordId } };
}

function sampleView({ event, call, end }: ReplaySample, dryRun: boolean, open: boolean) {
  const { draft } = call;
  const text = (value: string | null) => (open ? value : maskText(value));
  return {
    event_id: event.id,
    type: event.type,
    order_number: event.orderNumber,
    received_at: iso(event.receivedAt),
    // A dry run rolls back, so its calls have no ids.
    call_id: dryRun ? null : end.callId,
    rule: draft.rule,
    rule_version: draft.ruleVersion,
    line: draft.line,
    try: call.try,
    again_of: call.againOf,
    status: end.callId === null ? draft.status : end.status,
    reason: end.reason,
    number: open ? draft.number : maskNumber(draft.number),
    about: text(draft.about),
    prompt: text(draft.prompt),
    greeting: text(draft.greeting),
    due_at: iso(draft.dueAt),
    expires_at: iso(draft.expiresAt),
  };
}
