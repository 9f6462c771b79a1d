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
