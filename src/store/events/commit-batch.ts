/** Makes a batch of events durable, including redeliveries and conflicts, and returns the acceptance of each event. */
import type { Acceptance, NewEvent, VerifiedBy } from "../../domain/events/event.ts";
import type { Committed, Foresight } from "../../ports/ingest/events.ts";
import type { SpilledEvent } from "../../ports/ingest/spill.ts";
import { errorCode, type Sql } from "../postgres/connection.ts";
import { type CommitRules, type Given, writeRaced } from "./commit.ts";
import { withOneKey } from "./earlier-keys.ts";

/**
 * Makes a batch durable: new events, redeliveries, conflicts, and events with a foreseen end.
 *
 * Copies of the source may be older than an answered change, so the statement checks how each event was verified. If it
 * leaves out any event, it stores nothing, and a second statement writes the rest of the batch. Otherwise an event
 * could lose its place to one that was left out.
 */
export async function commitEvents(
  sql: Sql,
  source: string,
  events: (NewEvent | SpilledEvent)[],
  foresight: Foresight,
  rules: CommitRules,
): Promise<Committed> {
  const given = { source, events, foresight, rules };
  try {
    return await commitHeld(sql, given);
  } catch (error) {
    if (errorCode(error) !== sameRowTwice || events.length < 2) throw error;
    return await commitSingly(sql, given);
  }
}

/**
 * Error code of a statement that meets one row twice. That happens if the former key of one event is the key of
 * another, and an event under that name is stored. Both events are then the stored event, and only Postgres can see
 * this.
 */
const sameRowTwice = "21000";

/** Writes each event by its own statement, in the batch's order. */
async function commitSingly(sql: Sql, { events, ...given }: GivenBatch): Promise<Committed> {
  const done: Committed[] = [];
  for (const event of events) done.push(await commitHeld(sql, { ...given, events: [event] }));
  const last = done.at(-1);
  if (last === undefined) throw new Error("a batch holds an event");
  return { ...last, acceptances: done.flatMap(({ acceptances }) => acceptances) };
}

/** Commits the events whose verification is still valid. */
async function commitHeld(sql: Sql, { events, ...given }: GivenBatch): Promise<Committed> {
  let kept = events;
  for (;;) {
    const { left, ...committed } = await commitBatch(sql, { ...given, events: kept });
    if (left === null) return { ...committed, acceptances: withLeftOut(events, kept, committed.acceptances) };
    kept = kept.filter(({ verified }) => verified === undefined || !left.has(verificationOf(verified)));
    // No event remains. The versions and the time are from the statement that left the events out.
    if (kept.length === 0) return { ...committed, acceptances: withLeftOut(events, [], []) };
  }
}

/** Acceptances of a batch in its order, with those that were left out. */
function withLeftOut(
  events: readonly NewEvent[],
  kept: readonly NewEvent[],
  acceptances: readonly Acceptance[],
): Acceptance[] {
  let next = 0;
  return events.map((event): Acceptance => {
    const acceptance = event === kept[next] ? acceptances[next] : undefined;
    if (acceptance === undefined) return { id: event.id, duplicate: false, conflict: false, leftOut: true };
    next += 1;
    return acceptance;
  });
}

const verificationOf = ({ secretId, sourceVersion }: VerifiedBy): string => `${secretId ?? ""} ${sourceVersion}`;

type GivenBatch = {
  readonly source: string;
  readonly events: (NewEvent | SpilledEvent)[];
  readonly foresight: Foresight;
  readonly rules: CommitRules;
};

/** @returns `left`: verifications that are no longer valid; then nothing is stored. Null if everything is stored. */
async function commitBatch(
  sql: Sql,
  { source, events: given, foresight, rules }: GivenBatch,
): Promise<Committed & { readonly left: ReadonlySet<string> | null }> {
  const events = await withOneKey(sql, given);
  // One key twice in a statement is an error (21000). If the same bytes are twice in a batch, the second is a
  // redelivery.
  const distinct = new Map<string, Given>();
  const firsts = new Map<string, Given>();
  for (const [index, event] of events.entries()) {
    if (distinct.has(bytesOf(event))) continue;
    const first = firsts.get(event.id);
    const given = { event, index, first: first === undefined, others: 0 };
    distinct.set(bytesOf(event), given);
    if (first === undefined) firsts.set(event.id, given);
    else first.others += 1;
  }
  // Every batch has this order, so that two batches with common events do not deadlock.
  const rows = [...distinct.values()].sort((a, b) =>
    a.event.id < b.event.id ? -1 : a.event.id > b.event.id ? 1 : a.index - b.index,
  );
  const verified = new Map(
    events.flatMap((one) => (one.verified ? [[verificationOf(one.verified), one.verified]] : [])),
  );
  const written = await writeRaced(sql, { source, rows, foresight, rules, verified: [...verified.values()] });
  const stored = new Map((written.stored ?? []).map((row) => [row.id, row]));
  const conflicts = new Map((written.conflicts ?? []).map((row) => [`${row.of} ${row.hash}`, row]));
  const acceptances = events.map((event, index): Acceptance => {
    const id = written.formers?.[event.id] ?? event.id;
    // Exact redeliveries are not returned by the statement.
    const row = stored.get(id);
    const again = distinct.get(bytesOf(event))?.index !== index;
    const unfit = written.unfit?.[id];
    const conflict = conflicts.get(`${id} ${event.bodyHash}`);
    if (conflict !== undefined) {
      if (conflict.refused) return { id, duplicate: false, conflict: true, refused: true };
      return { id: conflict.id, duplicate: again || !conflict.fresh, conflict: true };
    }
    return {
      id,
      // A repeat within the batch is a redelivery, like one that arrives a day later.
      duplicate: again || row?.fresh !== true,
      conflict: false,
      ...(row?.replayed === true ? { replayed: true as const } : {}),
      ...(unfit === undefined ? {} : { unfit }),
    };
  });
  const versions = { sourceVersion: written.version, linesVersion: written.lines, receivedAt: written.now };
  const left = written.left_out === null ? null : new Set(written.left_out.map(verificationOf));
  return { acceptances, ...versions, left };
}

const bytesOf = ({ id, bodyHash }: NewEvent): string => `${id} ${bodyHash}`;
