/**
 * The stage of a deploy: one workerd with the Workers of two versions, objects of which each class runs in one of the two, and a Postgres
 * whose migrations run while webhooks come.
 */
import { join } from "node:path";
import { makeKeySets } from "../../../cli/install/keys.ts";
import { appUrl, migrate, prepareAppRole } from "../../../cli/install/run-migrations.ts";
import { startSimulator } from "../../../dev/simulator/index.ts";
import { bundle } from "../../../dev/stack/bundle.ts";
import { startCluster } from "../../../dev/stack/cluster.ts";
import { nextFreePort } from "../../../dev/stack/network.ts";
import { freshDatabase } from "../../../dev/stack/postgres.ts";
import { localVars, startTogether } from "../../../dev/stack/stack.ts";
import { runScheduled, startWorkerd } from "../../../dev/stack/workerd.ts";
import { faultyWire } from "../world/wire.ts";
import { accessTo, type ChaosWorld, copyOf, type Instance, persistently } from "../world/world.ts";
import { formerObjects, unpackFormer } from "./former.ts";

/** The two versions of a deploy. */
export type Version = "former" | "present";

/** Workers that take requests, and classes of objects that run the former code. */
export type Combination = { readonly workers: readonly Version[]; readonly formerHosts: readonly string[] };

export type DeployWorld = ChaosWorld & {
  readonly worker: (version: Version) => Instance;
  /** Runs the migrations of the present version. */
  readonly migrate: () => Promise<void>;
  /** Ends all processes of Workers and objects at once, and starts those of another combination. */
  readonly change: (to: Combination) => Promise<void>;
};

/** Below what Linux gives to outgoing connections, and apart from other runs. */
const portsFrom = 29_000 + (process.pid % 400) * 8;

/** Starts all parts, with the schema of the former version. If one fails to start, the parts before it are stopped again. */
export async function startDeployWorld(seed: number, first: Combination): Promise<DeployWorld> {
  return await startTogether(async (undo, stop) => {
    const [cached, cluster] = await Promise.all([bundle(), startCluster()]);
    undo(cluster.stop);
    const { built, dir } = copyOf(cached, undo);
    const former = unpackFormer(join(dir, "former"));

    const ownerUrl = cluster.postgres().ownerUrl(await freshDatabase(cluster.info));
    await migrate(ownerUrl, { folder: former.migrationsDir });
    await prepareAppRole(ownerUrl, cluster.info.appPassword);
    const simulator = await startSimulator({ seed });
    undo(simulator.close);
    const wire = await faultyWire(cluster.postgres().port);
    undo(wire.close);
    const databaseUrl = new URL(appUrl(ownerUrl, cluster.info.appPassword));
    databaseUrl.port = String(wire.port);

    const keys = makeKeySets();
    const port = await nextFreePort(portsFrom);
    const cronPort = await nextFreePort(port + 1);
    const formerPort = await nextFreePort(cronPort + 1);
    const formerCronPort = await nextFreePort(formerPort + 1);
    const worker = await startWorkerd({
      bundle: built,
      databaseUrl: databaseUrl.href,
      vars: localVars(keys, simulator),
      port,
      cronPort,
      former: {
        bundle: former.bundle,
        port: formerPort,
        cronPort: formerCronPort,
        objects: formerObjects,
        hosts: first.formerHosts,
      },
    });
    undo(worker.stop);
    const { token, owner } = await accessTo(ownerUrl, keys, undo);

    const present: Instance = { name: "first", worker, wire, up: false };
    const formerWorker = {
      ...worker,
      url: `http://127.0.0.1:${formerPort}`,
      scheduled: (time?: number) => runScheduled(formerCronPort, time),
    };
    const other: Instance = { name: "second", worker: formerWorker, wire, up: false };
    const route = ({ workers }: Combination) => {
      present.up = workers.includes("present");
      other.up = workers.includes("former");
    };
    route(first);
    return {
      cluster,
      simulator,
      // An operator asks the newest Worker that takes requests.
      get first() {
        return present.up || !other.up ? present : other;
      },
      get second() {
        return present.up || !other.up ? other : present;
      },
      token,
      owner,
      ownerUrl,
      stop,
      worker: (version) => (version === "present" ? present : other),
      migrate: () => migrate(ownerUrl),
      async change(to) {
        route({ workers: [], formerHosts: [] });
        await persistently(() => worker.restart(to.formerHosts));
        route(to);
      },
    };
  });
}
