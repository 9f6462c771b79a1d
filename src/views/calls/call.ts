import type { CallStatus, CrmRecord, Outcome } from "../../domain/calls/call.ts";
import type { Anyway } from "../../domain/calls/rings-anyway.ts";
import { pauseReasons } from "../../domain/pause-reasons.ts";
import { maskNumber, maskText } from "../../domain/people/mask.ts";
import type { CallDraft } from "../../domain/plan/draft.ts";
import { explain } from "../../domain/reasons.ts";
import type { CallRow, Wait } from "../../ports/lookups/calls.ts";
import { harmlessDetail } from "../detail.ts";
import { iso } from "../moment.ts";
import { anywayView } from "./anyway.ts";

/** Reasons for which a queued call waits for its cancellation. */
const stopReasons: ReadonlySet<string> = new Set(["rule_off", "source_closed", "suppressed"]);

/** A call as the API shows it. Field names and their order are a contract. Times are ISO 8601 in UTC. */
export type CallView = {
  readonly id: string;
  readonly try: number;
  readonly again_of: string | null;
  /** A person's reason for this further try, or the reason of a direct call with `again`. */
  readonly again_reason: string | null;
  readonly status: CallStatus;
  readonly outcome: Outcome | null;
  readonly outcome_raw: string | null;
  readonly reason: string | null;
  readonly reason_text: string | null;
  readonly detail: Record<string, unknown> | null;
  readonly source: string;
  readonly rule: string;
  readonly rule_version: number;
  readonly mode: string;
  readonly event_id: string;
  readonly line: string | null;
  readonly order_number: string | null;
  readonly record: CrmRecord | null;
  readonly number: string | null;
  readonly about: string | null;
  readonly prompt: string | null;
  readonly prompt_overwrite: boolean;
  readonly greeting: string | null;
  readonly zones: readonly string[];
  readonly conversation_uuid: string | null;
  readonly contact_uuid: string | null;
  readonly mihu_id: string | null;
  readonly listen_url: string | null;
  readonly record_url: string | null;
  readonly recording_url: string | null;
  readonly created_at: string;
  readonly due_at: string | null;
  readonly closes_at: string | null;
  readonly expires_at: string | null;
  readonly claimed_at: string | null;
  readonly placed_at: string | null;
  readonly ended_at: string | null;
  /** Time at which number, texts and recording were erased. */
  readonly erased_at: string | null;
  readonly duration_s: number | null;
  readonly summary: string | null;
  /** Time of the next look-up at Mihu, if it is unknown whether the call rang; null for any other call. */
  readonly next_look_at: string | null;
  /** Current waiting reason of a queued call; null for any other call. */
  readonly waits: WaitView | null;
  /** Warnings, before and after a release: the call's rule or source would no longer make it. */
  readonly warnings: readonly Anyway[];
};

/**
 * Waiting reason of a queued call, or of an event without a plan. `detail`: the words of the person who paused, or
 * Mihu's answer.
 */
export type WaitView = {
  readonly reason: string;
  readonly reason_text: string;
  readonly detail: string | null;
  readonly since: string | null;
  readonly until: string | null;
};

/** The detail needs no masking: it was stored without numbers, and `/readyz` shows it to every token. */
export function waitView(wait: Wait | null): WaitView | null {
  if (wait === null) return null;
  const { reason, detail, since, until } = wait;
  return { reason, reason_text: explain(reason), detail, since: iso(since), until: iso(until) };
}

/**
 * @returns The reason of a call: the stored one, else its line's pause. A pause changes no call, so no call stores it.
 */
function reasonOf({ reason, waits }: Pick<CallRow, "reason" | "waits">): string | null {
  if (reason !== null || waits === null) return reason;
  return Object.hasOwn(pauseReasons, waits.reason) ? waits.reason : null;
}

/** @param seesAll Whether the reader may see numbers, texts and recordings. */
export function callView(row: CallRow, seesAll: boolean): CallView {
  const text = seesAll ? (value: string | null) => value : (value: string | null) => maskText(value);
  const reason = reasonOf(row);
  return {
    id: row.id,
    try: row.try,
    again_of: row.againOf,
    again_reason: text(row.againReason),
    status: row.status,
    outcome: row.outcome,
    outcome_raw: row.outcomeRaw,
    reason,
    reason_text: reason === null ? null : explain(reason),
    detail: seesAll ? row.detail : harmlessDetail(row.detail),
    source: row.source,
    rule: row.rule,
    rule_version: row.ruleVersion,
    mode: row.mode,
    event_id: row.eventId,
    line: row.line,
    order_number: row.orderNumber,
    record: recordOf(row),
    number: seesAll ? row.number : maskNumber(row.number),
    about: text(row.about),
    prompt: text(row.prompt),
    prompt_overwrite: row.promptOverwrite,
    greeting: text(row.greeting),
    zones: row.zones ?? [],
    conversation_uuid: row.conversationUuid,
    contact_uuid: row.contactUuid,
    mihu_id: row.mihuId,
    listen_url: text(row.listenUrl),
    record_url: text(row.recordUrl),
    recording_url: text(row.recordingUrl),
    created_at: iso(row.createdAt),
    due_at: iso(row.dueAt),
    closes_at: iso(row.closesAt),
    expires_at: iso(row.expiresAt),
    claimed_at: iso(row.claimedAt),
    placed_at: iso(row.placedAt),
    ended_at: iso(row.endedAt),
    erased_at: iso(row.erasedAt),
    duration_s: row.durationS,
    summary: text(row.summary),
    next_look_at: row.status === "unknown" ? iso(row.pollAt ?? row.claimedAt) : null,
    waits: waitView(row.waits),
    // A call that something has stopped since does not ring.
    warnings: row.waits !== null && stopReasons.has(row.waits.reason) ? [] : anywayView(row),
  };
}

/** The call of a dry run. It needs no masking, because the client sent its texts and number. */
export function draftView(draft: CallDraft) {
  return {
    status: draft.status,
    reason: draft.reason,
    reason_text: draft.reason === null ? null : explain(draft.reason),
    detail: draft.detail,
    line: draft.line,
    number: draft.number,
    about: draft.about,
    prompt: draft.prompt,
    prompt_overwrite: draft.promptOverwrite,
    greeting: draft.greeting,
    zones: draft.zones,
    due_at: iso(draft.dueAt),
    closes_at: iso(draft.closesAt),
    expires_at: iso(draft.expiresAt),
    verdicts: draft.verdicts,
  };
}

/** The record that a row is about; null unless it has both type and id. */
export function recordOf(row: { recordType: string | null; recordId: string | null }): CrmRecord | null {
  return row.recordType === null || row.recordId === null ? null : { type: row.recordType, id: row.recordId };
}
