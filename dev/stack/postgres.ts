// A real Postgres 17 from the packages, with its data kept in a directory, on 127.0.0.1 only.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { readIfThere, writePrivate } from "../../cli/local/files.ts";
import { guard } from "./guard.ts";
import { freePort } from "./network.ts";
import { type PostgresHome, postgresHome } from "./postgres-home.ts";
import { commandOf, isAlive, signalQuietly, waitGone } from "./processes.ts";

/** A running cluster. `exited` settles when the server ends, for whatever reason. */
export type Postgres = {
  /** The URL of the role that owns the databases and runs the migrations; it is no superuser. */
  ownerUrl: (database: string) => string;
  /** The superuser's URL, for creating databases and for tests that bypass all rights. */
  adminUrl: string;
  /** The password that `prepareAppRole` gives to the app's role in this cluster. */
  appPassword: string;
  port: number;
  pid: number;
  dir: string;
  exited: Promise<void>;
  /** Shuts down: open transactions are rolled back, everything is flushed. */
  stop: () => Promise<void>;
  /** Ends it as a crash would: the next start recovers from the write-ahead log. */
  stopImmediate: () => Promise<void>;
};

type Passwords = { admin: string; app: string };

const ownerRole = "hookline_owner";
const startLimitMs = 60_000;
const stopLimitMs = 15_000;

// fsync and full commits stay on, because the promises and the figures depend on them. Statements and details are never
// logged, since they may contain phone numbers.
const settings: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "128MB",
  max_wal_size: "1GB",
  timezone: "UTC",
  log_timezone: "UTC",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_parameter_max_length_on_error: "0",
};

/**
 * Starts the cluster in `dir`, creating it on the first start. A server that a killed start left behind is stopped
 * first, and data after a crash is recovered. `port` is any free one by default. Throws with the end of its log if it
 * is not ready in time.
 */
export async function startPostgres(options: {
  dir: string;
  port?: number;
  log?: (line: string) => void;
}): Promise<Postgres> {
  const log = options.log ?? (() => undefined);
  const home = postgresHome(options.dir);
  const passwords = loadPasswords(options.dir);
  if (!existsSync(join(home.dataDir, "PG_VERSION"))) initialise(home, passwords);
  await endLeftover(home.dataDir, log);
  const port = options.port ?? (await freePort());
  const child = launch(home, options.dir, port);
  const pid = child.pid;
  if (pid === undefined) throw new Error("Postgres could not be started");
  const callOff = guard(pid, "INT");
  const exited = new Promise<void>((done) => {
    child.once("exit", () => {
      callOff();
      done();
    });
  });
  await waitReady(home.dataDir, options.dir, child, pid);
  const url = (user: string, password: string, database: string) =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  const adminUrl = url("postgres", passwords.admin, "postgres");
  await ensureOwner(adminUrl, passwords.admin);
  return {
    ownerUrl: (database) => url(ownerRole, passwords.admin, database),
    adminUrl,
    appPassword: passwords.app,
    port,
    pid,
    dir: options.dir,
    exited,
    stop: () => end(pid, "SIGINT", exited),
    stopImmediate: () => end(pid, "SIGQUIT", exited),
  };
}

/** Creates the database unless it exists; `template` is copied. Returns its name; without one, a new name. */
export async function freshDatabase(
  cluster: Pick<Postgres, "adminUrl">,
  options: { name?: string; template?: string } = {},
): Promise<string> {
  const name = options.name ?? `hookline_${randomBytes(6).toString("hex")}`;
  return withAdmin(cluster.adminUrl, async (sql) => {
    const [known] = await sql`select 1 from pg_database where datname = ${name}`;
    if (known !== undefined) return name;
    await sql`create database ${sql(name)} owner ${sql(ownerRole)} template ${sql(options.template ?? "template1")}`;
    return name;
  });
}

/** Removes a database, and disconnects its clients. */
export async function dropDatabase(cluster: Pick<Postgres, "adminUrl">, name: string): Promise<void> {
  await withAdmin(cluster.adminUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
}

async function withAdmin<T>(adminUrl: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function loadPasswords(dir: string): Passwords {
  const path = join(dir, "passwords.json");
  const kept = readIfThere(path);
  if (kept !== undefined) return JSON.parse(kept);
  const made = { admin: randomBytes(24).toString("base64url"), app: randomBytes(24).toString("base64url") };
  writePrivate(path, `${JSON.stringify(made)}\n`);
  return made;
}

// Created in a directory beside, then renamed: an interrupted initdb leaves nothing that looks like a cluster.
function initialise(home: PostgresHome, passwords: Passwords): void {
  const half = `${home.dataDir}.new`;
  const passwordFile = join(dirname(home.dataDir), "initdb-password");
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { mode: 0o700 });
  writePrivate(passwordFile, `${passwords.admin}\n`);
  if (home.runAs !== undefined) {
    for (const path of [half, passwordFile]) chownSync(path, home.runAs.uid, home.runAs.gid);
  }
  const made = spawnSync(
    home.initdb,
    [
      `--pgdata=${half}`,
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
    ],
    { ...home.runAs, cwd: "/", encoding: "utf8", env: { ...process.env, LC_ALL: "C" } },
  );
  rmSync(passwordFile, { force: true });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
  rmSync(home.dataDir, { recursive: true, force: true });
  renameSync(half, home.dataDir);
}

// postmaster.pid may name a server whose start was killed, which is stopped here. If another process has the number
// now, the file is removed, because Postgres would refuse to start. If no process has it, Postgres notices that itself.
async function endLeftover(dataDir: string, log: (line: string) => void): Promise<void> {
  const file = join(dataDir, "postmaster.pid");
  const pid = Number(readIfThere(file)?.split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return;
  if (!(commandOf(pid) ?? "").includes(dataDir)) {
    rmSync(file, { force: true });
    return;
  }
  log(`a Postgres of an earlier start is still running (pid ${pid}): ending it`);
  signalQuietly(pid, "SIGINT");
  if (await waitGone(pid, stopLimitMs)) return;
  signalQuietly(pid, "SIGQUIT");
  await waitGone(pid, stopLimitMs);
}

// In its own session, so that Ctrl-C in a terminal does not stop it before its clients. Its log is a file, so that it
// never waits for a reader.
function launch(home: PostgresHome, dir: string, port: number): ChildProcess {
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const logFile = openSync(join(dir, "postgres.log"), "w", 0o600);
  try {
    return spawn(home.postgres, ["-D", home.dataDir, "-p", String(port), ...flags], {
      ...home.runAs,
      cwd: "/",
      env: { ...process.env, LC_ALL: "C", LC_MESSAGES: "C" },
      stdio: ["ignore", logFile, logFile],
      detached: true,
    });
  } finally {
    closeSync(logFile);
  }
}

// The eighth line of postmaster.pid is the server's own status.
async function waitReady(dataDir: string, dir: string, child: ChildProcess, pid: number): Promise<void> {
  const giveUp = performance.now() + startLimitMs;
  while (performance.now() < giveUp && child.exitCode === null && child.signalCode === null) {
    const lines = readIfThere(join(dataDir, "postmaster.pid"))?.split("\n") ?? [];
    if (lines[0] === String(pid) && lines[7]?.trim() === "ready") return;
    await sleep(20);
  }
  child.kill("SIGQUIT");
  const tail = readFileSync(join(dir, "postgres.log"), "utf8").trimEnd().split("\n").slice(-5).join("\n");
  throw new Error(`Postgres did not start:\n${tail}`);
}

async function ensureOwner(adminUrl: string, password: string): Promise<void> {
  await withAdmin(adminUrl, async (sql) => {
    const [known] = await sql`select 1 from pg_roles where rolname = ${ownerRole}`;
    if (known !== undefined) return;
    // A utility statement takes no parameters; the password is base64url, which needs no quoting.
    await sql.unsafe(`create role ${ownerRole} login createrole createdb password '${password}'`);
  });
}

async function end(pid: number, signal: NodeJS.Signals, exited: Promise<void>): Promise<void> {
  signalQuietly(pid, signal);
  if (!(await waitGone(pid, stopLimitMs))) signalQuietly(pid, "SIGQUIT");
  await exited;
}
