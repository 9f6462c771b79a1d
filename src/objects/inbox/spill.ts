/**
 * The spill: events that an inbox has acknowledged while Postgres is down, on the object's own disk, in their order.
 *
 * An empty spill costs no disk access: its rows are counted once, when the object begins, and from then on in memory. The object's
 * output gate holds an answer back until the writes before it are durable.
 */
import { conflictKey } from "../../domain/events/conflict.ts";
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import { conflictsPerEventMax } from "../../domain/limits.ts";
import { utf8 } from "../../platform/bytes.ts";
import { eventId } from "../../platform/hashes.ts";
import type { SpilledEvent, SpillQueue, SpillSize } from "../../ports/ingest/spill.ts";

/** A value of SQLite, as the spill uses them. */
type Value = string | number | null;

/** The part of an object's storage that the spill uses. */
export type SpillStorage = {
  sql: { exec(query: string, ...bindings: Value[]): Iterable<Record<string, unknown>> };
  transactionSync<T>(work: () => T): T;
};

export type SpillLimits = {
  readonly eventsMax: number;
  readonly bytesMax: number;
  /** Of one event. */
  readonly rowBytesMax: number;
};

export type Spill = SpillQueue & {
  /**
   * Stores requests, each whole or not at all. The same event is stored once, however often it comes; other bytes under its id are
   * stored behind it, as many as an event may have conflicts, so that Postgres stores the conflict.
   *
   * @param nowMs when they were acknowledged
   * @returns the acceptances of each request; `null`: there is no room for it
   */
  append(requests: readonly (readonly NewEvent[])[], nowMs: number): (Acceptance[] | null)[];
  /** Events that wait for Postgres: while there are any, every later event has to go behind them. */
  waiting(): number;
  /** Events that Postgres refused altogether. */
  aside(): number;
  /** Events that were set aside wait with the others again, in their old places. */
  requeueAside(): void;
  /** Both kinds together. */
  size(): SpillSize;
};

/** Bound parameters of one statement, as the runtime allows them. */
const parametersMax = 100;

/** SQLite's own overhead of a row and its place in the index, roughly. */
const rowOverheadBytes = 200;

/** `aside` is 1 for an event that the others go before. Rows of one id have different bytes. */
const table = `create table if not exists spill (seq integer primary key, id text not null, hash text not null,
  at real not null, aside integer not null default 0, bytes integer not null, head text not null, body text not null)`;
const index = "create unique index if not exists spill_once on spill (id, hash)";

type Row = { readonly event: NewEvent; readonly head: string; readonly bytes: number };

/** Opens the spill that an earlier instance left. Creates no table before the first event is stored. */
export function openSpill(storage: SpillStorage, limits: SpillLimits): Spill {
  const { sql } = storage;
  let made = first(sql.exec("select 1 as there from sqlite_master where type = 'table' and name = 'spill'")) !== null;
  const found = made
    ? first(
        sql.exec(`select count(*) filter (where aside = 0) as waiting, count(*) filter (where aside = 1) as aside,
          coalesce(sum(bytes), 0) as bytes, max(at) as last from spill`),
      )
    : null;
  let waiting = Number(found?.waiting ?? 0);
  let aside = Number(found?.aside ?? 0);
  let bytes = Number(found?.bytes ?? 0);
  let lastAt = Number(found?.last ?? 0);

  const hashOf = (id: string): string | null => {
    const row = first(sql.exec("select hash from spill where id = ? order by seq limit 1", id));
    return row === null ? null : String(row.hash);
  };
  /** Rows of an id besides the first. */
  const conflictsOf = (id: string): number =>
    Number(first(sql.exec("select count(*) as rows from spill where id = ?", id))?.rows ?? 0) - 1;
  const has = (id: string, hash: string): boolean =>
    first(sql.exec("select 1 as there from spill where id = ? and hash = ?", id, hash)) !== null;

  /** The rows that a request adds, and its acceptances. */
  const look = (events: readonly NewEvent[]): { rows: Row[]; acceptances: Acceptance[] } => {
    const rows = new Map<string, Row>();
    const hashes = new Map<string, string>();
    /** Conflicts of this request, by the id that they have in common. */
    const added = new Map<string, number>();
    const acceptances = events.map((event): Acceptance => {
      const { id, bodyHash } = event;
      const known = hashes.get(id) ?? hashOf(id);
      hashes.set(id, known ?? bodyHash);
      const key = `${id} ${bodyHash}`;
      const isConflict = known !== null && known !== bodyHash;
      const isStored = rows.has(key) || (known !== null && has(id, bodyHash));
      if (isConflict && !isStored) {
        const conflicts = (added.get(id) ?? conflictsOf(id)) + 1;
        if (conflicts > conflictsPerEventMax) return { id, duplicate: false, conflict: true, refused: true };
        added.set(id, conflicts);
      }
      if (!isStored) rows.set(key, rowOf(event));
      if (!isConflict) return { id, duplicate: known !== null, conflict: false };
      return { id: eventId(event.source, conflictKey(id, bodyHash)), duplicate: isStored, conflict: true };
    });
    return { rows: [...rows.values()], acceptances };
  };

  return {
    append(requests, nowMs) {
      // A clock that goes back must not change the order.
      const at = Math.max(nowMs, lastAt);
      let events = 0;
      let added = 0;
      const answers = storage.transactionSync(() => {
        if (!made) for (const statement of [table, index]) sql.exec(statement);
        return requests.map((request) => {
          const { rows, acceptances } = look(request);
          const weight = rows.reduce((sum, row) => sum + row.bytes, 0);
          const fits =
            waiting + aside + events + rows.length <= limits.eventsMax &&
            bytes + added + weight <= limits.bytesMax &&
            rows.every((row) => row.bytes <= limits.rowBytesMax);
          if (!fits) return null;
          for (const { event, head, bytes: size } of rows)
            sql.exec(
              "insert into spill (id, hash, at, bytes, head, body) values (?, ?, ?, ?, ?, ?)",
              ...[event.id, event.bodyHash, at, size, head, event.body],
            );
          events += rows.length;
          added += weight;
          return acceptances;
        });
      });
      made = true;
      waiting += events;
      bytes += added;
      lastAt = at;
      return answers;
    },

    head(eventsMax, bytesMax) {
      if (waiting === 0) return [];
      // Sizes first: that many bodies may be more than the object's memory holds.
      const sizes = [...sql.exec("select seq, bytes from spill where aside = 0 order by seq limit ?", eventsMax)];
      let weight = 0;
      let last = 0;
      for (const { seq, bytes: size } of sizes) {
        weight += Number(size);
        if (last > 0 && weight > bytesMax) break;
        last = Number(seq);
      }
      return [...sql.exec("select * from spill where aside = 0 and seq <= ? order by seq", last)].map(eventOf);
    },

    remove(events) {
      for (let from = 0; from < events.length; from += parametersMax) {
        const some = events.slice(from, from + parametersMax).map(({ seq }) => seq);
        sql.exec(`delete from spill where seq in (${some.map(() => "?").join(", ")})`, ...some);
      }
      waiting -= events.length;
      bytes -= events.reduce((sum, event) => sum + event.bytes, 0);
    },

    setAside({ seq }) {
      sql.exec("update spill set aside = 1 where seq = ?", seq);
      waiting--;
      aside++;
    },

    putBack({ seq }) {
      sql.exec("update spill set aside = 0 where seq = ?", seq);
      waiting++;
      aside--;
    },

    requeueAside() {
      if (aside === 0) return;
      sql.exec("update spill set aside = 0 where aside = 1");
      waiting += aside;
      aside = 0;
    },

    size() {
      const oldest = waiting + aside === 0 ? null : first(sql.exec("select at from spill order by seq limit 1"));
      return { events: waiting + aside, bytes, oldestAt: oldest === null ? null : Number(oldest.at) };
    },
    waiting: () => waiting,
    aside: () => aside,
  };
}

/** The body is a column of its own: within JSON its quotes would count twice against a row's limit. */
function rowOf(event: NewEvent): Row {
  const { body, ...rest } = event;
  const head = JSON.stringify(rest);
  return { event, head, bytes: utf8Bytes(head) + utf8Bytes(body) + rowOverheadBytes };
}

function eventOf(row: Record<string, unknown>): SpilledEvent {
  const rest = ownHead(String(row.head));
  return {
    ...rest,
    body: String(row.body),
    seq: Number(row.seq),
    receivedAt: Number(row.at),
    bytes: Number(row.bytes),
  };
}

/** The cast holds: only {@link rowOf} writes the column, in this version or the one before. */
function ownHead(text: string): Omit<NewEvent, "body"> {
  return JSON.parse(text) as Omit<NewEvent, "body">;
}

function utf8Bytes(text: string): number {
  return utf8(text).byteLength;
}

function first(rows: Iterable<Record<string, unknown>>): Record<string, unknown> | null {
  // To its end: a cursor that is left open keeps its statement.
  return [...rows][0] ?? null;
}
