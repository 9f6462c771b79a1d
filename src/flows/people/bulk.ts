/**
 * Bulk: one decision about all calls of a filter, the oldest first, up to the limit of one request. Each call passes
 * the gates, has its guard and its entry, as if it were decided alone. If another change of a call was faster, that
 * change wins and the call is counted as `moved`.
 */

import type { MadeCall } from "../../domain/calls/rings-anyway.ts";
import type { DecidedCall } from "../../domain/plan/decision.ts";
import type { CallFilter } from "../../ports/lookups/calls.ts";
import type { Cursor } from "../../ports/page.ts";
import type { Survey } from "../../ports/people/decisions.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { type ClaimsStopped, type StopPorts, stopClaimed } from "../calling/stop.ts";
import {
  type BulkVerb,
  decideThese,
  type Ends,
  endsOfClaimed,
  mayDecide,
  newestOf,
  rings,
  ruleName,
  tally,
} from "./decide-these.ts";
import type { Newest, NewestPorts } from "./render-newest.ts";

/** Calls of one bulk decision. One statement writes all of them with their entries and verdicts. */
const callsPerBulkMax = 1_000;

/** Result of one request. */
type BulkDone = {
  readonly done: number;
  /**
   * Calls left as they were, by reason: a gate's reason, `moved` (the status changed meanwhile), or a missing part of a
   * resolution.
   */
  readonly skipped: Readonly<Record<string, number>>;
  /** Calls of `done` that will ring, in their state before. */
  readonly rung: readonly MadeCall[];
  /** Lines with calls to dial now. */
  readonly lines: readonly string[];
  /** Cursor of the next request; null at the end. */
  readonly next: Cursor | null;
  /** For a cancellation: calls that lines had claimed. */
  readonly stopped: ClaimsStopped | null;
};

/** The plan of a decision: all matching calls by status, and for the first request the calls that a gate would stop. */
type BulkPlan = Survey & {
  readonly stopped: Readonly<Record<string, number>>;
  /** Calls of the first request that would ring. */
  readonly rung: readonly MadeCall[];
  /** For a release by current rules: their versions, and the differences of some calls. */
  readonly versions: Readonly<Record<string, number>>;
  readonly differing: readonly { readonly call: DecidedCall; readonly newest: Newest }[];
};

/** Calls of a plan for which the difference is shown. */
const differingMax = 10;

/** Decides about the calls of a filter, beginning after `after`. */
export async function decideMany(
  ports: NewestPorts & StopPorts,
  what: BulkVerb,
  filter: CallFilter,
  after: Cursor | null,
  act: PersonAct,
): Promise<BulkDone> {
  const { calls, next } = await ports.decisions.decidable(filter, what.verb, callsPerBulkMax, after);
  const { ends, stopped } =
    calls.length === 0 ? { ends: new Map(), stopped: null } : await writeDecisions(ports, what, calls, act);
  const left = rings(what) ? calls.filter(({ id }) => !ends.has(id)) : [];
  if (left.length > 0) {
    // A line, a source or a call changed meanwhile. Calls that may still be decided are read and computed again, once.
    const ids = new Set(left.map(({ id }) => id));
    const fresh = (await ports.decisions.decidable(filter, what.verb, callsPerBulkMax, after)).calls;
    const again = fresh.filter(({ id }) => ids.has(id));
    if (again.length > 0)
      for (const [id, end] of (await writeDecisions(ports, what, again, act)).ends) ends.set(id, end);
  }
  const done = calls.filter(({ id }) => ends.get(id) === null);
  return {
    done: done.length,
    rung: rungBy(what, done),
    skipped: tally(calls.flatMap(({ id }) => (ends.get(id) === null ? [] : [ends.get(id) ?? "moved"]))),
    lines: [...new Set(done.flatMap(({ line }) => line ?? []))],
    next,
    stopped,
  };
}

/** Returns the plan of {@link decideMany} and changes nothing. */
export async function planMany(ports: NewestPorts, what: BulkVerb, filter: CallFilter): Promise<BulkPlan> {
  const survey = await ports.decisions.survey(filter, what.verb);
  const { calls } = await ports.decisions.decidable(filter, what.verb, callsPerBulkMax, null);
  const newest = await newestOf(ports, what, calls);
  const versions = Object.fromEntries(
    calls.flatMap((call) => {
      const version = newest.get(call.id)?.version ?? null;
      return version === null ? [] : [[ruleName(call), version] as const];
    }),
  );
  const asked = "render" in what ? { ...what, versions } : what;
  const { ends } = await mayDecide(ports, asked, calls, newest);
  const differing = calls.flatMap((call) => {
    const one = newest.get(call.id);
    return one === undefined ? [] : [{ call, newest: one }];
  });
  return {
    ...survey,
    stopped: tally([...ends.values()].flatMap((end) => end ?? [])),
    rung: rungBy(
      what,
      calls.filter(({ id }) => !ends.has(id)),
    ),
    versions,
    differing: differing.slice(0, differingMax),
  };
}

async function writeDecisions(
  ports: NewestPorts & StopPorts,
  what: BulkVerb,
  calls: readonly DecidedCall[],
  act: PersonAct,
): Promise<{ ends: Ends; stopped: ClaimsStopped | null }> {
  const asked = await mayDecide(ports, what, calls);
  const { ends, claimed } = await decideThese(ports.decisions, what, calls, asked, act);
  const stopped = claimed.length === 0 ? null : await stopClaimed(ports, claimed);
  for (const [id, end] of stopped === null ? [] : endsOfClaimed(stopped)) ends.set(id, end);
  return { ends, stopped };
}

/** Calls that will ring by a decision. A release by the current rule gives a call that rule's mode. */
function rungBy(what: BulkVerb, calls: readonly DecidedCall[]): readonly MadeCall[] {
  if (!rings(what)) return [];
  return "render" in what ? calls.map((call) => ({ ...call, mode: call.maker?.ruleMode ?? call.mode })) : calls;
}
