import { Hono } from "hono";
import { tokensOf } from "../../../views/actors.ts";
import { readCursor, writeCursor } from "../../../views/cursor.ts";
import { reviewItemView } from "../../../views/people/review.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { noteCallsRead } from "../../../views/reading-note.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { assignBody, reviewQuery } from "../schemas/people.ts";
import { jsonBody, query } from "../validate.ts";

/** `/v1/review`: calls that wait for a person, oldest first. */
export function reviewRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", allow("calls:read"), query(reviewQuery), async (c) => {
    const { limit, cursor, owner, ...filter } = c.req.valid("query");
    const { deps, reader } = c.var;
    const { stores } = deps;
    const after = cursor === undefined ? null : readCursor(cursor);
    if (cursor !== undefined && after === null) return problem("cursor_invalid");
    const mine = actorOf(reader);
    const found = await stores.review.waiting({ ...filter, owner: owner === "me" ? mine : owner }, limit, after);
    const names = await stores.lookups.tokenNames(tokensOf(found.rows.flatMap((row) => row.owner ?? [])));
    const ids = found.rows.map(({ id }) => id);
    await noteCallsRead(stores.lookups, reader, "review", ids);
    const times = { nowMs: deps.clock.now(), overdueMs: deps.reviewOverdueMs };
    const who = { open: seesAll(reader), actor: mine };
    const data = found.rows.map((row) => reviewItemView(row, times, who, names));
    return c.json({
      data,
      overdue_after_s: Math.round(deps.reviewOverdueMs / 1000),
      next_cursor: writeCursor(found.next),
    });
  });
  return app;
}

/** `POST /v1/calls/:id/assign`: a person takes on a call that waits for a decision, or gives it back. */
export function assignRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.post("/:id/assign", allow("calls:write"), jsonBody(assignBody), async (c) => {
    const id = c.req.param("id");
    const { owner, take_from_other } = c.req.valid("json");
    const { deps, reader } = c.var;
    const mine = actorOf(reader);
    const wanted = owner === null ? null : mine;
    if (!isUuid(id)) return problem("not_found", noCall);
    const review = deps.stores.review;
    let done = await review.assign(id, wanted, wanted === null ? mine : null, mine);
    // Somebody else has it. A person who says so takes it over from exactly that owner.
    if (typeof done === "object" && done.owner !== null && take_from_other)
      done = await review.assign(id, wanted, done.owner, mine);
    if (done === "not_waiting") {
      const known = await deps.stores.lookups.call(id);
      if (known === null) return problem("not_found", noCall);
      return problem("call_state", { detail: `The call is ${known.status}.`, members: { call_status: known.status } });
    }
    if (typeof done === "object") {
      const names = await deps.stores.lookups.tokenNames(tokensOf([done.owner ?? ""]));
      const name = [...names.values()][0] ?? "somebody else";
      return done.owner === null && wanted === null
        ? c.json({ id, owner: null })
        : problem("owned", {
            detail: `${name} has taken on this call. Send \`take_from_other: true\` to take it over.`,
          });
    }
    return c.json({ id, owner: wanted === null ? null : reader.name });
  });
  return app;
}

const noCall = { detail: "There is no call of this id." };
