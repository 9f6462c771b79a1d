import { type Context, Hono } from "hono";
import type { DirectCall } from "../../domain/direct.ts";
import { normaliseOrderNumber } from "../../domain/order-number.ts";
import { parseNumber } from "../../domain/phone.ts";
import { allow, lacking, seesAll } from "../auth.ts";
import { deskFor } from "../desk.ts";
import type { AppEnv } from "../parts.ts";
import { refuse } from "../problem.ts";
import { type CallBody, callBody, idempotencyKey } from "../schemas/call.ts";
import { callsQuery } from "../schemas/queries.ts";
import { isUuid } from "../schemas/words.ts";
import { jsonBody, query } from "../validate.ts";
import { callView, draftView } from "../views/call.ts";

const noCall = { detail: "There is no call of this id." };

/** `/v1/calls`: look-ups, and calls that are asked for directly. */
export function callRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.get("/", allow("calls:read"), query(callsQuery), async (c) => {
    const { order_number, record_type, record_id, number, conversation, limit, cursor, ...same } = c.req.valid("query");
    // Whoever may not see numbers must not find out about one by asking for it either.
    if (number !== undefined && !seesAll(c.var.reader)) return lacking(["pii:read"]);
    const parsed = number === undefined ? null : parseNumber(number, c.var.parts.defaultCountry);
    const filter = {
      ...same,
      orderNumberKey: order_number === undefined ? undefined : normaliseOrderNumber(order_number),
      recordType: record_type,
      recordId: record_id,
      conversation,
      // What is no number is a number that no call has.
      number: parsed === null ? undefined : parsed.ok ? parsed.e164 : number,
    };
    const page = await deskFor(c.var.parts.stores.lookups, c.var.reader).calls(filter, limit, cursor ?? null);
    return page === null ? refuse("cursor_invalid") : c.json(page);
  });

  app.get("/:id", allow("calls:read"), async (c) => {
    const id = c.req.param("id");
    const story = isUuid(id) ? await deskFor(c.var.parts.stores.lookups, c.var.reader).call(id) : null;
    if (story === null) return refuse("not_found", noCall);
    const { call, ...rest } = story;
    return c.json({ ...call, ...rest });
  });

  app.get("/:id/recording", allow("pii:read"), async (c) => {
    const id = c.req.param("id");
    const { parts, reader } = c.var;
    const desk = deskFor(parts.stores.lookups, reader);
    const found = isUuid(id) ? await desk.recording(id, parts.allowLink) : { kind: "no_call" as const };
    switch (found.kind) {
      case "found":
        // Neither cached nor told where one comes from: the headers of every answer see to both.
        return c.redirect(found.url, 302);
      case "may_not":
        return lacking(["pii:read"]);
      case "no_call":
        return refuse("not_found", noCall);
      case "no_recording":
      case "link_not_allowed":
        return refuse(found.kind);
    }
  });

  app.post("/", allow("calls:write"), jsonBody(callBody), async (c) => {
    const body = c.req.valid("json");
    const key = idempotencyKey.safeParse(c.req.header("idempotency-key"));
    if (!key.success && c.req.header("idempotency-key") !== undefined)
      return refuse("invalid", { detail: "Idempotency-Key must be 1 to 200 characters of printable ASCII." });
    const { parts } = c.var;
    if (body.dry_run) return c.json({ dry_run: true, call: draftView(await parts.dryRunCall(wantedCall(body))) });
    const asked = await parts.requestCall(wantedCall(body), key.data ?? null);
    if (!asked.ok)
      return asked.reason === "away"
        ? refuse("unavailable", { retryAfterSeconds: asked.retryAfterSeconds })
        : refuse("invalid", { detail: "The call holds what cannot be stored." });
    if (asked.conflict) return refuse("idempotency_conflict");
    return await placed(c, asked.eventId);
  });

  return app;
}

/** The call that a request made. A request is durable before it is planned, so there may be none yet. */
async function placed(c: Context<AppEnv>, eventId: string): Promise<Response> {
  const [call] = await c.var.parts.stores.lookups.callsOfEvent(eventId);
  const body =
    call === undefined ? { id: null, status: null, event_id: eventId } : callView(call, seesAll(c.var.reader));
  return c.json(body, 202);
}

function wantedCall({ dry_run: _, ...body }: CallBody): DirectCall {
  return body;
}
