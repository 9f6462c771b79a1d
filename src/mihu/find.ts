/**
 * Finds Mihu's calls between an agent and a number, to look up a call whose POST got no response.
 *
 * Mihu's list cannot be filtered by time, and its `phone` is a partial match, so the result is a superset. The kind of
 * each call (inbound, simulated, of a campaign) is reported, and the caller judges it. Only GETs are sent.
 */

import { beginWindow, type Found, type FoundCall } from "../domain/calls/reconcile.ts";
import type { JsonObject, JsonValue } from "../domain/json.ts";
import { parseNumber } from "../domain/people/phone.ts";
import { type Get, readList } from "./lists.ts";
import { idOf, objectOf, pathIdOf, timeOf } from "./wire.ts";

/** Conversations of an agent with a number that are searched, newest first. */
const conversationsPerPage = 50;
const conversationPagesMax = 4;
/** Conversations whose sessions are read in one search. */
const sessionListsMax = 8;

/** Properties shared by the calls of a conversation. */
type Marks = Omit<FoundCall, "callId" | "moments">;

/**
 * @param aroundMs Time of the claim, in epoch milliseconds. Conversations that cannot contain a call of that time are
 *   skipped.
 * @returns The calls, and whether all candidates were read; null if a list cannot be read.
 */
export async function findMihuCalls(get: Get, agent: string, number: string, aroundMs: number): Promise<Found | null> {
  const query = { phone: number, agent_uuid: agent, channel: "call", sort_by: "created_at", sort_dir: "desc" };
  const bounds = { perPage: conversationsPerPage, pagesMax: conversationPagesMax };
  const list = await readList(get, "/conversations", query, bounds);
  if (list.failed !== null) return null;
  const { fromMs, toMs } = beginWindow(aroundMs);
  const calls = new Map<string, FoundCall>();
  const keep = (call: FoundCall) => calls.set(`${call.conversationUuid} ${call.callId ?? call.moments.join()}`, call);
  let { complete } = list;
  let sessionLists = 0;
  const seen = new Set<string>();
  for (const item of list.items) {
    const conversation = objectOf(item);
    const uuid = pathIdOf(conversation?.uuid);
    // Items repeat on the next page if new ones were added meanwhile.
    if (conversation === null || uuid === null || seen.has(uuid)) continue;
    seen.add(uuid);
    const marks = marksOf(conversation, uuid);
    if (marks.number !== number) continue;
    const only = onlyCallOf(conversation);
    if (only !== null) {
      keep({ ...marks, ...only });
      continue;
    }
    if (isQuiet(conversation, fromMs, toMs)) continue;
    if (sessionLists === sessionListsMax) {
      complete = false;
      continue;
    }
    sessionLists++;
    const sessions = await readList(get, `/conversations/${uuid}/sessions`);
    if (sessions.failed !== null) return null;
    if (!sessions.complete) complete = false;
    for (const session of sessions.items) keep(sessionCall(objectOf(session), marks));
    if (sessions.items.length === 0) keep({ ...marks, callId: null, moments: momentsOf(conversation.created_at) });
  }
  return { calls: [...calls.values()], complete };
}

/**
 * @param uuid Id of the conversation.
 * @returns Properties shared by its calls.
 */
export function marksOf(conversation: JsonObject, uuid: string): Marks {
  const contact = objectOf(conversation.contact);
  return {
    conversationUuid: uuid,
    contactUuid: idOf(contact?.uuid),
    agent: idOf(conversation.agent_uuid),
    number: e164Of(contact?.phone_number),
    channel: textOf(conversation.channel),
    simulation: isSet(conversation.is_simulation),
    inbound: isInbound(conversation),
    campaign: isSet(conversation.campaign_uuid),
    task: isSet(conversation.task_uuids),
  };
}

/**
 * Whether no call of a conversation can have started in the window: it was created later, or its last activity was
 * earlier.
 */
function isQuiet(conversation: JsonObject, fromMs: number, toMs: number): boolean {
  const createdAt = timeOf(conversation.created_at);
  const updatedAt = timeOf(conversation.updated_at);
  if (createdAt !== null && createdAt > toMs) return true;
  if (updatedAt === null) return false;
  return Math.max(createdAt ?? 0, updatedAt, timeOf(objectOf(conversation.call)?.timestamp) ?? 0) < fromMs;
}

/** @returns The only call of a conversation, if the list reports it; null if the sessions must be read. */
function onlyCallOf(conversation: JsonObject): Pick<FoundCall, "callId" | "moments"> | null {
  const call = objectOf(conversation.call);
  const callId = idOf(call?.uuid);
  const sessions = conversation.session_uuids;
  if (callId === null || !Array.isArray(sessions) || sessions.length > 1) return null;
  return { callId, moments: momentsOf(conversation.created_at, call?.timestamp) };
}

function sessionCall(session: JsonObject | null, marks: Marks): FoundCall {
  return {
    ...marks,
    agent: session?.agent_uuid === undefined ? marks.agent : idOf(session.agent_uuid),
    inbound: marks.inbound || (session !== null && isInbound(session)),
    callId: idOf(session?.call_uuid),
    moments: momentsOf(session?.started_at, session?.created_at).slice(0, 1),
  };
}

function momentsOf(...values: (JsonValue | undefined)[]): number[] {
  return values.map(timeOf).filter((moment) => moment !== null);
}

/** Whether the call is inbound. Mihu does not document the field; both names exist in comparable APIs. */
export function isInbound(of: JsonObject): boolean {
  return [of.type, of.direction].some((word) => /in[-_ ]?bound|incoming/i.test(textOf(word) ?? ""));
}

/** Whether a flag is set. An unreadable value counts as set. */
function isSet(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "" && value !== "0";
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** @returns E.164; null if the text is no phone number. */
export function e164Of(value: JsonValue | undefined): string | null {
  const parsed = typeof value === "string" ? parseNumber(value, null) : null;
  return parsed?.ok === true ? parsed.e164 : null;
}
