/**
 * Fetch: reads the records that a payload only names from the sender's API, then plans the events. Waiting events are
 * stored in Postgres and block nothing. A failed fetch is retried, or ends with a reason.
 */
import type { StoredEvent, Unfetched } from "../../domain/events/event.ts";
import type { FetchProblem } from "../../domain/fetch/fetch.ts";
import { answerInShort, fetchesOf, judgeFetch } from "../../domain/fetch/fetch.ts";
import type { FailedAnswer } from "../../domain/fetch/trouble.ts";
import { type JsonObject, readJson } from "../../domain/json.ts";
import {
  commitBytesMax,
  fetchClaimMs,
  fetchesAtOnceMax,
  fetchesPerEventMax,
  fetchRefusedPauseMs,
} from "../../domain/limits.ts";
import { contextOf } from "../../domain/plan/plan.ts";
import type { PlannedLine, PlanStore } from "../../ports/planning/plans.ts";
import type { FetchQueue, Postponed, RecordApi, Records, WaitingEvent } from "../../ports/planning/records.ts";
import type { Clock } from "../../ports/runtime.ts";
import { cameBeforeClose, type PlanView, planEvents } from "./plan.ts";

/**
 * Largest assumed difference between the clocks of Postgres and an inbox. An answer that is newer than an event by less
 * may predate it.
 */
const fetchClockSkewMs = 2_000;

/** Events per claim. */
const fetchEventsPerClaimMax = 50;

/** Lease of a claim: the time for starting GETs (`fetchClaimMs`), plus three slow GETs. */
const fetchLeaseMs = 60_000;

export type FetchPorts = {
  clock: Clock;
  events: Pick<PlanStore, "plan" | "refuses"> & FetchQueue;
  records: Records;
};

/** Result for one event: it can be planned, is retried, or its source's API is unusable now. */
type Fetched =
  | { readonly kind: "ready"; readonly fetched: JsonObject; readonly unfetched: readonly Unfetched[] }
  | {
      readonly kind: "again";
      readonly afterMs: number;
      readonly why: NonNullable<Postponed["why"]>;
      readonly problem: boolean;
    }
  | { readonly kind: "hold"; readonly forMs: number; readonly why: FailedAnswer; readonly problem: boolean };

/**
 * Names of the records to fetch for an event. Empty for an event that calls nobody or cannot be read: its plan says
 * why.
 */
export function neededFor({ source, rules }: PlanView, event: StoredEvent): string[] {
  if (cameBeforeClose(source, event)) return [];
  if (!rules.rules.some(({ fetch }) => fetch.length > 0)) return [];
  const json = readJson(event.body);
  if (!json.ok) return [];
  return fetchesOf(rules, event, () => contextOf(event, source.slug, json.value));
}

/**
 * Fetches records for the due events of a source, and plans them.
 *
 * @param viewOf Returns the source prepared for planning, in this version or a later one.
 * @returns The lines with planned calls, and the milliseconds until the next event is due; null if none waits.
 */
export async function fetchDue(
  ports: FetchPorts,
  slug: string,
  viewOf: (version?: number) => Promise<PlanView>,
  untilMs: number,
): Promise<{ lines: PlannedLine[]; nextMs: number | null }> {
  const lines: PlannedLine[] = [];
  while (ports.clock.now() < untilMs) {
    const claimed = await ports.events.claimFetches(slug, fetchEventsPerClaimMax, fetchLeaseMs);
    if (claimed.length === 0) return { lines, nextMs: await ports.events.nextFetch(slug) };
    lines.push(...(await fetchFor(ports, await viewOf(claimed[0]?.sourceVersion), claimed, untilMs)));
  }
  return { lines, nextMs: 0 };
}

async function fetchFor(
  ports: FetchPorts,
  view: PlanView,
  claimed: readonly WaitingEvent[],
  untilMs: number,
): Promise<readonly PlannedLine[]> {
  const { slug, version: sourceVersion } = view.source;
  const wanted = claimed.map((event) => ({ event, names: neededFor(view, event) }));
  const free = wanted.filter(({ names }) => names.length === 0).map(({ event }) => event);
  const needy = wanted.filter(({ names }) => names.length > 0);
  const opened = needy.length === 0 ? null : await ports.records.open(view.source);
  if (opened?.ok === false) {
    await ports.events.postponeFetches(
      slug,
      needy.map(({ event: { id } }) => ({ id, afterMs: 0 })),
    );
    const nothingAsked = { failures: 0, answer: null, sourceVersion };
    await ports.events.noteFetching(slug, opened.problem, fetchRefusedPauseMs, nothingAsked);
    return await planOrPostpone(ports, view, free);
  }
  const ends = opened === null ? [] : await fetchTogether(ports.clock, opened.api, view, needy, untilMs);
  const ready = new Map<string, StoredEvent>(free.map((event) => [event.id, event]));
  for (const { event, end } of ends)
    if (end?.kind === "ready") ready.set(event.id, { ...event, fetched: end.fetched, unfetched: end.unfetched });
  // Events are planned in their order of arrival.
  const lines = await planOrPostpone(
    ports,
    view,
    claimed.flatMap(({ id }) => ready.get(id) ?? []),
  );
  const postponed = ends.flatMap(({ event, end }) => postponedOf(event, end));
  if (postponed.length > 0) await ports.events.postponeFetches(slug, postponed, sourceVersion);
  const round = roundOf(ends.map(({ end }) => end));
  const lacks = round?.problem === null && !ends.some(({ end }) => hasRecord(end)) ? missingOf(ends) : null;
  // An event that no longer needs a fetch clears the problem. A round without a request says nothing about the API.
  if (needy.length === 0) await ports.events.noteFetching(slug, null, 0);
  else if (round !== null)
    await ports.events.noteFetching(slug, round.problem, round.holdMs, { ...round, ...lacks, sourceVersion });
  return lines;
}

/** Plans events. If the source changed after the view was made, its events become due again soon. */
async function planOrPostpone(
  ports: FetchPorts,
  view: PlanView,
  events: readonly StoredEvent[],
): Promise<readonly PlannedLine[]> {
  const { lines, left } = await planEvents(ports, view, events);
  if (left.length > 0)
    await ports.events.postponeFetches(
      view.source.slug,
      left.map(({ id }) => ({ id, afterMs: 0 })),
      view.source.version,
    );
  return lines;
}

type Needy = { readonly event: WaitingEvent; readonly names: readonly string[] };

/**
 * Fetches several at once, started in order. None starts after the sender asks for a pause, or without time or room
 * left.
 */
async function fetchTogether(
  clock: Clock,
  api: RecordApi,
  view: PlanView,
  needy: readonly Needy[],
  untilMs: number,
): Promise<{ event: WaitingEvent; end: Fetched | null }[]> {
  const claimedAt = clock.now();
  const endsAt = Math.min(claimedAt + fetchClaimMs, untilMs);
  const ends = needy.map(({ event }) => ({ event, end: null as Fetched | null }));
  let nth = 0;
  let characters = 0;
  let stopped = false;
  const work = async (): Promise<void> => {
    while (!stopped && characters < commitBytesMax && clock.now() < endsAt) {
      const at = nth++;
      const [mine, place] = [needy[at], ends[at]];
      if (mine === undefined || place === undefined) return;
      const sinceMs = Math.min(claimedAt, mine.event.receivedAt + fetchClockSkewMs);
      place.end = await fetchOne(api, view, mine.event, mine.names, { sinceMs, nowMs: clock.now() });
      if (place.end.kind === "hold") stopped = true;
      if (place.end.kind === "ready") characters += JSON.stringify(place.end.fetched).length;
    }
  };
  await Promise.all(Array.from({ length: fetchesAtOnceMax }, work));
  return ends;
}

/**
 * Fetches the records of one event, one after another: a later path may use an earlier record.
 *
 * @param times `sinceMs`: oldest acceptable time of a cached answer.
 */
export async function fetchOne(
  api: RecordApi,
  { source }: PlanView,
  event: StoredEvent & { readonly fetchTries?: number },
  names: readonly string[],
  { sinceMs, nowMs }: { sinceMs: number; nowMs: number },
): Promise<Fetched> {
  const json = readJson(event.body);
  const data = json.ok ? json.value : null;
  const fetched: JsonObject = {};
  const tries = event.fetchTries ?? 0;
  const lost = (fetch: string, reason: Unfetched["reason"], why: Partial<Unfetched>): Unfetched => ({
    fetch,
    reason,
    status: null,
    problem: null,
    path: null,
    tries: tries + 1,
    ...why,
  });
  const unfetched = names.slice(fetchesPerEventMax).map((name) => lost(name, "fetch_failed", { problem: "too_many" }));
  for (const name of api.inOrder(names.slice(0, fetchesPerEventMax))) {
    const answer = await api.get(name, contextOf({ ...event, fetched }, source.slug, data), sinceMs);
    const verdict = judgeFetch(answer, tries, nowMs - event.receivedAt);
    const word = answerInShort(answer);
    switch (verdict.do) {
      case "keep":
        fetched[name] = verdict.value;
        break;
      case "give_up":
        unfetched.push(
          lost(name, verdict.reason, { ...word, path: answer.kind === "id_invalid" ? answer.path : null }),
        );
        break;
      case "try_again":
        return { kind: "again", afterMs: verdict.afterMs, why: { fetch: name, ...word }, problem: verdict.problem };
      case "hold":
        return { kind: "hold", forMs: verdict.forMs, why: { fetch: name, ...word }, problem: verdict.problem };
    }
  }
  return { kind: "ready", fetched, unfetched };
}

/** Events that were not started, or met the sender's pause, are due at once. The pause holds for the whole source. */
function postponedOf({ id }: WaitingEvent, end: Fetched | null): Postponed[] {
  if (end?.kind === "ready") return [];
  return [end?.kind === "again" ? { id, afterMs: end.afterMs, why: end.why } : { id, afterMs: 0 }];
}

/** The state of the sender's API after a round of fetches. */
type Round = {
  readonly problem: FetchProblem | null;
  /** Time without requests to the API. */
  readonly holdMs: number;
  readonly failures: number;
  readonly answer: FailedAnswer | null;
  readonly missing?: number;
};

/** @returns Null if the API answered no request. */
function roundOf(ends: readonly (Fetched | null)[]): Round | null {
  const asked = ends.flatMap((end) => end ?? []);
  const holds = asked.flatMap((end) => (end.kind === "hold" ? end : []));
  const failed = asked.flatMap(failureOf);
  const good = asked.some(isGood);
  const refused = asked.some((end) => (end.kind === "hold" || end.kind === "again") && end.problem);
  const waits = asked.some(({ kind }) => kind === "again");
  if (!good && failed.length === 0) return null;
  const holdMs = Math.max(0, ...holds.map(({ forMs }) => forMs));
  const problem = ((): FetchProblem | null => {
    // The sender may refuse a single record and allow others.
    if (holds.some((hold) => hold.problem) || (refused && !good)) return "credential_refused";
    if (holds.length > 0) return "fetch_limited";
    // If other records arrive, a record that never will is the reason of that record's event only.
    return waits || !good ? "fetch_failing" : null;
  })();
  const answer = problem === null ? null : (failed.at(-1) ?? null);
  return { problem, holdMs, failures: problem === null ? 0 : failed.length, answer };
}

function hasRecord(end: Fetched | null): boolean {
  return end?.kind === "ready" && Object.keys(end.fetched).length > 0;
}

/** Records that the API does not have, each once, with the last answer. */
function missingOf(
  ends: readonly { readonly event: WaitingEvent; readonly end: Fetched | null }[],
): { missing: number; answer: FailedAnswer } | null {
  const records = new Set<string>();
  let answer: FailedAnswer | null = null;
  for (const { event, end } of ends) {
    const lost = end?.kind === "ready" ? end.unfetched.find(({ reason }) => reason === "record_missing") : undefined;
    if (lost === undefined) continue;
    records.add(event.record === null ? event.id : JSON.stringify([event.record.type, event.record.id]));
    answer = { fetch: lost.fetch, status: lost.status, problem: lost.problem };
  }
  return answer === null ? null : { missing: records.size, answer };
}

/** Whether the API returned a record, or said that it does not exist. */
function isGood(end: Fetched): boolean {
  return (
    end.kind === "ready" &&
    (Object.keys(end.fetched).length > 0 || end.unfetched.some(({ reason }) => reason === "record_missing"))
  );
}

/** The answer because of which an event waits or has no record. An id that could not be requested is no answer. */
function failureOf(end: Fetched): FailedAnswer[] {
  if (end.kind !== "ready") return [end.why];
  return end.unfetched
    .filter(({ reason, problem }) => reason === "fetch_failed" && problem !== "unknown" && problem !== "too_many")
    .map(({ fetch, status, problem }) => ({ fetch, status, problem }));
}
