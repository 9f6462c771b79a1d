/**
 * Rule: a migration never blocks writers while it builds or drops an index. The service writes its tables while
 * `hookline migrate` runs. `CREATE INDEX` in the migration's transaction would lock writers out until it commits, and
 * `DROP INDEX` readers too. Indexes of existing tables are therefore built or dropped concurrently before that
 * transaction, which leaves them out.
 *
 * Each step can be repeated: the next run finishes one that was killed half way.
 */
import type postgres from "postgres";
import { type IndexStatement, indexStatement } from "./index-statements.ts";

type Log = (line: string) => void;
type Creation = Extract<IndexStatement, { kind: "create" }>;

/** Postgres' codes for a table, column, function or type that the migration itself makes. */
const notThereYet: ReadonlySet<string> = new Set(["42P01", "42703", "42883", "42704"]);

/**
 * Builds and drops a migration's indexes concurrently. Waits for open transactions, and blocks nobody meanwhile.
 *
 * @param sql The owner's only connection, which holds the lock of migrations.
 * @param statements Statements of the migration.
 * @returns The statements that are done, without indexes of tables or columns that the migration itself creates.
 * @throws Postgres' error, such as that of a unique index that finds duplicates. No invalid index remains then.
 */
export async function buildIndexes(sql: postgres.Sql, statements: readonly string[], log: Log): Promise<Set<string>> {
  const done = new Set<string>();
  for (const [statement, index] of inOrder(statements)) {
    if (index.kind === "create") {
      if (await created(sql, index, log)) done.add(statement);
    } else {
      log(`drops the index ${index.name} once open transactions have ended; the service works meanwhile`);
      await sql.unsafe(index.concurrent);
      done.add(statement);
    }
  }
  return done;
}

/** New indexes come first, so that queries always have one. An index of the same name must be dropped before. */
function inOrder(statements: readonly string[]): [string, IndexStatement][] {
  const work = statements.flatMap((statement): [string, IndexStatement][] => {
    const index = indexStatement(statement);
    return index === null ? [] : [[statement, index]];
  });
  const made = new Set(work.flatMap(([, { kind, name }]) => (kind === "create" ? [name] : [])));
  const rank = ({ kind, name }: IndexStatement) => (kind === "create" ? 1 : made.has(name) ? 0 : 2);
  return work.toSorted(([, one], [, other]) => rank(one) - rank(other));
}

async function created(sql: postgres.Sql, index: Creation, log: Log): Promise<boolean> {
  const there = await standing(sql, index);
  // Another index has that name: the transaction fails and reports it.
  if (there === "another") return false;
  if (there === "same") return true;
  if (there === "invalid") await drop(sql, index.name);
  log(
    `builds the index ${index.name} of ${index.table} once open transactions have ended; the service works meanwhile`,
  );
  try {
    await sql.unsafe(index.concurrent);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && notThereYet.has(String(error.code))) return false;
    // An invalid unique index still rejects rows.
    if ((await standing(sql, index)) === "invalid") await drop(sql, index.name);
    throw error;
  }
}

async function standing(sql: postgres.Sql, { name, table, unique }: Creation) {
  const [row] = await sql<{ valid: boolean; same_table: boolean | null; same_kind: boolean }[]>`
    select indisvalid as valid, indrelid = to_regclass(${`"${table}"`}) as same_table, indisunique = ${unique} as same_kind
    from pg_index where indexrelid = to_regclass(${`"${name}"`})`;
  if (row === undefined) return "none";
  if (row.same_table !== true) return "another";
  if (!row.valid) return "invalid";
  return row.same_kind ? "same" : "another";
}

async function drop(sql: postgres.Sql, name: string): Promise<void> {
  await sql.unsafe(`drop index concurrently if exists "${name}"`);
}
