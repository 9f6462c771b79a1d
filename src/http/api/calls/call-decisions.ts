import { type Context, Hono } from "hono";
import { explain } from "../../../domain/reasons.ts";
import { callAgain } from "../../../flows/people/call-again.ts";
import { cancelCall } from "../../../flows/people/cancel.ts";
import type { DecidePorts, DecisionResult } from "../../../flows/people/decide.ts";
import { releaseCall } from "../../../flows/people/release.ts";
import { resolveCall } from "../../../flows/people/resolve.ts";
import { callLookup } from "../../../views/calls/call-lookup.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { reasonBody, releaseBody, resolveBody } from "../schemas/call.ts";
import { jsonBody } from "../validate.ts";

/** `/v1/calls/:id/…`: a person's decision about one call. Decisions about many stand in call-bulk.ts. */
export function callDecisionRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.post("/:id/cancel", allow("calls:write"), jsonBody(reasonBody), (c) =>
    respond(c, 200, (id, ports, actor) => cancelCall(ports, id, { actor, ...c.req.valid("json") })),
  );
  app.post("/:id/release", allow("calls:write"), jsonBody(releaseBody), (c) =>
    respond(c, 202, (id, ports, actor) =>
      releaseCall(ports, id, { actor, reason: c.req.valid("json").reason ?? null }),
    ),
  );
  app.post("/:id/resolve", allow("calls:write"), jsonBody(resolveBody), (c) => {
    const resolution = c.req.valid("json");
    const status = !resolution.rang && resolution.then === "dial" ? 202 : 200;
    return respond(c, status, (id, ports, actor) => resolveCall(ports, id, resolution, actor));
  });
  app.post("/:id/again", allow("calls:write"), jsonBody(reasonBody), (c) =>
    respond(c, 202, (id, ports, actor) => callAgain(ports, id, { actor, ...c.req.valid("json") })),
  );
  return app;
}

/** Decides, wakes the call's line, and responds with the call. */
async function respond(
  c: Context<AppEnv>,
  status: 200 | 202,
  decide: (id: string, ports: DecidePorts, actor: string) => Promise<DecisionResult>,
): Promise<Response> {
  const { clock, stores, lines, log, defaultCountry } = c.var.deps;
  const id = c.req.param("id") ?? "";
  if (!isUuid(id)) return refused({ ok: false, why: "not_found" });
  const ports = { clock, decisions: stores.decisions, defaultCountry };
  const decided = await decide(id, ports, actorOf(c.var.reader));
  // A line that misses this is woken by the sweep within a minute.
  const wake = async (line: string | null): Promise<void> => {
    if (line !== null)
      await lines.poke(line).catch((error) => log.warn("a line was not told of a decision", { line, error }));
  };
  if (!decided.ok) {
    // A claim skips locked rows, so this decision may have hidden the call from it.
    if (decided.why === "state" && decided.status === "queued") await wake(decided.line);
    return refused(decided);
  }
  const { callId, line, duplicate } = decided;
  await wake(line);
  const story = await callLookup(stores.lookups, c.var.reader).call(callId);
  return story === null ? refused({ ok: false, why: "not_found" }) : c.json({ ...story.call, duplicate }, status);
}

function refused(decided: Exclude<DecisionResult, { ok: true }>): Response {
  switch (decided.why) {
    case "not_found":
      return problem("not_found", { detail: "There is no call of this id." });
    case "state":
      return problem("call_state", {
        detail: `The call is ${decided.status}.`,
        members: { call_status: decided.status },
      });
    case "stopped": {
      const { reason } = decided;
      const advice = reason === "placeholder" ? " Mend the rule: this call cannot be said as it is." : "";
      return problem("call_stopped", { detail: explain(reason) + advice, members: { reason } });
    }
    case "conversation_missing": {
      const mistake = { path: ["conversation_uuid"], reason: "is missing: the call has no id of Mihu's" };
      return problem("invalid", { detail: `conversation_uuid: ${mistake.reason}`, errors: [mistake] });
    }
    case "conversation_taken":
      return problem("conversation_taken");
  }
}
