/** Everything that must hold of one run, whatever was stopped. */
import { type CallStatus, callStatuses, transitions } from "../../src/domain/calls/call.ts";
import { balance } from "../../src/store/lookups/balance.ts";
import type { CallBook, EventBook } from "./books.ts";
import type { Run } from "./run.ts";

/** Statuses that need no reason. */
const plainEnds: readonly CallStatus[] = ["ended", "queued", "placed"];

/** @returns what does not hold, each in a sentence; none: all does */
export async function faultsOf(run: Run): Promise<string[]> {
  const { events, calls } = await run.books();
  const books = await balance(run.lane.app);
  const { accepted, unplanned, ignored, planned } = books.events;
  return [
    ...[...run.acknowledged]
      .filter((id) => !events.some((event) => event.id === id))
      .map((id) => `event ${id} was acknowledged and is lost`),
    ...(events.length > run.sent() ? [`${events.length} events of ${run.sent()} deliveries`] : []),
    ...(new Set(calls.map((call) => `${call.eventId} ${call.try}`)).size < calls.length
      ? ["a try is there twice"]
      : []),
    ...events.flatMap((event) => faultsOfEvent(event, calls)),
    ...calls.flatMap((call) => faultsOfCall(call)),
    ...faultsOfRings(run, calls),
    ...(accepted === unplanned + ignored + planned ? [] : ["the books do not balance"]),
    ...(run.isSealed() ? [] : ["entries are not in the chain"]),
    ...books.gaps.map((gap) => `the books have a gap: ${JSON.stringify(gap)}`),
  ];
}

function faultsOfEvent({ id, state, reason }: EventBook, calls: readonly CallBook[]): string[] {
  const made = calls.some(({ eventId }) => eventId === id);
  if (state === "planned" && made) return [];
  if (state === "ignored" && reason !== null) return [];
  return [`event ${state} ended with neither call nor reason`];
}

function faultsOfCall({ status, reason, told }: CallBook): string[] {
  const moves = told.flatMap((entry) => {
    const to = entry.action === "released" ? "queued" : callStatuses.find((known) => known === entry.action);
    return to === undefined ? [] : [{ to, reason: entry.reason }];
  });
  const way = moves.map(({ to }) => to);
  const faults: string[] = [];
  if (way.at(-1) !== status) faults.push(`a call is ${status} and its entries lead to ${way.at(-1)}`);
  for (const [index, to] of way.entries()) {
    const from = way[index - 1];
    if (from !== undefined && !transitions[from].includes(to))
      faults.push(`entries tell of a move from ${from} to ${to}`);
  }
  if (!plainEnds.includes(status) && reason === null) faults.push(`a call is ${status} without a reason`);
  if (moves.some(({ to, reason }) => to === "review" && reason === null)) faults.push("a review has no reason");
  if (["queued", "dialing", "unknown", "placed"].includes(status)) faults.push(`a call stays ${status} (${way})`);
  return faults;
}

/**
 * The simulator's ledger is the truth: a try rings at most once, and every ring is known or in `review` with a hint for
 * the person.
 */
function faultsOfRings(run: Run, calls: readonly CallBook[]): string[] {
  const faults: string[] = [];
  const rings = run.rings();
  const left = new Set(rings.map(({ id }) => id));
  for (const call of calls.filter(({ status }) => status === "ended")) {
    const own = rings.filter(({ id, conversation_uuid }) =>
      call.mihuId === null ? conversation_uuid === call.conversationUuid : id === call.mihuId,
    );
    if (own.length !== 1) faults.push(`a call ended that rang ${own.length} times`);
    for (const { id } of own) {
      if (!left.delete(id)) faults.push("two calls ended by one ring");
    }
  }
  const doubtful = calls.filter(({ status, reason }) => status === "review" && reason === "several_found").length;
  if (left.size > doubtful) faults.push(`${left.size} rings belong to no call`);
  const tried = calls.filter(({ told }) =>
    told.some(({ action }) => action === "dialing" || action === "review"),
  ).length;
  if (rings.length > tried) faults.push(`${rings.length} rings of ${tried} tries`);
  return faults;
}
