/**
 * The spill: events that an inbox acknowledged while Postgres is down, on the object's own disk, in order.
 *
 * An empty spill costs no disk access: its rows are counted once when the object starts, and in memory from then on.
 * The object's output gate holds an answer back until the writes before it are durable.
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
  /** Limit per event. */
  readonly rowBytesMax: number;
};

export type Spill = SpillQueue & {
  /**
   * Stores requests, each completely or not at all. A repeated event is stored once. Other bytes under its id are
   * stored behind it, up to the limit of conflicts, so that Postgres stores the conflict.
   *
   * @param nowMs Time of the acknowledgement.
   * @returns The acceptances of each request; null if there is no room for it.
   */
  append(requests: readonly (readonly NewEvent[])[], nowMs: number): (Acceptance[] | null)[];
  /** Number of waiting events. While it is not zero, every later event must go behind them. */
  waiting(): number;
  /** Number of events that Postgres rejected even as plain text. */
  aside(): number;
  /** Ends the deferral of events: they wait with the others again, in their old places. */
  requeueAside(): void;
  /** Size of waiting and deferred events together. */
  size(): SpillSize;
};

/** Bound parameters per statement, a limit of the runtime. */
const parametersMax = 100;

/** Approximate overhead of SQLite for a row and its index entry. */
const rowOverheadBytes = 200;

/** `aside` is 1 for a deferred event. Rows of one id have different bytes. */
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
  /** Rows of an id beyond the first. */
  const conflictsOf = (id: string): number =>
    Number(first(sql.exec("select count(*) as rows from spill where id = ?", id))?.rows ?? 0) - 1;
  const has = (id: string, hash: string): boolean =>
    first(sql.exec("select 1 as there from spill where id = ? and hash = ?", id, hash)) !== null;

  /** The rows that a request adds, and its acceptances. */
  const look = (events: readonly NewEvent[]): { rows: Row[]; acceptances: Acceptance[] } => {
    const rows = new Map<string, Row>();
    const hashes = new Map<string, string>();
    /** Conflicts within this request, by their common id. */
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
      // Sizes first: that many bodies may exceed the object's memory.
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

/** The body has a separate column, because its escaped quotes in JSON would count against the row's limit. */
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
  // Read to the end: an open cursor keeps its statement.
  return [...rows][0] ?? null;
}
