/**
 * Reconciliation: finds the call at Mihu for a Hookline call whose answer was lost. Pure. Refused: every call at Mihu
 * that Hookline may not have placed. Such a call is inbound or simulated, belongs to a campaign or a task, has another
 * agent or number, started outside the window, or is taken by another Hookline call. A remaining call is adopted only
 * if no other call remains and the whole list was read. A wrong adoption would hide that a customer was not called, or
 * show one customer's conversation for another.
 * Not guaranteed: that Hookline placed an adopted call. If another system calls the same number with the same agent
 * within two minutes, without a campaign or task, nothing that Mihu stores tells the two apart.
 */
import { looksAfterMs, mihuChannelWaitMs, mihuClockSkewMs } from "../limits.ts";
import type { ReasonCode } from "../reasons.ts";
import { sameId } from "./call.ts";

/** Longest delay before an unreadable list is requested again. */
const unreadablePauseMaxMs = 900_000;

/** A call in status `unknown`. Times are epoch milliseconds by Postgres' clock. */
export type UnknownCall = {
  readonly id: string;
  /** The line's present agent. If the agent was changed meanwhile, nothing is found and a person decides. */
  readonly agent: string;
  /** E.164. */
  readonly number: string;
  readonly claimedAt: number;
  /** Successful look-ups so far that found nothing. */
  readonly looks: number;
};

/** One call at Mihu: a session of a conversation, or a conversation with at most one session. */
export type FoundCall = {
  readonly conversationUuid: string;
  readonly contactUuid: string | null;
  /** Mihu's id of the call itself; null before it has one. */
  readonly callId: string | null;
  readonly agent: string | null;
  /** E.164; null if it cannot be read. */
  readonly number: string | null;
  /** Start of the call. For the only call of a conversation, also the creation of the conversation. */
  readonly moments: readonly number[];
  readonly channel: string | null;
  readonly simulation: boolean;
  readonly inbound: boolean;
  readonly campaign: boolean;
  readonly task: boolean;
};

/** Calls in Mihu's list. `complete`: the list was read to its end. */
export type Found = { readonly calls: readonly FoundCall[]; readonly complete: boolean };

/** Another Hookline call that is, or may be, one of the calls that were found at Mihu. */
export type OtherCall = {
  readonly conversationUuid: string | null;
  readonly mihuId: string | null;
  readonly claimedAt: number;
};

/** Values that a call takes from Mihu's call when it is adopted. `placedAt` is the start by Mihu's clock. */
export type Adoption = {
  readonly conversationUuid: string;
  readonly contactUuid: string | null;
  readonly mihuId: string | null;
  readonly placedAt: number;
};

/** Reason why a person has to decide, and the candidate conversations. */
export type Doubt = {
  readonly reason: Extract<ReasonCode, "not_found" | "several_found">;
  readonly conversations: readonly string[];
};

type ReconcileDecision =
  | { readonly kind: "adopt"; readonly adoption: Adoption }
  | { readonly kind: "review"; readonly doubt: Doubt }
  | { readonly kind: "later"; readonly waitMs: number };

/** Candidate conversations that a review names. */
const namedMax = 10;

/** @returns First and last time at which a call of that claim may have started. */
export function beginWindow(claimedAt: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: claimedAt - mihuClockSkewMs, toMs: claimedAt + mihuChannelWaitMs };
}

/**
 * Decides about an unknown call after Mihu's list was read.
 *
 * @param others Other Hookline calls that are, or may be, one of the calls found at Mihu.
 */
export function reconcileCall(call: UnknownCall, found: Found, others: readonly OtherCall[]): ReconcileDecision {
  const free = found.calls.flatMap((one) => {
    const beganAt = momentIn(one, call.claimedAt);
    if (beganAt === null || !mayBeOurs(one, call)) return [];
    return others.some((other) => hasTaken(other, one, found.calls)) ? [] : [{ one, beganAt }];
  });
  const [only] = free;
  if (only !== undefined && free.length === 1 && found.complete) {
    const { conversationUuid, contactUuid, callId } = only.one;
    return { kind: "adopt", adoption: { conversationUuid, contactUuid, mihuId: callId, placedAt: only.beganAt } };
  }
  if (only !== undefined) {
    const conversations = [...new Set(free.map(({ one }) => one.conversationUuid))].slice(0, namedMax);
    return { kind: "review", doubt: { reason: "several_found", conversations } };
  }
  const waitMs = nextLook(call.looks);
  return waitMs === null
    ? { kind: "review", doubt: { reason: "not_found", conversations: [] } }
    : { kind: "later", waitMs };
}

/**
 * Finds the conversation of a placed call for which Mihu's answer had only the call's id. If Mihu's list contains ids
 * of calls, the id decides. Otherwise the only call that fits is taken.
 *
 * @param call The placed call: its id at Mihu is known, its conversation is not.
 * @param others As for {@link reconcileCall}.
 * @returns The conversation; null if it is not known yet, or never will be.
 */
export function conversationOf(
  call: UnknownCall & { readonly mihuId: string },
  found: Found,
  others: readonly OtherCall[],
): Pick<FoundCall, "conversationUuid" | "contactUuid"> | null {
  const named = found.calls.find((one) => sameId(one.callId, call.mihuId) && mayBeOurs(one, call));
  if (named !== undefined) return named;
  if (found.calls.some(({ callId }) => callId !== null)) return null;
  const decision = reconcileCall(call, found, others);
  return decision.kind === "adopt" ? decision.adoption : null;
}

/**
 * Delay after an unreadable list. It equals the time since the claim, so delays double.
 *
 * @returns Milliseconds, from 15 s to 15 min.
 */
export function unreadablePause(claimedAt: number, nowMs: number): number {
  return Math.min(Math.max(nowMs - claimedAt, looksAfterMs[0]), unreadablePauseMaxMs);
}

/** @returns Delay until the next look-up; null after the last. */
function nextLook(looks: number): number | null {
  const [at, next] = [looksAfterMs[looks], looksAfterMs[looks + 1]];
  return at === undefined || next === undefined ? null : next - at;
}

function mayBeOurs(one: FoundCall, call: UnknownCall): boolean {
  return (
    sameId(one.agent, call.agent) &&
    one.number === call.number &&
    (one.channel === null || one.channel === "call") &&
    !(one.simulation || one.inbound || one.campaign || one.task)
  );
}

/**
 * Whether a found call is, or may be, another Hookline call. A conversation may contain several calls.
 *
 * If Mihu's id of the other call is among them, the other call is that one. If not, it is the conversation's only call,
 * or may be any that started in its own window.
 */
function hasTaken(other: OtherCall, one: FoundCall, all: readonly FoundCall[]): boolean {
  const { conversationUuid, mihuId, claimedAt } = other;
  if (mihuId !== null && sameId(one.callId, mihuId)) return true;
  if (conversationUuid !== null && !sameId(one.conversationUuid, conversationUuid)) return false;
  if (mihuId !== null && all.some(({ callId }) => sameId(callId, mihuId))) return false;
  const alone = !all.some((sibling) => sibling !== one && sameId(sibling.conversationUuid, one.conversationUuid));
  return (conversationUuid !== null && alone) || momentIn(one, claimedAt) !== null;
}

function momentIn(one: FoundCall, claimedAt: number): number | null {
  const { fromMs, toMs } = beginWindow(claimedAt);
  return one.moments.find((moment) => moment >= fromMs && moment <= toMs) ?? null;
}
