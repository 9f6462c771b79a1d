import { Hono } from "hono";
import { noClaims } from "../../../flows/calling/stop.ts";
import { stopCalls } from "../../../flows/calling/stop-calls.ts";
import { exportedSuppressions } from "../../../views/exports/lists.ts";
import { iso } from "../../../views/moment.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { suppressionView } from "../../../views/suppression.ts";
import { allow, lacking } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { answerExport } from "../exports/answer.ts";
import { suppressionBody } from "../schemas/access.ts";
import { exportQuery } from "../schemas/exports.ts";
import { stoppedAnswer } from "../stopped.ts";
import { jsonBody, query } from "../validate.ts";
import { numberOf } from "./number.ts";

/** `/v1/suppressions`: numbers that no line calls. A request with a number needs `pii:read`. */
export function suppressionRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.get("/", allow("calls:read"), async (c) => {
    const open = seesAll(c.var.reader);
    const rows = await c.var.deps.stores.suppressions.suppressions();
    const data = rows.map((row) => suppressionView(row, open));
    return c.json({ data });
  });

  app.get("/export", allow("calls:read"), query(exportQuery), (c) => {
    const list = exportedSuppressions(c.var.deps.stores.suppressions, c.var.reader);
    return answerExport(c, list, c.req.valid("query").format);
  });

  app.post("/", allow("calls:write"), jsonBody(suppressionBody), async (c) => {
    if (!seesAll(c.var.reader)) return lacking(["pii:read"]);
    const { number, reason, until } = c.req.valid("json");
    const e164 = numberOf(c.var.deps, number);
    const row = { number: e164, reason, until, createdBy: actorOf(c.var.reader) };
    const { clock, lines, stores } = c.var.deps;
    // A suppression that already ended would cancel calls for good and then have no effect.
    if (until !== null && until <= clock.now()) {
      const reason = `must be in the future, and ${iso(until)} is past; leave it out for a suppression without an end`;
      return problem("invalid", { detail: `until: ${reason}`, errors: [{ path: ["until"], reason }] });
    }
    const stop = await stores.suppressions.suppress(row);
    const { each, claims } = await stopCalls({ clock, lines, stops: stores.stops }, [stop]);
    const [ended = { canceled: 0, remaining: 0 }] = each;
    return c.json(
      {
        ...{ number: e164, reason, until: iso(until), canceled_calls: ended.canceled },
        ...{ remaining_calls: ended.remaining, stopped: stoppedAnswer(c, claims ?? noClaims) },
      },
      201,
    );
  });

  app.delete("/:number", allow("calls:write"), async (c) => {
    if (!seesAll(c.var.reader)) return lacking(["pii:read"]);
    const e164 = numberOf(c.var.deps, c.req.param("number"));
    const { suppressions } = c.var.deps.stores;
    const known = await suppressions.release(e164, actorOf(c.var.reader));
    return known ? c.body(null, 204) : problem("not_found", { detail: "This number is not suppressed." });
  });
  return app;
}
