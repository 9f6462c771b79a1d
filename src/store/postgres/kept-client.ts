import { withinDeadline } from "../../platform/deadline.ts";
import { connect, isAway, type Sql } from "./connection.ts";
import type { EntriesNotice } from "./notifying-client.ts";

/**
 * Default time after which an unused connection closes. An open socket keeps the object in memory, which is billed, and
 * holds one of Hyperdrive's connections.
 */
const idleMsUsually = 1_000;

/** Time that connecting may take: less than a statement's deadline. */
const connectSeconds = 5;

/** Time after which an unused connection is asked whether it is still there, and the time that it has for its answer. */
const probeAfterMs = 1_000;
const probeMs = 1_000;

/** A client that an object holds between events, and may drop if a statement hangs. */
export type KeptClient = {
  /** The client; a new one after a drop. */
  sql(): Sql;
  /**
   * Runs one statement against a deadline. After the deadline the client is dropped and {@link StatementTimeout} is
   * thrown, because the connection is stuck behind the statement. The statement may still commit. The client is also
   * dropped if Postgres is down, because a client that failed to connect waits longer before each retry.
   */
  within<T>(ms: number, statement: (sql: Sql) => Promise<T>): Promise<T>;
  drop(): void;
};

/** The deadline passed. The statement may still commit. */
class StatementTimeout extends Error {
  readonly code = "STATEMENT_TIMEOUT";
  constructor(ms: number) {
    super(`Postgres did not answer within ${ms} ms`);
  }
}

/**
 * @param url the app role's connection string
 * @param entriesAdded called before and after each statement that may add entries to the audit log
 * @param idleMs how long the connection stays open after a statement
 * @param prepare false: each statement is planned each time. A plan that was made for an almost empty table would stay
 *   when the table fills within seconds.
 */
export function keptClient(
  url: string,
  entriesAdded: EntriesNotice,
  idleMs = idleMsUsually,
  prepare = true,
): KeptClient {
  let client: Sql | null = null;
  let usedAt = 0;
  let inFlight = 0;
  const sql = (): Sql => {
    // Behind a statement that takes long, a probe would say nothing.
    const isIdle = inFlight === 0 && Date.now() - usedAt > probeAfterMs;
    usedAt = Date.now();
    if (client !== null && isIdle) void probe(client);
    client ??= connect(url, { idleSeconds: idleMs / 1_000, connectSeconds, prepare }, entriesAdded);
    return client;
  };
  /** A connection that went away unheard answers nothing, and the statement behind the probe would wait for its own deadline. */
  const probe = async (kept: Sql): Promise<void> => {
    try {
      await withinDeadline(kept`select 1`, probeMs);
    } catch {
      drop(kept);
    }
  };
  const drop = (only: Sql | null = client): void => {
    // A statement of an older client must not drop the present one.
    if (only !== client) return;
    const dropped = client;
    client = null;
    // The socket is closed at once. Statements that wait on it fail.
    dropped?.end({ timeout: 0 }).catch(() => {});
  };
  return {
    sql,
    drop: () => drop(),
    async within(ms, statement) {
      const used = sql();
      inFlight += 1;
      try {
        return await withinDeadline(statement(used), ms, () => new StatementTimeout(ms));
      } catch (error) {
        if (isAway(error)) drop(used);
        throw error;
      } finally {
        inFlight -= 1;
        usedAt = Date.now();
      }
    },
  };
}

/**
 * Gives every method of an object's store a deadline. On a half-open socket a statement would wait for ever, and the
 * object with it.
 *
 * @param store A plain object of methods that use this client's `sql`. Inherited methods would be lost.
 */
export function withDeadline<Store extends object>(client: KeptClient, ms: number, store: Store): Store {
  return bounded(store, () => (result) => client.within(ms, () => result));
}

/** The range of a deadline that adapts to a method's duration. */
export type Patience = { readonly minMs: number; readonly maxMs: number };

/**
 * Like {@link withDeadline}, but each method's deadline adapts: it doubles after a timeout, and otherwise is twice the
 * duration of the last success. A dead connection is dropped after `minMs`, and long work succeeds within a few
 * attempts.
 */
export function withPatience<Store extends object>(
  client: KeptClient,
  { minMs, maxMs }: Patience,
  store: Store,
): Store {
  return bounded(store, () => {
    let ms = minMs;
    return async (result) => {
      const beganAt = Date.now();
      try {
        const answer = await client.within(ms, () => result);
        ms = Math.min(Math.max(2 * (Date.now() - beganAt), minMs), maxMs);
        return answer;
      } catch (error) {
        if (error instanceof StatementTimeout) ms = Math.min(2 * ms, maxMs);
        throw error;
      }
    };
  });
}

/** @param limit Creates the bound for the results of one method. */
function bounded<Store extends object>(
  store: Store,
  limit: () => (result: Promise<unknown>) => Promise<unknown>,
): Store {
  // Methods of a class are on its prototype and would be lost.
  if (Object.getPrototypeOf(store) !== Object.prototype) throw new Error("a store is a plain object");
  const methods = Object.entries(store).map(([name, method]: [string, unknown]) => {
    if (typeof method !== "function") return [name, method];
    const inTime = limit();
    const call = (...args: unknown[]): unknown => {
      const result: unknown = method(...args);
      return result instanceof Promise ? inTime(result) : result;
    };
    return [name, call];
  });
  return sameStore<Store>(Object.fromEntries(methods));
}

/** The cast holds because each method has the arguments and the result that it had: only the wait is bounded. */
function sameStore<Store extends object>(store: object): Store {
  return store as Store;
}
