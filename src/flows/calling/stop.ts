/**
 * Asks lines to honour a committed change of a gate. A line may hold calls that it claimed before. It gives back those
 * that have not begun, and the next claim asks the gates again. A POST on its way to Mihu cannot be stopped.
 */
import type { CallStatus } from "../../domain/calls/call.ts";
import { leaseMs, postWithinMs, sweepEveryMs } from "../../domain/limits.ts";
import type { LineObjects, Rechecked } from "../../ports/calling/line-objects.ts";
import type { ClaimedOn, StopStore } from "../../ports/calling/stops.ts";
import type { Clock } from "../../ports/runtime.ts";

export type StopPorts = { clock: Clock; lines: Pick<LineObjects, "recheck">; stops: StopStore };

/** Results for claimed calls. */
export type ClaimsStopped = {
  /** Calls that had not begun. They are canceled, or wait until the gates are asked again. */
  readonly givenBack: readonly string[];
  /** Number of stopped calls that were canceled. */
  readonly canceled: readonly string[];
  /** Calls in flight, or whose line did not confirm the stop. */
  readonly inFlight: readonly string[];
  /** Calls of `inFlight` that their line may still give back: it did not confirm the stop, or Postgres did not answer. */
  readonly unconfirmed: readonly string[];
  /**
   * Null if every line has answered. Otherwise the time after which none of these calls begins, in epoch milliseconds.
   */
  readonly unconfirmedUntil: number | null;
  /** Whether a line's object has an older version, which does not know every stop. */
  readonly older: boolean;
  /** Failed requests to a line, or failed queries of Postgres (`line: null`). For the log. */
  readonly failures: readonly StopFailure[];
};

export type StopFailure = { readonly line: string | null; readonly error: unknown };

/** Result if nothing was claimed and no line had to be asked. */
export const noClaims: ClaimsStopped = {
  ...{ givenBack: [], canceled: [], inFlight: [], unconfirmed: [] },
  ...{ unconfirmedUntil: null, older: false, failures: [] },
};

/** Statuses of a call that was not sent to Mihu. */
const notSent: readonly (CallStatus | undefined)[] = ["queued", "held", "canceled", "expired", "skipped"];

/**
 * Stops calls that were claimed before the change.
 *
 * @param claimed Calls in status `dialing` after the change was committed.
 * @param also Lines that give back all claimed calls, even if no such call is known.
 */
export async function stopClaimed(
  { clock, lines, stops }: StopPorts,
  claimed: readonly ClaimedOn[],
  also: readonly string[] = [],
): Promise<ClaimsStopped> {
  const committedAt = clock.now();
  const asked = [...new Set([...claimed.map(({ line }) => line), ...also])];
  const answers = await Promise.allSettled(asked.map((line) => lines.recheck(line)));
  const failures = answers.flatMap((answer, nth): StopFailure[] => {
    const line = asked[nth] ?? null;
    if (answer.status === "rejected") return [{ line, error: answer.reason }];
    return answer.value === "silent" ? [{ line, error: new Error("the line's object did not answer in time") }] : [];
  });
  const ids = claimed.map(({ id }) => id);
  const statuses: ReadonlyMap<string, CallStatus> | null =
    ids.length === 0
      ? new Map()
      : await stops.statusesOf(ids).catch((error) => {
          failures.push({ line: null, error });
          return null;
        });
  const longest = Math.max(statuses === null ? postWithinMs : 0, ...answers.map(mayBeginMs));
  const givenBack = ids.filter((id) => notSent.includes(statuses?.get(id)));
  const confirmed = new Set(
    asked.filter((_, nth) => answers[nth]?.status === "fulfilled" && answers[nth].value === "rechecked"),
  );
  const mayComeBack = ({ id, line }: ClaimedOn) =>
    statuses === null || (statuses.get(id) === "dialing" && !confirmed.has(line));
  return {
    givenBack,
    canceled: givenBack.filter((id) => statuses?.get(id) === "canceled"),
    inFlight: ids.filter((id) => !givenBack.includes(id)),
    unconfirmed: claimed.filter(mayComeBack).map(({ id }) => id),
    unconfirmedUntil: longest === 0 ? null : committedAt + longest,
    older: answers.some((answer) => answer.status === "fulfilled" && answer.value === "older"),
    failures,
  };
}

/**
 * Time for which a line of an older version may begin calls. It begins claimed calls until their leases end, and may
 * reclaim a returned call until a sweep cancels it.
 */
const olderMayBeginMs = sweepEveryMs + leaseMs;

/** Time for which a line may still begin calls that it claimed before the change. */
function mayBeginMs(answer: PromiseSettledResult<Rechecked>): number {
  if (answer.status === "rejected") return olderMayBeginMs;
  switch (answer.value) {
    case "rechecked":
      return 0;
    case "silent":
      return postWithinMs;
    case "older":
      return olderMayBeginMs;
  }
}
