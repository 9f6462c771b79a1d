/**
 * Stop: a gate has changed, and its change is committed. Lines may hold calls that were claimed before. Each such line gives back what it
 * has not begun, and the next claim asks the gates again. What is on its way to Mihu cannot be called back.
 */
import type { CallStatus } from "../../domain/calls/call.ts";
import { leaseMs, postWithinMs, sweepEveryMs } from "../../domain/limits.ts";
import type { LineObjects, Rechecked } from "../../ports/calling/line-objects.ts";
import type { ClaimedOn, StopStore } from "../../ports/calling/stops.ts";
import type { Clock } from "../../ports/runtime.ts";

export type StopPorts = { clock: Clock; lines: Pick<LineObjects, "recheck">; stops: StopStore };

/** The ends of claimed calls. */
export type ClaimsStopped = {
  /** Calls that were not begun: they are canceled, or wait for gates that are asked again. */
  readonly givenBack: readonly string[];
  /** Of those, the canceled ones. */
  readonly canceled: readonly string[];
  /** Calls that had begun, or whose line did not confirm the stop. */
  readonly inFlight: readonly string[];
  /** `null`: every line has answered. Otherwise no call of theirs begins after this, in epoch milliseconds. */
  readonly unconfirmedUntil: number | null;
  /** Whether a line's object is of an older version, which does not know every stop. */
  readonly older: boolean;
  /** Questions that failed: of a line that could not be reached, or of Postgres (`line: null`). For the log. */
  readonly failures: readonly StopFailure[];
};

export type StopFailure = { readonly line: string | null; readonly error: unknown };

/** Nothing was claimed, and no line had to be asked. */
export const noClaims: ClaimsStopped = {
  ...{ givenBack: [], canceled: [], inFlight: [] },
  ...{ unconfirmedUntil: null, older: false, failures: [] },
};

/** A call in one of these statuses is not on its way to Mihu, and has not been. */
const notSent: readonly (CallStatus | undefined)[] = ["queued", "held", "canceled", "expired", "skipped"];

/**
 * Stops calls that were claimed before the change.
 *
 * @param claimed calls that were in status `dialing` once the change was committed
 * @param also lines that give back whatever they have claimed, whether or not such a call is known
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
  return {
    givenBack,
    canceled: givenBack.filter((id) => statuses?.get(id) === "canceled"),
    inFlight: ids.filter((id) => !givenBack.includes(id)),
    unconfirmedUntil: longest === 0 ? null : committedAt + longest,
    older: answers.some((answer) => answer.status === "fulfilled" && answer.value === "older"),
    failures,
  };
}

/**
 * The time for which a line of an older version may begin calls. It may claim a call again that it gave back, until a sweep cancels the call; and it
 * begins what it has claimed at any time of its lease.
 */
const olderMayBeginMs = sweepEveryMs + leaseMs;

/** How long a line may still begin calls that it had claimed before the change. */
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
