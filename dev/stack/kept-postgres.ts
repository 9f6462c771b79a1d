import { setTimeout as sleep } from "node:timers/promises";
import { freshDatabase, type Postgres, startPostgres } from "./postgres.ts";

const betweenTriesMs = 2_000;

/** A Postgres that is started again whenever it ends by itself. Its URLs stay the same. */
type KeptPostgres = { ownerUrl: string; appPassword: string; port: number; stop: () => Promise<void> };

/** Starts the cluster in `dir` with its database, and restarts it whenever it ends. `log` reports restarts. */
export async function keepPostgres(options: {
  dir: string;
  database: string;
  port: number;
  log: (line: string) => void;
}): Promise<KeptPostgres> {
  const { dir, port, log } = options;
  let cluster = await startPostgres({ dir, port, log });
  await freshDatabase(cluster, { name: options.database });
  const stopper = new AbortController();
  const watching = watch();

  async function watch(): Promise<void> {
    for (;;) {
      await cluster.exited;
      if (stopper.signal.aborted) return;
      log("Postgres ended by itself: starting it again");
      const again = await bringBack();
      if (again === undefined) return;
      cluster = again;
      log(`Postgres is back (pid ${cluster.pid})`);
    }
  }

  async function bringBack(): Promise<Postgres | undefined> {
    while (!stopper.signal.aborted) {
      try {
        return await startPostgres({ dir, port, log });
      } catch (error) {
        log(error instanceof Error ? error.message : String(error));
        await sleep(betweenTriesMs, undefined, { signal: stopper.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  return {
    ownerUrl: cluster.ownerUrl(options.database),
    appPassword: cluster.appPassword,
    port,
    async stop() {
      stopper.abort();
      await cluster.stop();
      await watching;
      // A cluster that was just being restarted.
      await cluster.stop();
    },
  };
}
