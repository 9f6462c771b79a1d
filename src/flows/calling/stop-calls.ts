/**
 * Cancels calls after a change: those of a rule that is off, of a closed source, of a suppressed number.
 *
 * The stop is committed first, so none of the calls rings, whatever fails later. Lines then give back claimed calls,
 * and waiting calls are canceled in bounded transactions. One request cancels a bounded number. The sweep cancels the
 * rest, also after a kill.
 */
import type { CallsStop, ClaimedOn, StopStore } from "../../ports/calling/stops.ts";
import { type ClaimsStopped, noClaims, type StopFailure, type StopPorts, stopClaimed } from "./stop.ts";

/** Calls per transaction: about half a second of work for Postgres. */
const callsPerPartMax = 2_000;

/** Calls canceled per request. */
const callsPerRequestMax = 10_000;

/** Calls canceled per sweep. */
const callsPerSweepMax = 30_000;

/** Stops advanced per sweep. */
const stopsPerSweepMax = 200;

/** Calls of a stop by their present state. Each call is counted once. */
export type CallsStopped = {
  /** Canceled calls: they were waiting, or their line gave them back. */
  readonly canceled: number;
  /** Calls that the sweep has yet to cancel. None of them rings. */
  readonly remaining: number;
};

/**
 * Finishes stops that are committed.
 *
 * @param also Lines that give back all claimed calls, because of another change.
 * @returns The result of each stop, and of all claimed calls; null if no line had to be asked.
 */
export async function stopCalls(
  ports: StopPorts,
  stops: readonly CallsStop[],
  also: readonly string[] = [],
): Promise<{ readonly each: readonly CallsStopped[]; readonly claims: ClaimsStopped | null }> {
  const { claimed, failures } = await claimedNow(ports, stops, also);
  const lines = [...new Set([...also, ...stops.flatMap((stop) => stop.lines)])];
  const first = claimed.length + lines.length === 0 ? null : await stopClaimed(ports, claimed, lines);
  // A line of an older version does not know stops. It passes over a call only once that is canceled.
  let left = first?.older ? Number.POSITIVE_INFINITY : callsPerRequestMax;
  const stopOf = new Map(claimed.map(({ id, stop }) => [id, stop]));
  const late: ClaimedOn[] = [];
  const each: CallsStopped[] = [];
  for (const { id } of stops) {
    const done = await advanceStop(ports.stops, id, left);
    left -= done.reached;
    for (const call of done.claimed.filter((one) => !stopOf.has(one.id))) {
      late.push(call);
      stopOf.set(call.id, id);
    }
    each.push({ canceled: done.canceled, remaining: done.over ? 0 : await ports.stops.remaining(id) });
  }
  // Claims that were being committed while the lines were asked.
  const second = late.length === 0 ? null : await stopClaimed(ports, late);
  const claims = [first, second, failures.length === 0 ? null : { ...noClaims, failures }].reduce(both);
  const back = (stop: number | undefined) => claims?.canceled.filter((id) => stopOf.get(id) === stop).length ?? 0;
  return { each: each.map((one, nth) => ({ ...one, canceled: one.canceled + back(stops[nth]?.id) })), claims };
}

/** Called with the id of a stop that could not be advanced. */
export type StopFailed = (stop: number, error: unknown) => void;

/**
 * Advances stops that no request has finished. A stop that fails does not block the others, and the next sweep retries
 * it. Readiness names it until then.
 *
 * @param failed Called for each failure.
 * @returns The number of calls that were canceled or marked, and the number of stops that failed.
 */
export async function advanceStops(store: Pick<StopStore, "pending" | "advance" | "noteAdvance">, failed: StopFailed) {
  const sum = { reached: 0, failed: 0 };
  for (const id of await store.pending(stopsPerSweepMax)) {
    if (sum.reached >= callsPerSweepMax) break;
    try {
      sum.reached += (await advanceStop(store, id, callsPerSweepMax - sum.reached)).reached;
      await store.noteAdvance(id, true);
    } catch (error) {
      sum.failed++;
      failed(id, error);
      await store.noteAdvance(id, false).catch((unnoted) => failed(id, unnoted));
    }
  }
  return sum;
}

/** Cancels waiting calls of a stop and marks its calls in flight, at most `callsMax` calls in total. */
async function advanceStop(store: Pick<StopStore, "advance">, id: number, callsMax: number) {
  const sum = { canceled: 0, reached: 0, claimed: [] as ClaimedOn[], over: false };
  while (!sum.over && sum.reached < callsMax) {
    const part = await store.advance(id, Math.min(callsPerPartMax, callsMax - sum.reached));
    sum.canceled += part.canceled;
    sum.reached += part.reached;
    sum.claimed.push(...part.claimed);
    sum.over = part.over;
  }
  return sum;
}

type Claimed = ClaimedOn & { readonly stop: number | null };

/** Finds the claimed calls that a committed change affects. If this query fails, the lines are asked all the same. */
async function claimedNow({ stops: store }: StopPorts, stops: readonly CallsStop[], lines: readonly string[]) {
  const failures: StopFailure[] = [];
  const asked = async <T>(answer: Promise<T[]>): Promise<T[]> =>
    answer.catch((error) => {
      failures.push({ line: null, error });
      return [];
    });
  const [ofStops, onLines] = await Promise.all([
    asked<Claimed>(stops.length === 0 ? Promise.resolve([]) : store.claimedOf(stops.map(({ id }) => id))),
    asked<ClaimedOn>(lines.length === 0 ? Promise.resolve([]) : store.claimedOn(lines)),
  ]);
  const others = onLines.filter(({ id }) => !ofStops.some((one) => one.id === id));
  return { claimed: [...ofStops, ...others.map((one): Claimed => ({ ...one, stop: null }))], failures };
}

function both(one: ClaimsStopped | null, other: ClaimsStopped | null): ClaimsStopped | null {
  if (one === null || other === null) return one ?? other;
  const ends = [one.unconfirmedUntil, other.unconfirmedUntil].filter((until) => until !== null);
  return {
    givenBack: [...one.givenBack, ...other.givenBack],
    canceled: [...one.canceled, ...other.canceled],
    inFlight: [...one.inFlight, ...other.inFlight],
    unconfirmed: [...one.unconfirmed, ...other.unconfirmed],
    older: one.older || other.older,
    failures: [...one.failures, ...other.failures],
    unconfirmedUntil: ends.length === 0 ? null : Math.max(...ends),
  };
}
