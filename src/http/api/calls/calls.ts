import { type Context, Hono } from "hono";
import { dayMs } from "../../../domain/limits.ts";
import type { DirectCall } from "../../../domain/plan/direct-call.ts";
import { callView, draftView } from "../../../views/calls/call.ts";
import { callLookup } from "../../../views/calls/call-lookup.ts";
import { exportedCalls } from "../../../views/exports/lists.ts";
import { seesAll } from "../../../views/reader.ts";
import { allow, lacking } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { answerExport } from "../exports/answer.ts";
import { type CallBody, callBody, idempotencyKey } from "../schemas/call.ts";
import { callsExportQuery } from "../schemas/exports.ts";
import { callsQuery } from "../schemas/queries.ts";
import { jsonBody, query } from "../validate.ts";
import { callFilterOf } from "./call-filter.ts";

/**
 * Furthest planned time of a direct call. Time zone rules beyond a year are not known, and most later times are
 * mistakes.
 */
const dueAheadDaysMax = 366;

const noCall = { detail: "There is no call of this id." };

/** `/v1/calls`: look-ups and direct calls. */
export function callRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.get("/", allow("calls:read"), query(callsQuery), async (c) => {
    const { limit, cursor, ...filters } = c.req.valid("query");
    const filter = callFilterOf(c, filters);
    if (filter === null) return lacking(["pii:read"]);
    const page = await callLookup(c.var.deps.stores.lookups, c.var.reader).calls(filter, limit, cursor ?? null);
    return page === null ? problem("cursor_invalid") : c.json(page);
  });

  app.get("/export", allow("calls:read"), query(callsExportQuery), (c) => {
    const { format, ...given } = c.req.valid("query");
    const filter = callFilterOf(c, given);
    if (filter === null) return lacking(["pii:read"]);
    return answerExport(c, exportedCalls(c.var.deps.stores.lookups, c.var.reader, filter, given), format);
  });

  app.get("/:id", allow("calls:read"), async (c) => {
    const id = c.req.param("id");
    const story = isUuid(id) ? await callLookup(c.var.deps.stores.lookups, c.var.reader).call(id) : null;
    if (story === null) return problem("not_found", noCall);
    const { call, ...rest } = story;
    return c.json({ ...call, ...rest });
  });

  app.get("/:id/recording", allow("pii:read"), async (c) => {
    const id = c.req.param("id");
    const { deps, reader } = c.var;
    const lookup = callLookup(deps.stores.lookups, reader);
    const found = isUuid(id) ? await lookup.recording(id, deps.allowLink) : { kind: "no_call" as const };
    switch (found.kind) {
      case "found":
        // The default headers already prevent caching and hide the referrer from Mihu.
        return c.redirect(found.url, 302);
      case "may_not":
        return lacking(["pii:read"]);
      case "no_call":
        return problem("not_found", noCall);
      case "no_recording":
      case "link_not_allowed":
        return problem(found.kind);
    }
  });

  app.post("/", allow("calls:write"), jsonBody(callBody), (c) => placeCall(c, c.req.valid("json")));

  return app;
}

/** Creates a direct call, or previews it in a dry run. */
async function placeCall(c: Context<AppEnv>, body: CallBody): Promise<Response> {
  const key = idempotencyKey.safeParse(c.req.header("idempotency-key"));
  if (!key.success && c.req.header("idempotency-key") !== undefined)
    return problem("invalid", { detail: "Idempotency-Key must be 1 to 200 characters of printable ASCII." });
  const { deps } = c.var;
  const dueAtMax = deps.clock.now() + dueAheadDaysMax * dayMs;
  if (body.due_at !== undefined && body.due_at > dueAtMax) {
    const reason = `must be at most ${dueAheadDaysMax} days ahead`;
    return problem("invalid", { detail: `due_at: ${reason}`, errors: [{ path: ["due_at"], reason }] });
  }
  if (body.dry_run) return c.json({ dry_run: true, call: draftView(await deps.dryRunCall(wantedCall(body))) });
  // Idempotency keys are scoped to the token's name, so a renewed token of the same client shares them.
  const idempotency = key.success ? { holder: c.var.reader.name, key: key.data } : null;
  const requested = await deps.requestCall(wantedCall(body), idempotency);
  if (!requested.ok)
    return requested.reason === "away"
      ? problem("unavailable", { retryAfterSeconds: requested.retryAfterSeconds })
      : problem("invalid", { detail: "The call has a value that Postgres cannot store." });
  if (requested.conflict) return problem("idempotency_conflict");
  return requested.spilled ? notYet(c, requested.eventId) : await placed(c, requested.eventId);
}

/** The call of an accepted request. The request is durable before it is planned, so the call may not exist yet. */
async function placed(c: Context<AppEnv>, eventId: string): Promise<Response> {
  const { stores, isAway, lacksMigrations } = c.var.deps;
  try {
    const [call] = await stores.lookups.callsOfEvent(eventId);
    return call === undefined ? notYet(c, eventId) : c.json(callView(call, seesAll(c.var.reader)), 202);
  } catch (error) {
    // The request is already accepted. An error would make the client retry, and without an idempotency key that
    // creates a second call.
    if (isAway(error) || (await lacksMigrations(error))) return notYet(c, eventId);
    throw error;
  }
}

function notYet(c: Context<AppEnv>, eventId: string): Response {
  return c.json({ id: null, status: null, event_id: eventId }, 202);
}

function wantedCall({ dry_run: _, ...body }: CallBody): DirectCall {
  return body;
}
