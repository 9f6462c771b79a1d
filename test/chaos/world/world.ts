/** The stage of a run: its own Postgres, two Workers in raw workerd each behind its own wire, and the simulator. */
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { makeKeySets } from "../../../cli/install/keys.ts";
import { allScopes, mintToken } from "../../../cli/install/mint-token.ts";
import { appUrl } from "../../../cli/install/run-migrations.ts";
import { type Simulator, startSimulator } from "../../../dev/simulator/index.ts";
import { type Bundle, bundle } from "../../../dev/stack/bundle.ts";
import { type Cluster, migratedDatabase, startCluster } from "../../../dev/stack/cluster.ts";
import { nextFreePort } from "../../../dev/stack/network.ts";
import { localVars, startTogether, type Undo } from "../../../dev/stack/stack.ts";
import { startWorkerd, type Workerd } from "../../../dev/stack/workerd.ts";
import { type FaultyWire, faultyWire } from "./wire.ts";

/** One Worker with objects and storage of its own. Both have the same name for the same object, as in a deploy. */
export type Instance = {
  readonly name: "first" | "second";
  readonly worker: Workerd;
  readonly wire: FaultyWire;
  /** Whether it takes requests now. */
  up: boolean;
};

export type ChaosWorld = {
  readonly cluster: Cluster;
  readonly simulator: Simulator;
  readonly first: Instance;
  readonly second: Instance;
  /** A token with all scopes. */
  readonly token: string;
  /** Looks behind everything, by a connection that no fault strikes. */
  readonly owner: postgres.Sql;
  readonly ownerUrl: string;
  readonly stop: () => Promise<void>;
};

const startsMax = 4;
/** Below what Linux gives to outgoing connections; runs beside each other begin at different places. */
const portsFrom = 12_000 + (process.pid % 1_000) * 16;
const portsEach = 8;

/** Starts all parts. If one fails to start, the parts before it are stopped again. */
export async function startWorld(seed: number): Promise<ChaosWorld> {
  return await startTogether(async (undo, stop) => {
    const [cached, cluster] = await Promise.all([bundle(), startCluster()]);
    undo(cluster.stop);
    const { built } = copyOf(cached, undo);
    const { ownerUrl } = await migratedDatabase(cluster.info);
    const simulator = await startSimulator({ seed });
    undo(simulator.close);
    const keys = makeKeySets();
    const databaseUrl = appUrl(ownerUrl, cluster.info.appPassword);
    const instance = async (name: Instance["name"]): Promise<Instance> => {
      const wire = await faultyWire(cluster.postgres().port);
      undo(wire.close);
      const through = new URL(databaseUrl);
      through.port = String(wire.port);
      // Not an ephemeral port: another connection could take it while a killed Worker is down.
      const port = await nextFreePort(name === "first" ? portsFrom : portsFrom + portsEach);
      const cronPort = await nextFreePort(port + 1);
      const worker = await startWorkerd({
        bundle: built,
        databaseUrl: through.href,
        vars: localVars(keys, simulator),
        port,
        cronPort,
      });
      undo(worker.stop);
      return { name, worker, wire, up: true };
    };
    const first = await instance("first");
    const second = await instance("second");
    return { cluster, simulator, first, second, ...(await accessTo(ownerUrl, keys, undo)), ownerUrl, stop };
  });
}

/**
 * A copy of the built Worker, in a folder of the run: a Worker that is started again reads it again, and by then the cache may have made room.
 *
 * @returns `dir`: the folder, which may hold more
 */
export function copyOf(cached: Bundle, undo: Undo): { readonly built: Bundle; readonly dir: string } {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), "hookline-chaos-"));
  undo(async () => rmSync(dir, { recursive: true, force: true }));
  const built = { ...cached, dir: join(dir, "present") };
  cpSync(cached.dir, built.dir, { recursive: true });
  return { built, dir };
}

/** A token with all scopes, and a connection as the owner that no fault strikes. */
export async function accessTo(
  ownerUrl: string,
  keys: ReturnType<typeof makeKeySets>,
  undo: Undo,
): Promise<Pick<ChaosWorld, "token" | "owner">> {
  const minted = { ownerUrl, tokenKeys: keys.TOKEN_KEYS, scopes: allScopes, days: 1, name: "chaos" };
  const { token } = await mintToken(minted);
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  undo(() => owner.end({ timeout: 5 }));
  return { token, owner };
}

/** Starts an instance again after it was killed. */
export async function bringUp(instance: Instance): Promise<void> {
  await persistently(() => instance.worker.restart());
  instance.up = true;
}

/**
 * Starts something more than once, as a supervisor does: on a busy machine a start may take too long, and its port may be somebody's for a
 * moment.
 */
export async function persistently(start: () => Promise<unknown>): Promise<void> {
  for (let nth = 1; ; nth++) {
    try {
      await start();
      return;
    } catch (error) {
      if (nth === startsMax) throw error;
    }
  }
}

/** Asks an instance, the first unless another is named, as an operator does; throws with the answer when it is not a good one. */
export async function askApi(
  world: ChaosWorld,
  method: string,
  path: string,
  json?: unknown,
  instance: Instance = world.first,
): Promise<unknown> {
  const answer = await fetch(new URL(path, instance.worker.url), {
    method,
    headers: {
      authorization: `Bearer ${world.token}`,
      ...(json === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text.slice(0, 400)}`);
  return text === "" ? null : JSON.parse(text);
}
