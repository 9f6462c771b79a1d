import { withinDeadline } from "../../platform/deadline.ts";
import { connect, isAway, type Sql } from "./connection.ts";

/** Time after which an object's unused connection closes. An open socket keeps the object in memory, and one of Hyperdrive's. */
const connectionIdleMs = 1_000;

/** Time that connecting may take: less than a statement's deadline. */
const connectSeconds = 5;

/** A client that an object holds between events, and may drop if a statement hangs. */
export type KeptClient = {
  /** The client; a new one after a drop. */
  sql(): Sql;
  /**
   * Runs one statement against a deadline. Past it the connection is stuck behind the statement, which may still commit, so the
   * client is dropped and {@link StatementTimeout} is thrown. The client is also dropped if Postgres is down, because a client that
   * failed to connect waits longer before each retry.
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
 * @param entriesAdded called after each commit that may have added entries to the audit log
 */
export function keptClient(url: string, entriesAdded: () => void): KeptClient {
  let client: Sql | null = null;
  const sql = (): Sql => {
    client ??= connect(url, { idleSeconds: connectionIdleMs / 1_000, connectSeconds }, entriesAdded);
    return client;
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
      try {
        return await withinDeadline(statement(used), ms, () => new StatementTimeout(ms));
      } catch (error) {
        if (isAway(error)) drop(used);
        throw error;
      }
    },
  };
}

/**
 * Gives every method of an object's store a deadline. On a half-open socket a statement would wait for ever, and the object with it.
 *
 * @param store a plain object of methods over this client's `sql`: inherited methods would be lost
 */
export function withDeadline<Store extends object>(client: KeptClient, ms: number, store: Store): Store {
  // Methods of a class stand on its prototype: they would be lost.
  if (Object.getPrototypeOf(store) !== Object.prototype) throw new Error("a store is a plain object");
  const inTime = (result: unknown): unknown => (result instanceof Promise ? client.within(ms, () => result) : result);
  const bounded = Object.entries(store).map(([name, method]: [string, unknown]) => [
    name,
    typeof method === "function" ? (...args: unknown[]) => inTime(method(...args)) : method,
  ]);
  return sameStore<Store>(Object.fromEntries(bounded));
}

/** The cast holds because each method has the arguments and the result that it had: only the wait is bounded. */
function sameStore<Store extends object>(store: object): Store {
  return store as Store;
}
