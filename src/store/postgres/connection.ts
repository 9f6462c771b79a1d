import postgres from "postgres";
import { notifyingOfEntries } from "./notifying-client.ts";

export type Sql = postgres.Sql;

/**
 * Opens a client on one connection, which is made on the first statement.
 *
 * Types are not fetched (a round trip for nothing: rows use built-in types, arrays travel as JSON), prepared statements are on
 * (Hyperdrive keeps them apart per client), and the connection is closed once idle: an open socket keeps an object in memory
 * and holds one of Hyperdrive's connections.
 *
 * @param url the app role's connection string
 * @param idleSeconds how long an unused connection stays open
 * @param connectSeconds how long a connection may take to be made
 * @param entriesAdded called after each commit that may have added entries to the audit log: the notary has something to link
 */
export function connect(
  url: string,
  { idleSeconds, connectSeconds }: { idleSeconds: number; connectSeconds: number },
  entriesAdded: () => void,
): Sql {
  const client = postgres(url, {
    max: 1,
    fetch_types: false,
    prepare: true,
    max_lifetime: null,
    idle_timeout: idleSeconds,
    connect_timeout: connectSeconds,
    // A notice is Postgres talking to a person at a prompt; nobody is there.
    onnotice: () => {},
    connection: { application_name: startsGuarded("hookline") },
  });
  return notifyingOfEntries(client, entriesAdded);
}

/** Connections that a client may begin in a second: one is closed after a second without use, and then made anew. */
const startsPerSecondMax = 5;

/** A connection was closed again and again before it was ready. */
class NeverReady extends Error {
  readonly code = "CONNECTION_CLOSED";
}

/**
 * A name that postgres.js writes at each start of a connection, and that ends too many of them. Where a connection is closed before it
 * is ready (a proxy whose Postgres is away does so), postgres.js tries again at once and for ever, and answers nobody.
 *
 * The cast holds: postgres.js only ever puts the value into a text.
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

/** Postgres' error code (SQLSTATE) or postgres.js' own, when the thrown value has one. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/**
 * A batch as one parameter: 65,534 parameters are the limit, and one JSON text takes one round trip whatever the batch.
 * Sent as text and cast in SQL, because postgres.js would encode a `json` parameter a second time.
 */
export function asJson(rows: unknown): string {
  return JSON.stringify(rows);
}

/** postgres.js' own codes, and SQLSTATEs, that mean "not there, or not answering": nothing is wrong with the statement. */
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
  // Hyperdrive's own: no connection to be had from its pool, or from the origin.
  "58000",
]);

/** @returns whether a thrown value means that Postgres cannot be reached, or does not answer */
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
 * @returns whether Postgres cannot do it now, whatever it is given: it is away, read-only (class 25), rolls back (40), lacks a right or
 *   a table (42), disk or memory (53), or somebody stopped it (57). Nothing is wrong with the content
 */
export function isNotNow(error: unknown): boolean {
  return isAway(error) || /^(?:25|40|42|53|57)[0-9A-Z]{3}$/.test(errorCode(error) ?? "");
}

/** @returns whether Postgres refuses the content: data exceptions (class 22), integrity violations (23), too large for an index (54000) */
export function isRefusal(error: unknown): boolean {
  return /^(?:2[23][0-9A-Z]{3}|54000)$/.test(errorCode(error) ?? "");
}
