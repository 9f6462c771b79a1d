/** People's decisions about calls, single or in bulk. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { VersionedLine } from "../../domain/calls/line.ts";
import type { DecidedCall, Decision, DialTimes } from "../../domain/plan/decision.ts";
import type { CallDraft } from "../../domain/plan/draft.ts";
import type { ClaimedOn } from "../calling/stops.ts";
import type { CallFilter } from "../lookups/calls.ts";
import type { Cursor } from "../page.ts";
import type { PersonAct } from "../person-act.ts";

/** Calls that may be decided, the oldest first; `next` is null at the end. */
export type DecidablePage = { calls: DecidedCall[]; next: Cursor | null };

/** Calls that match a filter, by status. `matching`: the calls that may be decided. `more`: the count is incomplete. */
export type Survey = {
  statuses: { status: CallStatus; count: number; ids: string[] }[];
  matching: number;
  more: boolean;
};

/**
 * A call to release, its time, and its turn of the rule's `once_per`. `newest`: the call rings by the current version
 * of its rule; if absent, as it was shown.
 */
export type Release = {
  id: string;
  times: DialTimes;
  turn: { key: string; until: number } | null;
  newest?: CallDraft;
};

/** `"moved"`: the call's status changed meanwhile. `"rule_changed"`: the rule has another version than `newest`. */
export type ReleaseEnd = "released" | "moved" | "suppressed" | "once_per" | "rule_changed";
/**
 * `claimed`: lines hold these calls. `stopped`: calls in flight that were not stopped before. A call in none of the
 * lists has moved.
 */
export type Canceled = {
  readonly canceled: readonly string[];
  readonly claimed: readonly ClaimedOn[];
  readonly stopped: readonly string[];
};
export type RangEnd = "placed" | "moved" | "taken";
export type AgainEnd = { callId: string; duplicate: boolean } | "moved" | "suppressed";

/**
 * People's decisions about calls. A decision is one statement for all given calls. Each call is guarded by the statuses
 * that allow the decision, and gets its own entry. A call that is missing from the result had another status.
 */
export type DecisionStore = {
  call(id: string): Promise<DecidedCall | null>;
  line(slug: string): Promise<VersionedLine | null>;
  /** At most `limit` calls of a filter that allow this decision. */
  decidable(filter: CallFilter, decision: Decision, limit: number, after: Cursor | null): Promise<DecidablePage>;
  survey(filter: CallFilter, decision: Decision): Promise<Survey>;
  /**
   * `queued`, `held` → `canceled`. A call in flight gets no further try, and is canceled if it returns to the queue.
   */
  cancel(ids: readonly string[], act: PersonAct): Promise<Canceled>;
  /** `held` → `queued`. */
  release(releases: readonly Release[], act: PersonAct): Promise<ReadonlyMap<string, ReleaseEnd>>;
  /** `review` → `placed`. `"taken"`: another call has this conversation. */
  rang(
    said: readonly { id: string; conversationUuid: string | null }[],
    act: PersonAct,
  ): Promise<ReadonlyMap<string, RangEnd>>;
  /** `review` → `canceled`. @returns The closed calls. */
  close(ids: readonly string[], act: PersonAct): Promise<string[]>;
  /** Makes further tries of calls with a known end (`again`), or of calls that leave `review` by it (`resolve`). */
  again(
    tries: readonly { id: string; times: DialTimes }[],
    decision: "again" | "resolve",
    act: PersonAct,
  ): Promise<ReadonlyMap<string, AgainEnd>>;
};
