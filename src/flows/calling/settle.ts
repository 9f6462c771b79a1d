/**
 * Settle: placed calls get their outcomes. A webhook is only a hint. The outcome is read from Mihu, and counts only for
 * the call's own number and agent.
 *
 * | Mihu has under the conversation         | the call                                                        |
 * | --------------------------------------- | --------------------------------------------------------------- |
 * | a finished report of this call          | `ended`, with its outcome; a further try, if the rule wants one |
 * | the same, and the call has ended before | a summary, duration or recording is added, nothing is removed   |
 * | an unfinished report                    | stays; polled later                                             |
 * | reports of which two may match          | stays; polled later, at last `unspecified`                      |
 * | another number or another agent         | stays; an entry says so                                         |
 * | nothing readable                        | stays; polled later                                             |
 *
 * If Mihu returned only an id of the call, its conversation is first looked up in Mihu's list.
 *
 * Reports may be repeated, late and out of order. A call ends once, by the first of them.
 */

import { conversationOf } from "../../domain/calls/reconcile.ts";
import {
  assignReports,
  type Conversation,
  type ConversationReport,
  furtherTryOf,
  nextPoll,
} from "../../domain/calls/settle.ts";
import { looksRunMs } from "../../domain/limits.ts";
import { compileRule } from "../../domain/rules/rule.ts";
import type { LinePoke } from "../../ports/calling/line-objects.ts";
import type { Foreign, OpenCall, Settlement, SettlementStore } from "../../ports/calling/settlements.ts";
import type { Voice } from "../../ports/calling/voice.ts";
import type { Clock } from "../../ports/runtime.ts";

/** Placed calls that one run polls. */
const pollsPerRunMax = 20;

/** Conversations whose reports one run settles. */
const reportsPerRunMax = 20;

export type SettlePorts = {
  clock: Clock;
  settlements: SettlementStore;
  voice: Pick<Voice, "conversation" | "find">;
};

/** Longest pause after a list could not be read, before the conversation of a call is looked up again. */
const unreadPauseMs = 300_000;

/**
 * Results by reported conversation. `unknown`: no Hookline call has the conversation yet. `unread`: Mihu could not be
 * asked. `left`: not reached in this run. All others are done.
 */
type ReportsSettled = { pokes: LinePoke[]; unknown: string[]; unread: string[]; left: string[] };

/** Settles the line's calls whose conversations were reported. */
export async function settleConversations(
  ports: SettlePorts,
  line: string,
  conversationUuids: readonly string[],
): Promise<ReportsSettled> {
  const beganAt = ports.clock.now();
  const ours = byConversation(await ports.settlements.ofConversations(conversationUuids));
  const read: ReportsSettled = { pokes: [], unknown: [], unread: [], left: [] };
  const ends: End[] = [];
  const foreign: Foreign[] = [];
  let asked = 0;
  for (const uuid of conversationUuids) {
    const calls = ours.get(uuid) ?? [];
    if (calls.length === 0) read.unknown.push(uuid);
    if (!calls.some((call) => call.line === line && !call.settled)) continue;
    if (asked === reportsPerRunMax || ports.clock.now() - beganAt > looksRunMs) {
      read.left.push(uuid);
      continue;
    }
    asked++;
    const conversation = await ports.voice.conversation(uuid);
    if (conversation === null) {
      read.unread.push(uuid);
      continue;
    }
    const found = await settleOne(ports, line, uuid, calls, conversation);
    ends.push(...found.ends);
    foreign.push(...found.foreign);
  }
  read.pokes = await writeEnds(ports, ends, "mihu");
  if (foreign.length > 0) await ports.settlements.noteForeign(foreign, "mihu");
  return read;
}

/**
 * Polls placed calls without a report. Conversations are read one by one, and each result is stored even if a later one
 * fails.
 *
 * @returns The lines that may dial again.
 */
export async function pollOpen(ports: SettlePorts, line: string): Promise<LinePoke[]> {
  const beganAt = ports.clock.now();
  const due = await ports.settlements.openToPoll(line, pollsPerRunMax);
  const uuids = [...new Set(due.flatMap(({ conversationUuid }) => conversationUuid ?? []))];
  const ours = byConversation(uuids.length === 0 ? [] : await ports.settlements.ofConversations(uuids));
  const pokes: LinePoke[] = [];
  const settled = new Set<string>();
  const asked = new Set<string>();
  for (const call of due) {
    // The remaining calls stay due for the next run.
    if (ports.clock.now() - beganAt > looksRunMs) break;
    let uuid = call.conversationUuid;
    let unread = false;
    if (uuid === null) {
      const found = await findConversation(ports, call);
      unread = found === "unread";
      uuid = found === "unread" ? null : found;
      if (uuid !== null) ours.set(uuid, await ports.settlements.ofConversations([uuid]));
    }
    if (uuid !== null && !asked.has(uuid)) {
      asked.add(uuid);
      const conversation = await ports.voice.conversation(uuid);
      if (conversation !== null) {
        const { ends, foreign } = await settleOne(ports, line, uuid, ours.get(uuid) ?? [], conversation);
        pokes.push(...(await writeEnds(ports, ends, "poll")));
        if (foreign.length > 0) await ports.settlements.noteForeign(foreign, "poll");
        for (const { settlement } of ends) settled.add(settlement.callId);
      }
    }
    if (settled.has(call.id)) continue;
    const waitMs = nextPoll(call, ports.clock.now());
    if (waitMs === null)
      pokes.push(...(await writeEnds(ports, [{ call, settlement: unspecified(call, ports.clock.now()) }], "poll")));
    else
      await ports.settlements.pollLater([
        { callId: call.id, waitMs: unread ? Math.min(waitMs, unreadPauseMs) : waitMs },
      ]);
  }
  return pokes;
}

/** Finds the conversation of a call for which Mihu returned only an id of the call. Null if it cannot be found now. */
async function findConversation(ports: SettlePorts, call: OpenCall): Promise<string | "unread" | null> {
  const { id, agent, number, claimedAt, mihuId } = call;
  if (mihuId === null || agent === null) return null;
  const found = await ports.voice.find(agent, number, claimedAt);
  if (found === null) return "unread";
  if (found.calls.length === 0) return null;
  const known = { id, agent, number, claimedAt, looks: 0, mihuId };
  const conversation = conversationOf(known, found, await ports.settlements.othersOf(known, found.calls));
  if (conversation === null || !(await ports.settlements.joinConversation(id, conversation, "poll"))) return null;
  return conversation.conversationUuid;
}

/**
 * Settles this line's calls in a conversation. Calls of other lines are compared too, so that none of their reports is
 * used.
 */
async function settleOne(
  ports: SettlePorts,
  line: string,
  conversationUuid: string,
  calls: readonly OpenCall[],
  conversation: Conversation,
): Promise<{ ends: End[]; foreign: Foreign[] }> {
  const { found, foreign } = assignReports(calls, conversation);
  const ends: End[] = [];
  const mismatches: Foreign[] = [];
  for (const call of calls) {
    if (call.line !== line || call.settled) continue;
    const report = found.get(call.id);
    const mismatch = foreign.get(call.id);
    if (report?.ended === true) ends.push({ call, settlement: await settlementOf(ports, call, report) });
    if (mismatch !== undefined && !call.ended) mismatches.push({ callId: call.id, conversationUuid, mismatch });
  }
  return { ends, foreign: mismatches };
}

/** A call with its outcome. */
type End = { readonly call: OpenCall; readonly settlement: Settlement };

/**
 * Writes outcomes. If a line changed after the times of further tries were computed, its calls are recomputed once. A
 * call that is left out again stays due.
 */
async function writeEnds(ports: SettlePorts, ends: readonly End[], actor: string): Promise<LinePoke[]> {
  if (ends.length === 0) return [];
  const { settlements } = ports;
  const first = await settlements.settle(
    ends.map(({ settlement }) => settlement),
    actor,
  );
  if (first.left.length === 0) return first.pokes;
  const anew: Settlement[] = [];
  for (const { call, settlement } of ends.filter(({ call: { id } }) => first.left.includes(id)))
    anew.push({ ...settlement, again: await again(ports, call, settlement.outcome, settlement.endedAt) });
  return [...first.pokes, ...(await settlements.settle(anew, actor)).pokes];
}

async function settlementOf(ports: SettlePorts, call: OpenCall, report: ConversationReport): Promise<Settlement> {
  const outcome = report.outcome ?? "unspecified";
  const endedAt = ports.clock.now();
  return {
    callId: call.id,
    outcome,
    outcomeRaw: report.raw,
    durationS: report.durationS,
    summary: report.summary,
    recordingUrl: report.recordingUrl,
    endedAt,
    again: call.ended ? null : await again(ports, call, outcome, endedAt),
  };
}

async function again(
  ports: SettlePorts,
  call: OpenCall,
  outcome: Settlement["outcome"],
  nowMs: number,
): Promise<Settlement["again"]> {
  if (outcome !== "no_answer" && outcome !== "busy") return null;
  const made = await ports.settlements.ruleOf(call);
  if (made === null) return null;
  const compiled = compileRule(call.rule, call.ruleVersion, made.definition);
  const { line, zones } = made;
  const times = compiled.ok ? furtherTryOf(compiled.rule, { try: call.try, outcome, line, zones }, nowMs) : null;
  return times === null ? null : { ...times, line };
}

/** Ends a call without a known outcome, once Mihu has reported nothing for a day. */
function unspecified(call: OpenCall, endedAt: number): Settlement {
  return {
    callId: call.id,
    outcome: "unspecified",
    outcomeRaw: null,
    durationS: null,
    summary: null,
    recordingUrl: null,
    endedAt,
    again: null,
  };
}

function byConversation(calls: readonly OpenCall[]): Map<string, OpenCall[]> {
  const groups = new Map<string, OpenCall[]>();
  for (const call of calls) {
    if (call.conversationUuid === null) continue;
    const group = groups.get(call.conversationUuid);
    if (group === undefined) groups.set(call.conversationUuid, [call]);
    else group.push(call);
  }
  return groups;
}
