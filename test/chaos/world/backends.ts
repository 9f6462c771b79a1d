/**
 * Postgres' backends as processes of this machine. A signal needs no right in Postgres, so the run's role has no more of them than a
 * deployment's owner: `pg_terminate_backend` would need the right to signal another role's backends.
 *
 * | signal  | to a backend                                                                                             |
 * | ------- | -------------------------------------------------------------------------------------------------------- |
 * | SIGTERM | ends the connection (57P01), as `pg_terminate_backend` does; an open transaction is rolled back          |
 * | SIGINT  | cancels the statement (57014), as `pg_cancel_backend` does; without one nothing happens                  |
 * | SIGKILL | the whole cluster crashes: the postmaster ends every backend and recovers from the write-ahead log       |
 *
 * @see https://www.postgresql.org/docs/17/server-shutdown.html
 * @see https://www.postgresql.org/docs/17/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL
 */
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { appRole } from "../../../cli/install/run-migrations.ts";
import { commandOf, descendants, isAlive, signalQuietly } from "../../../dev/stack/processes.ts";
import type { ChaosWorld } from "./world.ts";

const recoveryLimitMs = 30_000;
const lookEveryMs = 20;
const listEveryMs = 200;
const busyEveryMs = 2;

/** The backends that serve the Workers, by the titles that Postgres gives to its processes: `postgres: ROLE DATABASE HOST(PORT) …`. */
export function backendsOf({ cluster, ownerUrl }: Pick<ChaosWorld, "cluster" | "ownerUrl">): number[] {
  const title = `postgres: ${appRole} ${new URL(ownerUrl).pathname.slice(1)} `;
  return descendants(cluster.postgres().pid)
    .filter(({ command }) => command.startsWith(title))
    .map(({ pid }) => pid);
}

/** Whether the title of a backend says that a statement is under way. */
function isBusy(pid: number): boolean {
  const title = commandOf(pid);
  return title !== undefined && !/\bidle( in transaction.*)?$/.test(title);
}

/**
 * Waits for a backend of the Workers that a fault can strike: idle Workers close their connections.
 *
 * @param busy whether a statement must be under way
 * @param chance from 0 to 1; which of several
 * @returns `null`: there was none in time
 */
export async function backendToStrike(
  world: Pick<ChaosWorld, "cluster" | "ownerUrl">,
  { busy, chance, waitMs }: { busy: boolean; chance: number; waitMs: number },
): Promise<number | null> {
  for (const giveUp = Date.now() + waitMs; Date.now() < giveUp; ) {
    const backends = backendsOf(world);
    // The whole list of processes is expensive, a title is not.
    for (const listAgainAt = Date.now() + listEveryMs; Date.now() < listAgainAt; await sleep(busyEveryMs)) {
      const found = busy ? backends.filter(isBusy) : backends;
      const pid = found[Math.floor(chance * found.length)];
      if (pid !== undefined) return pid;
    }
  }
  return null;
}

/** Kills a backend, and waits until the postmaster has ended the others and takes connections again. */
export async function crash(world: Pick<ChaosWorld, "cluster" | "ownerUrl">, pid: number): Promise<void> {
  const before = backendsOf(world);
  signalQuietly(pid, "SIGKILL");
  for (const giveUp = Date.now() + recoveryLimitMs; ; await sleep(lookEveryMs)) {
    if (!before.some(isAlive) && (await answers(world.ownerUrl))) return;
    if (Date.now() > giveUp) throw new Error("Postgres did not recover from the crash of a backend");
  }
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
