// Runs the migrations as the owner, and prepares the app's role, which has fewer rights.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readMigrationFiles } from "drizzle-orm/migrator";
import postgres from "postgres";
import { root } from "../local/paths.ts";
import { buildIndexes } from "./build-indexes.ts";

export const appRole = "hookline_app";
const migrationsDir = join(root, "migrations");

const betweenTriesMs = 1_000;
const sayEveryMs = 10_000;
// Number of the advisory lock that makes concurrent migrations of one database wait for each other. The lock needs a
// direct URL, because session locks fail through Hyperdrive.
const lockKey = 726_574_001;

/** Postgres' codes for a lock timeout, a deadlock, and a row of its catalogue that a migration of another database changes just then. */
const [lockNotAvailable, deadlock, internalError] = ["55P03", "40P01", "XX000"];
/**
 * Time that a migration waits for a lock. Other statements queue behind a waiting lock, and an inbox spills after one
 * second.
 */
const lockWaitMs = 500;
const betweenLocksMs = 2_000;

type Log = (line: string) => void;

/**
 * Runs the missing migrations on the database at `ownerUrl`, each in its own transaction, in drizzle's journal. The
 * service may run meanwhile. Indexes of existing tables are built before the transaction (`buildIndexes`). A
 * transaction that does not get a lock soon gives up and is retried.
 *
 * Waits up to `waitMs` (forever by default) for a Postgres that is not up yet, and logs waits with `log`. `folder` has
 * other migrations than this checkout's. Throws Postgres' error if the URL is wrong or a migration fails. Earlier
 * migrations are committed then.
 */
export async function migrate(
  ownerUrl: string,
  options: { log?: Log; waitMs?: number; folder?: string } = {},
): Promise<void> {
  const log = options.log ?? (() => undefined);
  await waitForPostgres(ownerUrl, log, options.waitMs ?? Number.POSITIVE_INFINITY);
  const migrating = async (sql: postgres.Sql) => {
    await takeTurns(sql, log);
    await runMissing(sql, options.folder ?? migrationsDir, log);
  };
  // A migration says what another role has to do. Postgres' own notices say that something was there already.
  await withOwner(ownerUrl, migrating, ({ where, message }) => {
    if (/PL\/pgSQL/.test(where ?? "")) log(message ?? "");
  });
}

/**
 * Polls for the lock instead of waiting in Postgres: a waiting statement is a transaction, for whose end a concurrent
 * index build would wait.
 */
async function takeTurns(sql: postgres.Sql, log: Log): Promise<void> {
  const say = sayNowAndThen(log);
  for (;;) {
    const [row] = await sql<{ mine: boolean }[]>`select pg_try_advisory_lock(${lockKey}) as mine`;
    if (row?.mine) return;
    say("waiting for other migrations of this database to end");
    await sleep(betweenTriesMs);
  }
}

async function runMissing(sql: postgres.Sql, folder: string, log: Log): Promise<void> {
  // An index of a large table takes longer than a role's own limit may allow.
  await sql`set statement_timeout = 0`;
  await sql`set lock_timeout = 0`;
  await sql`create schema if not exists drizzle`;
  await sql`
    create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  const ran = await sql<{ at: number }[]>`select created_at::float8 as at from drizzle.__drizzle_migrations`;
  const known = new Set(ran.map(({ at }) => at));
  for (const migration of readMigrationFiles({ migrationsFolder: folder })) {
    if (known.has(migration.folderMillis)) continue;
    // A new database has no writers.
    const done = known.size === 0 ? new Set<string>() : await buildIndexes(sql, migration.sql, log);
    const left = migration.sql.filter((statement) => !done.has(statement));
    await lockedBriefly(log, () => runOne(sql, left, migration));
  }
}

async function runOne(
  sql: postgres.Sql,
  statements: readonly string[],
  { hash, folderMillis }: { hash: string; folderMillis: number },
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.unsafe(`set local lock_timeout = ${lockWaitMs}`);
    await lockTables(tx, statements);
    for (const statement of statements) await tx.unsafe(statement);
    await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis})`;
  });
}

const changedTable = /\b(?:alter|drop)\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?"?(\w+)"?/gi;
/** Changes of a table beside which it can be read. */
const leavesReaders = /\b(?:validate\s+constraint|foreign\s+key)\b/i;

/**
 * Locks the tables that the statements change, before the first of them and in one order. A conflict ends by the lock
 * timeout, of which each table has its part. Readiness reads nearly all tables by one statement: while it waits
 * for a table that a migration has locked, it holds another one that the migration locks later.
 */
async function lockTables(tx: postgres.TransactionSql, statements: readonly string[]): Promise<void> {
  const changes = statements.filter((statement) => !leavesReaders.test(statement));
  const named = new Set(
    changes.flatMap((statement) => [...statement.matchAll(changedTable)].map(([, table = ""]) => table)),
  );
  const known = await tx<{ name: string }[]>`
    select quote_ident(n) as name from json_array_elements_text(${JSON.stringify([...named])}::text::json) n
    where to_regclass(quote_ident(n)) is not null order by n`;
  if (known.length < 2) return;
  await tx.unsafe(`set local lock_timeout = ${Math.ceil(lockWaitMs / known.length)}`);
  await tx.unsafe(`lock table ${known.map(({ name }) => name).join(", ")} in access exclusive mode`);
  await tx.unsafe(`set local lock_timeout = ${lockWaitMs}`);
}

/** Retries while another transaction holds a lock that `work` needs, or changes the same row of Postgres' catalogue. */
async function lockedBriefly(log: Log, work: () => Promise<void>): Promise<void> {
  const say = sayNowAndThen(log);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      const { code, message } = error;
      const isChanged = code === internalError && /concurrently updated/.test(message);
      if (code !== lockNotAvailable && code !== deadlock && !isChanged) throw error;
      say(`waiting for a transaction that holds a table (${message})`);
      await sleep(betweenLocksMs);
    }
  }
}

/**
 * Lets the app's role log in with `password`. The migrations create the role and grant its rights, but must not hold a password.
 * Throws if the role is missing, which means that no migration has run.
 */
export async function prepareAppRole(ownerUrl: string, password: string, role: string = appRole): Promise<void> {
  if (!/^[A-Za-z0-9_-]{16,}$/.test(password))
    throw new Error("the app role's password must be base64url, 16 or longer");
  await withOwner(ownerUrl, async (sql) => {
    const [known] = await sql`select 1 from pg_roles where rolname = ${role}`;
    if (known === undefined) throw new Error(`the role ${role} does not exist: have the migrations run?`);
    // A utility statement takes no parameters. The check above keeps the password free of quotes.
    await sql.unsafe(`alter role "${role}" with login password '${password}'`);
  });
}

/** The same server and database as `ownerUrl`, as the app's role. */
export function appUrl(ownerUrl: string, password: string, role: string = appRole): string {
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = password;
  return url.href;
}

async function waitForPostgres(ownerUrl: string, log: Log, waitMs: number): Promise<void> {
  const { hostname, port } = new URL(ownerUrl);
  const began = performance.now();
  const say = sayNowAndThen(log);
  for (;;) {
    const refusal = await tryConnect(ownerUrl);
    if (refusal === undefined) return;
    if (performance.now() - began > waitMs)
      throw new Error(`no Postgres answers at ${hostname}:${port || 5432} (${refusal})`);
    say(`waiting for Postgres at ${hostname}:${port || 5432} (${refusal})`);
    await sleep(betweenTriesMs);
  }
}

/** Logs the first line of a wait, then one line every ten seconds. */
function sayNowAndThen(log: Log): Log {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (line) => {
    if (performance.now() - saidAt < sayEveryMs) return;
    log(line);
    saidAt = performance.now();
  };
}

// Gives the reason if Postgres may still come up. Throws if it is up and refuses the login.
async function tryConnect(ownerUrl: string): Promise<string | undefined> {
  try {
    await withOwner(ownerUrl, (sql) => sql`select 1`);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const startingUp = code === "57P03";
    const unreachable = /^(E[A-Z]+|CONNECT_TIMEOUT|CONNECTION_[A-Z]+)$/.test(code);
    if (startingUp || unreachable) return code;
    throw error;
  }
}

async function withOwner<T>(
  ownerUrl: string,
  work: (sql: postgres.Sql) => Promise<T>,
  onnotice: (notice: postgres.Notice) => void = () => undefined,
): Promise<T> {
  const sql = postgres(ownerUrl, {
    max: 1,
    connect_timeout: 5,
    // The connection holds the lock of migrations for as long as they take.
    max_lifetime: null,
    onnotice,
  });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
