/** The calls of one conversation, merged from the two forms in which Mihu reports them. Pure. */

import type { ConversationReport } from "../domain/calls/settle.ts";
import type { JsonObject, JsonValue } from "../domain/json.ts";
import { e164Of, isInbound, marksOf } from "./find.ts";
import { outcomeOf, outcomeOfWord, rawOutcome } from "./outcomes.ts";
import { durationOf, httpsUrlOf, idOf, objectOf, summaryOf, timeOf } from "./wire.ts";

/**
 * @param conversation The `data` of `GET /conversations/{uuid}`.
 * @returns Whether the sessions need not be read: there is at most one, and its call has an id and a final status.
 */
export function namesEveryCall(conversation: JsonObject): boolean {
  const call = objectOf(conversation.call);
  const sessions = conversation.session_uuids;
  if (call === null || !Array.isArray(sessions) || sessions.length > 1) return false;
  return idOf(call.uuid) !== null && outcomeOfWord(rawOutcome(call.status)) !== null;
}

/**
 * Reads all known calls. The conversation's own `call` is the newest; earlier ones are only in its sessions.
 *
 * @param conversation The `data` of `GET /conversations/{uuid}`.
 * @param sessions The items of `GET /conversations/{uuid}/sessions`, in any order; empty if they could not be read.
 * @param nowMs Epoch milliseconds.
 * @returns One report per call, newest first.
 */
export function readCalls(
  conversation: JsonObject,
  sessions: readonly JsonValue[],
  nowMs: number,
): ConversationReport[] {
  const newestFirst = sessions
    .map((item) => objectOf(item))
    .filter((item) => item !== null)
    .sort((one, other) => startOf(other) - startOf(one));
  const call = objectOf(conversation.call);
  const whose = whoseOf(conversation);
  if (call === null) return newestFirst.map((session) => report(null, session, whose, nowMs));

  const callId = idOf(call.uuid);
  const own = callId === null ? newestFirst[0] : newestFirst.find((session) => idOf(session.call_uuid) === callId);
  const others = newestFirst.filter((session) => session !== own);
  return [report(call, own ?? null, whose, nowMs), ...others.map((session) => report(null, session, whose, nowMs))];
}

type Whose = Pick<ConversationReport, "number" | "agent" | "elsewhere">;

function whoseOf(conversation: JsonObject): Whose {
  const { number, agent, simulation, inbound, campaign, task } = marksOf(conversation, "");
  return { number, agent, elsewhere: simulation || inbound || campaign || task };
}

function report(call: JsonObject | null, session: JsonObject | null, whose: Whose, nowMs: number): ConversationReport {
  // A session's `status` describes the session, not the call. `ended` would hide a busy line.
  const word = rawOutcome(call?.status);
  const durationS = durationOf(call?.duration) ?? durationOf(session?.duration);
  const summary = summaryOf(call?.summary) ?? summaryOf(session?.summary);
  const sessionEndedAt = timeOf(session?.ended_at);
  const outcome = outcomeOf({ word, durationS, hasSummary: summary !== null, sessionEndedAt }, nowMs);
  return {
    callId: idOf(call?.uuid) ?? idOf(session?.call_uuid),
    ended: outcome !== null,
    outcome,
    raw: word,
    durationS,
    summary,
    recordingUrl: httpsUrlOf(call?.recording_url) ?? httpsUrlOf(session?.recording_url),
    startedAt: timeOf(session?.started_at) ?? timeOf(call?.timestamp),
    number: e164Of(objectOf(session?.contact)?.phone_number) ?? whose.number,
    agent: idOf(session?.agent_uuid) ?? whose.agent,
    elsewhere: whose.elsewhere || (session !== null && isInbound(session)),
  };
}

/** A session without a time counts as the oldest. */
function startOf(session: JsonObject): number {
  return timeOf(session.started_at) ?? timeOf(session.created_at) ?? 0;
}
