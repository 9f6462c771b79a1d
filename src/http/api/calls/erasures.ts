import { Hono } from "hono";
import { erase, missing } from "../../../flows/people/erase.ts";
import { scrubText } from "../../../platform/log.ts";
import type { ErasureTarget } from "../../../ports/people/erasures.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { allow, lacking } from "../../auth/authenticate.ts";
import type { ApiDeps, AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { erasureBody } from "../schemas/erasure.ts";
import { jsonBody } from "../validate.ts";
import { numberOf } from "./number.ts";

/** An erasure by number does not search bodies, because no index covers them. */
const notSearched =
  "The bodies of events that made no call to this number are not searched for it. Erase such events by source and event.";

const unknown = {
  no_source: "There is no source of this name.",
  no_event: "The source has no event of this id.",
} as const;

/**
 * `/v1/erasures`: erases the data of one person or of one event. The calls' history stays.
 *
 * A request with a number also needs `pii:read`, because the counts in its response, and canceled calls in lists,
 * reveal whether the number was called.
 */
export function erasureRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.post("/", allow("admin"), jsonBody(erasureBody), async (c) => {
    const body = c.req.valid("json");
    const { deps, reader } = c.var;
    if ("number" in body && !seesAll(reader)) return lacking(["pii:read"]);
    // The reason is stored in audit entries, which cannot be erased, so numbers in it are masked.
    const act = { actor: actorOf(reader), reason: scrubText(body.reason) };
    const target = "number" in body ? { number: numberOf(deps, body.number) } : await eventOf(deps, body);
    const ports = { erasures: deps.stores.erasures };
    const erased = await erase(ports, target, act);
    const known = await missing(ports, target, erased);
    if (known !== "known") return problem("not_found", { detail: unknown[known] });
    const { calls, canceled, events, told, waiting, more } = erased;
    return c.json({
      erased: { calls, events, canceled_calls: canceled },
      // Calls in flight are erased once they are over, if the client repeats the request.
      waiting: { calls: waiting.callsCount, named: waiting.calls, unplanned_events: waiting.events },
      told,
      more,
      not_searched: "number" in target ? notSearched : null,
    });
  });
  return app;
}

/**
 * One event by Hookline's id, or all events under the sender's id. If the type is part of the dedupe key, there is one
 * event for each type.
 */
async function eventOf(
  { identity, stores }: ApiDeps,
  { source, event }: { source: string; event: string },
): Promise<ErasureTarget> {
  if (isUuid(event) && (await stores.erasures.knows({ source, eventIds: [event] })) === "known")
    return { source, eventIds: [event] };
  const sent = await stores.erasures.sentAs(source, event);
  return { source, eventIds: [...new Set([identity.eventId(source, event), ...sent])] };
}
