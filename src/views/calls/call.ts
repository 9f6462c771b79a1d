import type { CallStatus, CrmRecord, Outcome } from "../../domain/calls/call.ts";
import type { Anyway } from "../../domain/calls/rings-anyway.ts";
import { maskNumber, maskText } from "../../domain/people/mask.ts";
import type { CallDraft } from "../../domain/plan/draft.ts";
import { pauseReasons } from "../../domain/problem-reasons.ts";
import { explain } from "../../domain/reasons.ts";
import type { CallRow, Wait } from "../../ports/lookups/calls.ts";
import { harmlessDetail } from "../detail.ts";
import { iso } from "../moment.ts";
import { anywayView } from "./anyway.ts";

/** Reasons for which a queued call waits to be canceled. */
const stopReasons: ReadonlySet<string> = new Set(["rule_off", "source_closed", "suppressed"]);

/** A call as the API shows it. Field names and their order are a contract. Times are ISO 8601 in UTC. */
export type CallView = {
  readonly id: string;
  readonly try: number;
  readonly again_of: string | null;
  /** The reason that a person gave for this further try. */
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
  /** The time at which the number, the texts and the recording were erased. */
  readonly erased_at: string | null;
  readonly duration_s: number | null;
  readonly summary: string | null;
  /** The reason for which a queued call waits now; `null` for any other. */
  readonly waits: WaitView | null;
  /** Before and after a person lets it ring: that its rule or source makes no such calls any more. */
  readonly warnings: readonly Anyway[];
};

/** The reason for which a queued call, or an event without a plan, waits. `detail`: the words of the person who paused it, or Mihu's answer. */
export type WaitView = {
  readonly reason: string;
  readonly reason_text: string;
  readonly detail: string | null;
  readonly since: string | null;
  readonly until: string | null;
};

/** Nothing is masked: a pause's detail was stored without numbers, and `/readyz` shows it to every token. */
export function waitView(wait: Wait | null): WaitView | null {
  if (wait === null) return null;
  const { reason, detail, since, until } = wait;
  return { reason, reason_text: explain(reason), detail, since: iso(since), until: iso(until) };
}

/**
 * The reason of a call: the stored one, else the pause of its line. Nothing happened to a call that was queued on a paused line, so
 * nothing is stored of it.
 */
function reasonOf({ reason, waits }: Pick<CallRow, "reason" | "waits">): string | null {
  if (reason !== null || waits === null) return reason;
  return Object.hasOwn(pauseReasons, waits.reason) ? waits.reason : null;
}

/** @param seesAll whether the reader may see numbers, texts and recordings */
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
    waits: waitView(row.waits),
    // A call that something stops since does not ring.
    warnings: row.waits !== null && stopReasons.has(row.waits.reason) ? [] : anywayView(row),
  };
}

/** The call of a dry run. Nothing is masked: the client sent these texts and this number itself. */
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

/** The record that a row is about; `null` unless both parts are there. */
export function recordOf(row: { recordType: string | null; recordId: string | null }): CrmRecord | null {
  return row.recordType === null || row.recordId === null ? null : { type: row.recordType, id: row.recordId };
}
