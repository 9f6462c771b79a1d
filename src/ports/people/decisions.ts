/** What people decide about calls, one by one or many at once. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { VersionedLine } from "../../domain/calls/line.ts";
import type { DecidedCall, Decision, DialTimes } from "../../domain/plan/decision.ts";
import type { CallDraft } from "../../domain/plan/draft.ts";
import type { ClaimedOn } from "../calling/stops.ts";
import type { CallFilter } from "../lookups/calls.ts";
import type { Cursor } from "../page.ts";
import type { PersonAct } from "../person-act.ts";

/** Calls that may be decided, the oldest first; `next` is null when there are no more. */
export type DecidablePage = { calls: DecidedCall[]; next: Cursor | null };

/** What matches a filter, by status. `matching`: those that may be decided. `more`: there are more than were counted. */
export type Survey = {
  statuses: { status: CallStatus; count: number; ids: string[] }[];
  matching: number;
  more: boolean;
};

/**
 * A call that is to ring, when, and what it takes of its rule's `once_per`. `newest`: it rings as today's version of its rule makes it;
 * absent: as it was shown.
 */
export type Release = {
  id: string;
  times: DialTimes;
  turn: { key: string; until: number } | null;
  newest?: CallDraft;
};

/** `"moved"`: somebody was first, and its status is another. `"rule_changed"`: its rule has another version than `newest` is of. */
export type ReleaseEnd = "released" | "moved" | "suppressed" | "once_per" | "rule_changed";
/** `claimed`: a line has them. `stopped`: calls under way that were not stopped before. A call that is named nowhere has moved. */
export type Canceled = {
  readonly canceled: readonly string[];
  readonly claimed: readonly ClaimedOn[];
  readonly stopped: readonly string[];
};
export type RangEnd = "placed" | "moved" | "taken";
export type AgainEnd = { callId: string; duplicate: boolean } | "moved" | "suppressed";

/**
 * What people decide about calls. Each decision is one statement over as many calls as are given, each guarded by the status that it
 * may be decided from and each with its own entry. What an answer does not name was moved by somebody else before.
 */
export type DecisionStore = {
  call(id: string): Promise<DecidedCall | null>;
  line(slug: string): Promise<VersionedLine | null>;
  /** At most `limit` calls of a filter that may be decided so. */
  decidable(filter: CallFilter, decision: Decision, limit: number, after: Cursor | null): Promise<DecidablePage>;
  survey(filter: CallFilter, decision: Decision): Promise<Survey>;
  /** `queued`, `held` → `canceled`. A call that is under way gets no further try, and is canceled if it comes back to the queue. */
  cancel(ids: readonly string[], act: PersonAct): Promise<Canceled>;
  /** `held` → `queued`. */
  release(releases: readonly Release[], act: PersonAct): Promise<ReadonlyMap<string, ReleaseEnd>>;
  /** `review` → `placed`. `"taken"`: another call has this conversation. */
  rang(
    said: readonly { id: string; conversationUuid: string | null }[],
    act: PersonAct,
  ): Promise<ReadonlyMap<string, RangEnd>>;
  /** `review` → `canceled`. @returns those that it closed */
  close(ids: readonly string[], act: PersonAct): Promise<string[]>;
  /** A further try of calls whose end is known (`again`), or that leave `review` by it (`resolve`). */
  again(
    tries: readonly { id: string; times: DialTimes }[],
    decision: "again" | "resolve",
    act: PersonAct,
  ): Promise<ReadonlyMap<string, AgainEnd>>;
};
