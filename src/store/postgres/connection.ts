import postgres from "postgres";
import { type EntriesNotice, notifyingOfEntries } from "./notifying-client.ts";

export type Sql = postgres.Sql;
/** A client, or a transaction of one. */
export type Queries = postgres.ISql;
/** A transaction, which can have savepoints. */
export type Transaction = postgres.TransactionSql;

/**
 * `idleSeconds`: how long an unused connection stays open. `connectSeconds`: how long it may take to connect. `prepare`:
 * whether a statement is planned once, or each time.
 */
type ConnectOptions = { readonly idleSeconds: number; readonly connectSeconds: number; readonly prepare?: boolean };

/**
 * Opens a client on one connection, which is established by the first statement.
 *
 * Types are not fetched, which saves a round trip: rows use built-in types, and arrays travel as JSON. Prepared statements are on:
 * Hyperdrive separates them by client. An idle connection is closed, because an open socket keeps an object in memory and holds one of
 * Hyperdrive's connections.
 *
 * @param url the app role's connection string
 * @param entriesAdded called before and after each statement that may add entries to the audit log: the notary then has
 *   entries to link
 */
export function connect(
  url: string,
  { idleSeconds, connectSeconds, prepare = true }: ConnectOptions,
  entriesAdded: EntriesNotice,
): Sql {
  const client = postgres(url, {
    max: 1,
    fetch_types: false,
    prepare,
    max_lifetime: null,
    idle_timeout: idleSeconds,
    connect_timeout: connectSeconds,
    // Notices are meant for an interactive prompt.
    onnotice: () => {},
    connection: { application_name: startsGuarded("hookline") },
  });
  return notifyingOfEntries(client, entriesAdded, isAway);
}

/**
 * Connections that a client may open per second. A healthy client opens at most one, after its idle connection was
 * closed.
 */
const startsPerSecondMax = 5;

/** Connections were closed repeatedly before they were ready. */
class NeverReady extends Error {
  readonly code = "CONNECTION_CLOSED";
}

/**
 * An application name that throws when it is read after too many starts of connections. If a connection is closed
 * before it is ready (a proxy whose Postgres is down does so), postgres.js reconnects at once and for ever, and its
 * statements never settle.
 *
 * The cast holds because postgres.js only puts the value into a text.
 */
function startsGuarded(name: string): string {
  let starts: number[] = [];
  const guarded = {
    toString(): string {
      const now = Date.now();
      starts = [...starts.filter((at) => now - at < 1_000), now];
      if (starts.length > startsPerSecondMax) throw new NeverReady("Postgres closes connections before they are ready");
      return name;
    },
  };
  return guarded as unknown as string;
}

/** A transaction as a client, for code that begins no other transaction: it runs every statement that its client runs. */
export function asClient(tx: postgres.TransactionSql): Sql {
  return tx as unknown as Sql;
}

/** Postgres' error code (SQLSTATE) or postgres.js' own, if the thrown value has one. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/**
 * A batch as one parameter. Postgres allows at most 65,534 parameters, and one JSON text takes one round trip for any
 * batch. The JSON is sent as text and cast in SQL, because postgres.js would encode a `json` parameter a second time.
 */
export function asJson(rows: unknown): string {
  return JSON.stringify(rows);
}

/**
 * Ids as one array. A row is found by `= any(…)` with it, by an index. For a join with the JSON function, which Postgres
 * takes for 100 rows, it may read the whole table.
 */
export function uuidArray(sql: Sql, ids: readonly string[]) {
  return sql`array(select id::uuid from json_array_elements_text(${asJson(ids)}::text::json) g(id))`;
}

/** Codes of postgres.js, and SQLSTATEs, that mean that Postgres is down or does not answer. The statement is not at fault. */
const awayCodes = new Set([
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "STATEMENT_TIMEOUT",
  "53300",
  "55P03",
  "57P01",
  "57P02",
  "57P03",
  // Hyperdrive's own code: its pool or the origin has no connection.
  "58000",
]);

/** @returns whether a thrown value means that Postgres is down or does not answer */
export function isAway(error: unknown): boolean {
  const code = errorCode(error);
  if (code !== null) return awayCodes.has(code) || code.startsWith("08");
  // The runtime's own socket errors carry no code.
  return (
    error instanceof Error &&
    /network connection lost|connection attempt failed|proxy request failed|stream was cancelled|connection refused/i.test(
      error.message,
    )
  );
}

/**
 * @returns whether Postgres cannot run the statement now, whatever its content: it is down, read-only (class 25), rolls back (40), lacks
 *   a right or a table (42), disk or memory (53), or was stopped by an operator (57)
 */
export function isNotNow(error: unknown): boolean {
  return isAway(error) || /^(?:25|40|42|53|57)[0-9A-Z]{3}$/.test(errorCode(error) ?? "");
}

/** @returns whether Postgres rejects the content: data exceptions (class 22), integrity violations (23), too large for an index (54000) */
export function isRefusal(error: unknown): boolean {
  return /^(?:2[23][0-9A-Z]{3}|54000)$/.test(errorCode(error) ?? "");
}
