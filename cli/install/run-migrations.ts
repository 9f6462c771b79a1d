// Runs the migrations as the owner, and prepares the app's role, which has fewer rights.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { root } from "../local/paths.ts";

export const appRole = "hookline_app";
const migrationsDir = join(root, "migrations");

const betweenTriesMs = 1_000;
const sayEveryMs = 10_000;
// An advisory lock: two starts on one database take turns. It needs a direct URL, since session locks fail through Hyperdrive.
const lockKey = 726_574_001;

/**
 * Runs this checkout's missing migrations on the database at `ownerUrl`, in one transaction. Waits up to `waitMs` (forever by
 * default) for a Postgres that is not up yet, and logs that with `log`. `folder` has other migrations than this checkout's. Throws Postgres' error if the URL is wrong or a migration
 * fails.
 */
export async function migrate(
  ownerUrl: string,
  options: { log?: (line: string) => void; waitMs?: number; folder?: string } = {},
): Promise<void> {
  await waitForPostgres(ownerUrl, options.log ?? (() => undefined), options.waitMs ?? Number.POSITIVE_INFINITY);
  await withOwner(ownerUrl, async (sql) => {
    await sql`select pg_advisory_lock(${lockKey})`;
    await runMigrations(drizzle(sql), { migrationsFolder: options.folder ?? migrationsDir });
  });
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

async function waitForPostgres(ownerUrl: string, log: (line: string) => void, waitMs: number): Promise<void> {
  const { hostname, port } = new URL(ownerUrl);
  const began = performance.now();
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const refusal = await tryConnect(ownerUrl);
    if (refusal === undefined) return;
    const waited = performance.now() - began;
    if (waited > waitMs) throw new Error(`no Postgres answers at ${hostname}:${port || 5432} (${refusal})`);
    if (waited - saidAt >= sayEveryMs) {
      log(`waiting for Postgres at ${hostname}:${port || 5432} (${refusal})`);
      saidAt = waited;
    }
    await sleep(betweenTriesMs);
  }
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

async function withOwner<T>(ownerUrl: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(ownerUrl, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
