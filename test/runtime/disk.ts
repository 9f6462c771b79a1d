/** An object's storage with a real SQLite, in memory. */
import type { SQLInputValue } from "node:sqlite";
import type { SpillStorage } from "../../src/objects/inbox/spill.ts";

const { DatabaseSync } = process.getBuiltinModule("node:sqlite");

export type Disk = SpillStorage & {
  /** Statements that were run. */
  statements(): string[];
};

export function disk(): Disk {
  const database = new DatabaseSync(":memory:");
  const statements: string[] = [];
  return {
    statements: () => statements,
    sql: {
      exec(query: string, ...bindings: SQLInputValue[]) {
        if (bindings.length > 100) throw new Error("too many SQL variables");
        statements.push(query);
        return database.prepare(query).all(...bindings);
      },
    },
    transactionSync(work) {
      database.exec("begin");
      try {
        const answer = work();
        database.exec("commit");
        return answer;
      } catch (error) {
        database.exec("rollback");
        throw error;
      }
    },
  };
}
