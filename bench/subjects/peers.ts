// The floors' Worker and the plain Node peer, as processes.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import postgres from "postgres";
import { appRole } from "../../cli/install/run-migrations.ts";
import { binDir } from "../../cli/local/paths.ts";
import { quietWrangler } from "../../cli/wrangler.ts";
import type { Bundle } from "../../dev/stack/bundle.ts";
import { guard } from "../../dev/stack/guard.ts";
import { freePort } from "../../dev/stack/network.ts";
import { signalQuietly, waitGone } from "../../dev/stack/processes.ts";
import { startWorkerd, type Workerd } from "../../dev/stack/workerd.ts";

const floorsDir = fileURLToPath(new URL("../floors", import.meta.url));
const nodeStartLimitMs = 10_000;
const stopLimitMs = 5_000;

/** Builds the floors' Worker as the product is built; or another one of that folder, by the name of its configuration. */
export async function buildFloors(config = "wrangler"): Promise<Bundle & { remove: () => void }> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "hookline-floors-")));
  await promisify(execFile)(
    join(binDir, "node"),
    [join(binDir, "wrangler"), "deploy", "--dry-run", "--outdir", dir, "--config", join(floorsDir, `${config}.toml`)],
    { cwd: floorsDir, env: { ...process.env, ...quietWrangler, CI: "1" } },
  );
  return {
    dir,
    main: config === "wrangler" ? "worker.js" : `${config}.js`,
    gzipBytes: 0,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Serves the floors in raw workerd. */
export function startFloors(bundle: Bundle, databaseUrl: string, secret: string): Promise<Workerd> {
  return startWorkerd({ bundle, databaseUrl, vars: { SECRET: secret }, objects: { HOP: "Hop" } });
}

/** The peers of plain Node: one insert for each webhook, and one that does the product's work. */
type NodePeer = "node" | "node-grouped";

/** Starts a Node peer; waits until it answers. */
export async function startNodePeer(
  peer: NodePeer,
  databaseUrl: string,
  secret: string,
): Promise<{ port: number; pid: number; stop: () => Promise<void> }> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(floorsDir, `${peer}.ts`)], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      PORT: String(port),
      SECRET: secret,
      DATABASE_URL: databaseUrl,
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the Node peer could not be started");
  const callOff = guard(pid, "KILL");
  const giveUp = performance.now() + nodeStartLimitMs;
  while (performance.now() < giveUp) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (answered) break;
    await sleep(20);
  }
  return {
    port,
    pid,
    async stop() {
      signalQuietly(pid, "SIGTERM");
      await waitGone(pid, stopLimitMs);
      callOff();
    },
  };
}

/** The table of the plain peers, which is the least that keeps a webhook once, and a source for the peer that has the product's table. */
export async function makePeerTable(ownerUrl: string): Promise<void> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    await sql`
      create table bench_events (source text not null, dedupe_key text not null, type text not null, body text not null,
        received_at timestamptz not null default now(), primary key (source, dedupe_key))`;
    await sql`insert into sources (slug, preset) values ('node', 'shopify')`;
    await sql.unsafe(`grant select, insert on bench_events to ${appRole}`);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
