/**
 * Settle: placed calls → their outcomes. What a webhook says is only a hint to look; what is believed is read from Mihu.
 */
import { looksRunMs, pollsPerRunMax } from "../domain/limits.ts";
import { compileRule } from "../domain/rule.ts";
import { furtherTry, nextPoll, type Report, reportOf } from "../domain/settle.ts";
import type { CallStore, LinePoke, OpenCall, Settlement } from "../ports/line.ts";
import type { Clock } from "../ports/runtime.ts";
import type { Voice } from "../ports/voice.ts";

export type SettlePorts = { clock: Clock; calls: CallStore; voice: Voice };

/** There is news of a conversation: its open calls that ended are settled. */
export async function settleConversation(
  ports: SettlePorts,
  line: string,
  conversationUuid: string,
): Promise<LinePoke[]> {
  const open = await ports.calls.openByConversation(line, conversationUuid);
  if (open.length === 0) return [];
  const reports = await ports.voice.conversation(conversationUuid);
  if (reports === null) return [];
  const going = open.filter((call) => !call.ended);
  // Without Mihu's id a report is the going call's; one that ended before may have it only where nobody else is.
  const only = going.length > 0 ? going : open;
  const settlements = await settlementsOf(ports, open, reports, only.length === 1 ? (only[0] ?? null) : null);
  return settlements.length === 0 ? [] : await ports.calls.settle(settlements, "mihu");
}

/**
 * Asks after placed calls that nobody told us about, each for itself: what one of them says is kept whatever comes of the next.
 *
 * @returns the lines that have room again
 */
export async function pollOpen(ports: SettlePorts, line: string): Promise<LinePoke[]> {
  const beganAt = ports.clock.now();
  const pokes: LinePoke[] = [];
  for (const call of await ports.calls.openToPoll(line, pollsPerRunMax)) {
    // What is not reached stays due, and comes with the next run.
    if (ports.clock.now() - beganAt > looksRunMs) break;
    const reports = call.conversationUuid === null ? null : await ports.voice.conversation(call.conversationUuid);
    const found = reports === null ? [] : await settlementsOf(ports, [call], reports, call);
    const waitMs = nextPoll(call, ports.clock.now());
    if (found.length > 0) pokes.push(...(await ports.calls.settle(found, "poll")));
    else if (waitMs === null) pokes.push(...(await ports.calls.settle([unspecified(call, ports.clock.now())], "poll")));
    else await ports.calls.pollLater([{ callId: call.id, waitMs }]);
  }
  return pokes;
}

async function settlementsOf(
  ports: SettlePorts,
  open: readonly OpenCall[],
  reports: readonly Report[],
  alone: OpenCall | null,
): Promise<Settlement[]> {
  const settlements: Settlement[] = [];
  for (const call of open) {
    const report = reportOf(call, reports, call === alone);
    if (report === null || !report.ended) continue;
    const outcome = report.outcome ?? "unspecified";
    const endedAt = ports.clock.now();
    settlements.push({
      callId: call.id,
      outcome,
      outcomeRaw: report.raw,
      durationS: report.durationS,
      summary: report.summary,
      recordingUrl: report.recordingUrl,
      endedAt,
      again: call.ended ? null : await again(ports, call, outcome, endedAt),
    });
  }
  return settlements;
}

async function again(
  ports: SettlePorts,
  call: OpenCall,
  outcome: Settlement["outcome"],
  nowMs: number,
): Promise<Settlement["again"]> {
  if (outcome !== "no_answer" && outcome !== "busy") return null;
  const made = await ports.calls.ruleOf(call);
  if (made === null) return null;
  const compiled = compileRule(call.rule, call.ruleVersion, made.definition);
  return compiled.ok ? furtherTry(compiled.rule, call, outcome, made.line, made.zones, nowMs) : null;
}

/** A call that Mihu has no news of for a day: it ends, and says that nobody knows more. */
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
