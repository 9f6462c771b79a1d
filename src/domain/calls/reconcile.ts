/**
 * Reconcile: which of Mihu's calls is one of ours whose answer was lost. Pure.
 *
 * Refused: every call that may not be ours (inbound, simulated, of a campaign or a task, of another agent or number, outside the
 * window, taken by another call of ours). A remaining call is adopted only if it is the only one and the whole list was read: a wrong
 * adoption hides a customer who was not rung, or shows one customer a talk with another.
 *
 * Not guaranteed: that an adopted call is ours if another system rings the same number with the same agent within two minutes, without
 * campaign or task. Mihu stores nothing of a request that could tell the two apart.
 */
import { looksAfterMs, mihuChannelWaitMs, mihuClockSkewMs } from "../limits.ts";
import type { ReasonCode } from "../reasons.ts";
import { sameId } from "./call.ts";

/** Longest pause before a list that cannot be read is requested again. */
const unreadablePauseMaxMs = 900_000;

/** A call in status `unknown`. Times are epoch milliseconds, by Postgres' clock. */
export type UnknownCall = {
  readonly id: string;
  /** The line's agent as it is now: a line whose agent was changed meanwhile finds nothing, and a person decides. */
  readonly agent: string;
  /** E.164. */
  readonly number: string;
  readonly claimedAt: number;
  /** Looks so far that could be read and found nothing. */
  readonly looks: number;
};

/** One call as Mihu has it: a session of a conversation, or a conversation that has no more than one. */
export type FoundCall = {
  readonly conversationUuid: string;
  readonly contactUuid: string | null;
  /** Mihu's id of the call itself; `null` while it has none. */
  readonly callId: string | null;
  readonly agent: string | null;
  /** E.164; `null` when it cannot be read. */
  readonly number: string | null;
  /** When it began: of a conversation's only call also when the conversation was created. */
  readonly moments: readonly number[];
  readonly channel: string | null;
  readonly simulation: boolean;
  readonly inbound: boolean;
  readonly campaign: boolean;
  readonly task: boolean;
};

/** Calls found in Mihu's list. `complete`: the list was read to its end. */
export type Found = { readonly calls: readonly FoundCall[]; readonly complete: boolean };

/** Another call of ours that has, or may have, one of the calls that were found. */
export type OtherCall = {
  readonly conversationUuid: string | null;
  readonly mihuId: string | null;
  readonly claimedAt: number;
};

/** Values that an adopted call takes from Mihu's. `placedAt` is its begin by Mihu's clock. */
export type Adoption = {
  readonly conversationUuid: string;
  readonly contactUuid: string | null;
  readonly mihuId: string | null;
  readonly placedAt: number;
};

/** Why a person has to decide, and the conversations that may be meant. */
export type Doubt = {
  readonly reason: Extract<ReasonCode, "not_found" | "several_found">;
  readonly conversations: readonly string[];
};

type ReconcileDecision =
  | { readonly kind: "adopt"; readonly adoption: Adoption }
  | { readonly kind: "review"; readonly doubt: Doubt }
  | { readonly kind: "later"; readonly waitMs: number };

/** Conversations that a review names: enough to choose from. */
const namedMax = 10;

/** @returns the first and the last moment at which a call that was claimed then may have begun */
export function beginWindow(claimedAt: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: claimedAt - mihuClockSkewMs, toMs: claimedAt + mihuChannelWaitMs };
}

/**
 * Decides what becomes of an unknown call after Mihu's list was read.
 *
 * @param others our other calls that have, or may have, one of those found
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
 * Finds the conversation of a placed call, if Mihu's answer held the call's id alone. If Mihu's list names its calls, the id decides.
 * Otherwise the only call that fits is taken.
 *
 * @param call as placed: its id at Mihu is known, its conversation is not
 * @param others as of {@link reconcileCall}
 * @returns `null`: unknown so far, or for ever
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
 * Pause after a list that could not be read: as long as has passed since the claim, so that pauses double.
 *
 * @returns milliseconds, from 15 s to 15 min
 */
export function unreadablePause(claimedAt: number, nowMs: number): number {
  return Math.min(Math.max(nowMs - claimedAt, looksAfterMs[0]), unreadablePauseMaxMs);
}

/** @returns the pause between this look and the next; `null` after the last */
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
 * Whether a found call is, or may be, another call of ours. A conversation may hold several. If Mihu's id of the other call names one of
 * them, the other call has that one alone. If it names none, the other call has the only call of its conversation, or may have any that
 * began in its own window.
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
