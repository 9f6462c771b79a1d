// One Postgres for many tests: databases are copied from a migrated template, which takes a tenth of a second.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, prepareAppRole } from "../../cli/install/run-migrations.ts";
import { freshDatabase, type Postgres, startPostgres } from "./postgres.ts";
import { postgresHome, removePostgresHome } from "./postgres-home.ts";

/** A cluster as plain data, which can be handed to another process. */
export type ClusterInfo = {
  adminUrl: string;
  /** The owner's URL of the template; other databases differ in the path only. */
  templateUrl: string;
  template: string;
  appPassword: string;
};

/** A cluster of this process. */
export type Cluster = {
  info: ClusterInfo;
  postgres: () => Postgres;
  /** Stops Postgres abruptly, as a crash does. */
  away: () => Promise<void>;
  /** Starts it again on the same port and data. */
  back: () => Promise<void>;
  /** Keeps a copy of its present data. It is down meanwhile. */
  backUp: () => Promise<void>;
  /** Replaces the data with that copy, as a restore does. Later commits are lost. */
  restore: () => Promise<void>;
  /** Ends it and removes its data. */
  stop: () => Promise<void>;
};

/** Starts a Postgres of its own in a temporary directory, with the migrations in a template and the app's role ready. */
export async function startCluster(): Promise<Cluster> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "hookline-cluster-")));
  // Postgres may run as another user, who has to pass through.
  chmodSync(base, 0o711);
  const dir = join(base, "postgres");
  let postgres = await startPostgres({ dir });
  const { port } = postgres;
  const { dataDir } = postgresHome(dir);
  const kept = `${dataDir}.backup`;

  async function stop(): Promise<void> {
    await postgres.stop();
    removePostgresHome(dir);
    removePostgresHome(base);
  }

  try {
    const template = await freshDatabase(postgres, { name: "hookline_template" });
    const templateUrl = postgres.ownerUrl(template);
    await migrate(templateUrl);
    await prepareAppRole(templateUrl, postgres.appPassword);
    const { adminUrl, appPassword } = postgres;
    return {
      info: { adminUrl, templateUrl, template, appPassword },
      postgres: () => postgres,
      away: () => postgres.stopImmediate(),
      async back() {
        postgres = await startPostgres({ dir, port });
      },
      async backUp() {
        await postgres.stop();
        copyDir(dataDir, kept);
        postgres = await startPostgres({ dir, port });
      },
      async restore() {
        await postgres.stopImmediate();
        rmSync(dataDir, { recursive: true });
        copyDir(kept, dataDir);
        postgres = await startPostgres({ dir, port });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A new migrated database of the cluster; gives its owner's URL. */
export async function migratedDatabase(info: ClusterInfo): Promise<{ name: string; ownerUrl: string }> {
  const name = await freshDatabase(info, { template: info.template });
  const url = new URL(info.templateUrl);
  url.pathname = `/${name}`;
  return { name, ownerUrl: url.href };
}

/** With owners and modes: Postgres may be another user, and takes no data that others may read. */
function copyDir(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  execFileSync("cp", ["-a", from, to]);
}
