import { type Context, Hono } from "hono";
import { explain } from "../../../domain/reasons.ts";
import type { StopPorts } from "../../../flows/calling/stop.ts";
import { callAgain } from "../../../flows/people/call-again.ts";
import { cancelCall } from "../../../flows/people/cancel.ts";
import type { DecisionResult } from "../../../flows/people/decide.ts";
import { releaseCall, releaseNewest } from "../../../flows/people/release.ts";
import { type NewestPorts, renderNewest } from "../../../flows/people/render-newest.ts";
import { resolveCall } from "../../../flows/people/resolve.ts";
import { callLookup } from "../../../views/calls/call-lookup.ts";
import { newestView } from "../../../views/calls/newest.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { noteCallsRead } from "../../../views/reading-note.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { reasonBody, releaseBody, resolveBody } from "../schemas/call.ts";
import { stoppedAnswer } from "../stopped.ts";
import { jsonBody } from "../validate.ts";

/** `/v1/calls/:id/…`: a person's decision about one call. call-bulk.ts has decisions about many. */
export function callDecisionRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.post("/:id/cancel", allow("calls:write"), jsonBody(reasonBody), (c) =>
    respond(c, 200, (id, ports, actor) => cancelCall(ports, id, { actor, ...c.req.valid("json") })),
  );
  app.post("/:id/release", allow("calls:write"), jsonBody(releaseBody), (c) => {
    const { reason = null, render, rule_version = 0, dry_run } = c.req.valid("json");
    if (dry_run) return showNewest(c);
    return respond(c, 202, (id, ports, actor) =>
      render === "newest"
        ? releaseNewest(ports, id, rule_version, { actor, reason })
        : releaseCall(ports, id, { actor, reason }),
    );
  });
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

/** Compares a held call with the same call by today's rule. Read-only. */
async function showNewest(c: Context<AppEnv>): Promise<Response> {
  const { stores } = c.var.deps;
  const id = c.req.param("id") ?? "";
  const call = isUuid(id) ? await stores.decisions.call(id) : null;
  if (call === null) return refused(c, { ok: false, why: "not_found" });
  if (call.status !== "held") return refused(c, { ok: false, why: "state", status: call.status, line: call.line });
  const newest = (await renderNewest(portsOf(c), [call])).get(call.id);
  if (newest === undefined) return refused(c, { ok: false, why: "not_found" });
  await noteCallsRead(stores.lookups, c.var.reader, "release", [call.id]);
  return c.json({ dry_run: true, ...newestView(call, newest, seesAll(c.var.reader)) });
}

function portsOf(c: Context<AppEnv>): NewestPorts & StopPorts {
  const { clock, lines, stores, defaultCountry } = c.var.deps;
  const { decisions, replays, sources, stops } = stores;
  return { clock, lines, defaultCountry, decisions, replays, sources, stops };
}

/** Applies a decision, wakes the call's line, and responds with the call. */
async function respond(
  c: Context<AppEnv>,
  status: 200 | 202,
  decide: (id: string, ports: NewestPorts & StopPorts, actor: string) => Promise<DecisionResult>,
): Promise<Response> {
  const { stores, lines, log } = c.var.deps;
  const id = c.req.param("id") ?? "";
  if (!isUuid(id)) return refused(c, { ok: false, why: "not_found" });
  const decided = await decide(id, portsOf(c), actorOf(c.var.reader));
  // The sweep wakes a line that misses this, within a minute.
  const wake = async (line: string | null): Promise<void> => {
    if (line !== null)
      await lines.poke(line).catch((error) => log.warn("a line was not woken after a decision", { line, error }));
  };
  if (!decided.ok) {
    // Claims skip locked rows, so the line may have missed this call during the decision.
    if (decided.why === "state" && decided.status === "queued") await wake(decided.line);
    return refused(c, decided);
  }
  const { callId, line, duplicate } = decided;
  await wake(line);
  const story = await callLookup(stores.lookups, c.var.reader).call(callId);
  return story === null ? refused(c, { ok: false, why: "not_found" }) : c.json({ ...story.call, duplicate }, status);
}

function refused(c: Context<AppEnv>, decided: Exclude<DecisionResult, { ok: true }>): Response {
  switch (decided.why) {
    case "not_found":
      return problem("not_found", { detail: "There is no call of this id." });
    case "state": {
      const { status, stopped } = decided;
      const late = stopped === undefined ? "" : lateSentence(stopped.unconfirmedUntil);
      return problem("call_state", {
        detail: `The call is ${status}.${late}`,
        members: { call_status: status, ...(stopped === undefined ? {} : { stopped: stoppedAnswer(c, stopped) }) },
      });
    }
    case "stopped": {
      const { reason } = decided;
      const code = reason === "rule_changed" ? "rule_changed" : "call_stopped";
      return problem(code, { detail: explain(reason), members: { reason } });
    }
    case "conversation_missing": {
      const mistake = {
        path: ["conversation_uuid"],
        reason: "is missing: Mihu gave no id for this call, so name its conversation",
      };
      return problem("invalid", { detail: `conversation_uuid: ${mistake.reason}`, errors: [mistake] });
    }
    case "conversation_taken":
      return problem("conversation_taken");
  }
}

/** The sentence about a call that was already claimed and could not be canceled. */
function lateSentence(unconfirmedUntil: number | null): string {
  const late =
    unconfirmedUntil === null
      ? "It is on its way to Mihu and cannot be canceled any more."
      : "Its line did not confirm the stop: the call may still begin until the time in `stopped`.";
  return ` ${late} No further try follows.`;
}
