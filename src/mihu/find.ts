/**
 * The calls that Mihu has between an agent and a number: what a call whose answer was lost is looked for among.
 *
 * The list knows no filter by time, and its `phone` is a partial match: what is read here is a superset, and what each call is
 * (inbound, simulated, of a campaign …) is told and not judged. Nothing that rings is asked.
 */

import { beginWindow, type Found, type FoundCall } from "../domain/calls/reconcile.ts";
import type { JsonObject, JsonValue } from "../domain/json.ts";
import { parseNumber } from "../domain/people/phone.ts";
import { type Get, readList } from "./lists.ts";
import { idOf, objectOf, pathIdOf, timeOf } from "./wire.ts";

/** Conversations of one agent with one number that are looked through, newest first. */
const conversationsPerPage = 50;
const conversationPagesMax = 4;
/** Conversations whose sessions are read in one search. */
const sessionListsMax = 8;

/** What is the same for every call of a conversation. */
export type Marks = Omit<FoundCall, "callId" | "moments">;

/**
 * @param aroundMs epoch milliseconds of the claim: conversations in which nothing can have begun then are not read further
 * @returns the calls, and whether all that may be meant was read; `null` when a list cannot be read
 */
export async function findMihuCalls(get: Get, agent: string, number: string, aroundMs: number): Promise<Found | null> {
  const query = { phone: number, agent_uuid: agent, channel: "call", sort_by: "created_at", sort_dir: "desc" };
  const bounds = { perPage: conversationsPerPage, pagesMax: conversationPagesMax };
  const list = await readList(get, "/conversations", query, bounds);
  if (list.failed) return null;
  const { fromMs, toMs } = beginWindow(aroundMs);
  const calls = new Map<string, FoundCall>();
  const keep = (call: FoundCall) => calls.set(`${call.conversationUuid} ${call.callId ?? call.moments.join()}`, call);
  let { complete } = list;
  let sessionLists = 0;
  const seen = new Set<string>();
  for (const item of list.items) {
    const conversation = objectOf(item);
    const uuid = pathIdOf(conversation?.uuid);
    // A page may repeat what came in between the two questions.
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
    if (sessions.failed) return null;
    if (!sessions.complete) complete = false;
    for (const session of sessions.items) keep(sessionCall(objectOf(session), marks));
    if (sessions.items.length === 0) keep({ ...marks, callId: null, moments: momentsOf(conversation.created_at) });
  }
  return { calls: [...calls.values()], complete };
}

/** What a conversation says of itself. @param uuid its id */
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

/** Whether nothing of a conversation can have begun in the window: it is younger, or its last sign of life is older. */
function isQuiet(conversation: JsonObject, fromMs: number, toMs: number): boolean {
  const createdAt = timeOf(conversation.created_at);
  const updatedAt = timeOf(conversation.updated_at);
  if (createdAt !== null && createdAt > toMs) return true;
  if (updatedAt === null) return false;
  return Math.max(createdAt ?? 0, updatedAt, timeOf(objectOf(conversation.call)?.timestamp) ?? 0) < fromMs;
}

/** The call of a conversation that has no more than one and names it; `null` where its sessions must tell. */
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

/** Whether it came in. The words that Mihu uses are not documented; both fields are known to exist in comparable APIs. */
export function isInbound(of: JsonObject): boolean {
  return [of.type, of.direction].some((word) => /in[-_ ]?bound|incoming/i.test(textOf(word) ?? ""));
}

/** Anything but nothing: a mark that cannot be read is taken for one that is set. */
function isSet(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "" && value !== "0";
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** @returns E.164, or null for what is no number */
export function e164Of(value: JsonValue | undefined): string | null {
  const parsed = typeof value === "string" ? parseNumber(value, null) : null;
  return parsed?.ok === true ? parsed.e164 : null;
}
