import { connectionIdleMs } from "../domain/limits.ts";
import { connect, type Sql } from "./connection.ts";

/** A client that an object keeps between events, and may drop when a statement hangs. */
export type KeptClient = {
  /** The client; a new one after a drop. */
  sql(): Sql;
  /**
   * Runs one statement against a deadline. Past it the connection is stuck behind the statement, which may still commit:
   * the client is dropped and {@link StatementTimeout} is thrown.
   */
  within<T>(ms: number, statement: (sql: Sql) => Promise<T>): Promise<T>;
  drop(): void;
};

/** Postgres did not answer in time. What it was asked may still come to be. */
export class StatementTimeout extends Error {
  readonly code = "STATEMENT_TIMEOUT";
  constructor(ms: number) {
    super(`Postgres did not answer within ${ms} ms`);
  }
}

/** @param url the app role's connection string */
export function keptClient(url: string): KeptClient {
  let client: Sql | null = null;
  const sql = (): Sql => {
    client ??= connect(url, { idleSeconds: connectionIdleMs / 1_000, connectSeconds: 5 });
    return client;
  };
  const drop = (): void => {
    const dropped = client;
    client = null;
    // The socket is closed at once; whoever still waits on it gets an error.
    dropped?.end({ timeout: 0 }).catch(() => {});
  };
  return {
    sql,
    drop,
    async within(ms, statement) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new StatementTimeout(ms)), ms);
      });
      try {
        return await Promise.race([statement(sql()), late]);
      } catch (error) {
        if (error instanceof StatementTimeout) drop();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * A store of an object whose every statement has a deadline: on a half-open socket it would wait for ever, and the object with it.
 *
 * @param store made over this client's `sql`
 */
export function withDeadline<Store extends object>(client: KeptClient, ms: number, store: Store): Store {
  const inTime = (result: unknown): unknown => (result instanceof Promise ? client.within(ms, () => result) : result);
  const bounded = Object.entries(store).map(([name, method]: [string, unknown]) => [
    name,
    typeof method === "function" ? (...args: unknown[]) => inTime(method(...args)) : method,
  ]);
  return sameStore<Store>(Object.fromEntries(bounded));
}

/** Every method of a store takes what it took and gives the promise of what it gave: only the waiting is bounded. */
function sameStore<Store extends object>(store: object): Store {
  return store as Store;
}
