// Raw `workerd serve` under a supervisor of our own: for tests, benchmarks and fault runs, which `wrangler dev` with its
// second workerd and its cap on requests would distort.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writePrivate } from "../../cli/local/files.ts";
import { root } from "../../cli/local/paths.ts";
import type { Bundle } from "./bundle.ts";
import { guard } from "./guard.ts";
import { freePort } from "./network.ts";
import { isAlive, residentBytes, signalQuietly, waitGone } from "./processes.ts";
import { workerdConfig } from "./workerd-config.ts";

/** A served Worker. `pid` changes with `restart`, `url` does not. */
export type Workerd = {
  url: string;
  readonly pid: number;
  /** Sends a signal and waits until the process is gone. SIGKILL unless said otherwise. */
  kill: (signal?: NodeJS.Signals) => Promise<void>;
  /**
   * Starts it again on the same port and storage, after ending what still runs.
   *
   * @param formerHosts classes whose objects run the former version's code from now on; as before when absent
   */
  restart: (formerHosts?: readonly string[]) => Promise<void>;
  /** Ends it, and removes its storage unless the caller named the directory. */
  stop: () => Promise<void>;
  /** Runs the Worker's `scheduled` once and waits for its end; `time` is epoch milliseconds. Throws if it failed. */
  scheduled: (time?: number) => Promise<void>;
  /** The last ten thousand lines of its stdout and stderr. */
  logs: () => string;
  /** Resident memory in bytes. */
  rss: () => number;
  /** Each exit that this process did not cause: an exit code or a signal. */
  crashes: () => readonly string[];
};

type WorkerdOptions = {
  bundle: Bundle;
  /** The app role's URL; without it there is no HYPERDRIVE binding. */
  databaseUrl?: string;
  /** Variables and secrets of the Worker. */
  vars: Readonly<Record<string, string>>;
  port?: number;
  /** The port of `scheduled`; any free one by default. */
  cronPort?: number;
  /** Ports of further Workers of the same code, each in an isolate of its own, with the objects of the first. */
  isolatePorts?: readonly number[];
  /** The directory of the objects' storage; a temporary one by default. */
  dir?: string;
  /** Additions to the process's own environment. */
  env?: Readonly<Record<string, string>>;
  /** Binding → class of the Durable Objects; the product's own when absent. */
  objects?: Readonly<Record<string, string>>;
  /** Limit of V8's heap in MB. Cloudflare's isolates have 128 MB. */
  heapMb?: number;
  /** A Worker of another version beside this one. */
  former?: Former;
  /** Networks that the Worker may reach: public and private when absent. Production self-hosting allows public only. */
  allow?: readonly string[];
};

/** A Worker of another version, at separate ports. `hosts`: classes whose objects run its code at first. */
export type Former = {
  bundle: Pick<Bundle, "dir" | "main">;
  port: number;
  cronPort: number;
  objects: Readonly<Record<string, string>>;
  hosts: readonly string[];
};

const workerObjects = {
  DIRECTORY: "Directory",
  INBOX: "Inbox",
  LINE: "Line",
  NOTARY: "Notary",
  DISPATCHER: "Dispatcher",
  NOTIFIER: "Notifier",
  TASK_RUNNER: "TaskRunner",
} as const;

const startLimitMs = 20_000;
const stopLimitMs = 5_000;
const logLinesMax = 10_000;

/**
 * Serves the bundle on 127.0.0.1 and waits until it accepts connections. Throws with its log if it does not start. It
 * ends together with this process, however that ends.
 */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const dir = options.dir ?? realpathSync(mkdtempSync(join(tmpdir(), "hookline-workerd-")));
  const port = options.port ?? (await freePort());
  const cronPort = options.cronPort ?? (await freePort());
  const configFile = writeConfig(options, dir, port, cronPort);
  const lines: string[] = [];
  const crashes: string[] = [];
  const ending = new Set<number>();
  const start = async () => {
    const served = await serve(configFile, { ...options.env, ...options.vars }, port, lines);
    void served.exited.then((how) => {
      if (ending.delete(served.pid)) return;
      crashes.push(how);
      lines.push(`workerd ended by itself with ${how}`);
    });
    return served;
  };
  let running = await start();

  async function kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (isAlive(running.pid)) ending.add(running.pid);
    signalQuietly(running.pid, signal);
    if (!(await waitGone(running.pid, stopLimitMs))) signalQuietly(running.pid, "SIGKILL");
    await running.exited;
  }

  return {
    url: `http://127.0.0.1:${port}`,
    get pid() {
      return running.pid;
    },
    kill,
    async restart(formerHosts) {
      await kill("SIGKILL");
      if (options.former !== undefined && formerHosts !== undefined)
        writeConfig({ ...options, former: { ...options.former, hosts: formerHosts } }, dir, port, cronPort);
      running = await start();
    },
    async stop() {
      await kill("SIGTERM");
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
    scheduled: (time) => runScheduled(cronPort, time),
    logs: () => lines.join("\n"),
    rss: () => residentBytes(running.pid),
    crashes: () => crashes,
  };
}

/** Runs the `scheduled` of the Worker behind this port once. Throws if it failed. */
export async function runScheduled(cronPort: number, time?: number): Promise<void> {
  const asked = time === undefined ? "" : `?time=${time}`;
  const answer = await fetch(`http://127.0.0.1:${cronPort}/${asked}`);
  const outcome = await answer.text();
  if (!answer.ok) throw new Error(`scheduled ended as ${outcome}`);
}

/** `exited`: the exit code or the signal. */
type Running = { pid: number; exited: Promise<string> };

async function serve(
  configFile: string,
  env: Readonly<Record<string, string>>,
  port: number,
  lines: string[],
): Promise<Running> {
  // The binary itself: the package's launcher would be a second process between us and it. `--experimental` is for the
  // cron worker's call of `scheduled`, nothing of the product needs it.
  const child = spawn(workerdPath(), ["serve", "--experimental", configFile, "config"], {
    env: { PATH: process.env.PATH, TZ: "UTC", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  keepLines(child, lines);
  const pid = await pidOf(child);
  const callOff = guard(pid, "KILL");
  const exited = new Promise<string>((done) => {
    child.once("exit", (code, signal) => {
      callOff();
      done(String(signal ?? code));
    });
  });
  await waitAccepting(child, port, lines);
  return { pid, exited };
}

function pidOf(child: ChildProcess): Promise<number> {
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("spawn", () => (child.pid === undefined ? fail(new Error("workerd has no pid")) : done(child.pid)));
  });
}

async function waitAccepting(child: ChildProcess, port: number, lines: string[]): Promise<void> {
  const giveUp = performance.now() + startLimitMs;
  while (performance.now() < giveUp && child.exitCode === null && child.signalCode === null) {
    // Any response counts, an error included: this only checks that the port listens.
    const listening = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
      async (answer) => {
        await answer.body?.cancel();
        return true;
      },
      () => false,
    );
    if (listening) return;
    await sleep(10);
  }
  const how =
    child.exitCode === null && child.signalCode === null
      ? `in ${startLimitMs / 1_000} s`
      : `and ended with ${child.signalCode ?? child.exitCode}`;
  child.kill("SIGKILL");
  throw new Error(`workerd did not start ${how}:\n${lines.slice(-20).join("\n")}`);
}

function keepLines(child: ChildProcess, lines: string[]): void {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    let rest = "";
    stream?.on("data", (chunk: string) => {
      const parts = `${rest}${chunk}`.split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      if (lines.length > logLinesMax) lines.splice(0, lines.length - logLinesMax);
    });
  }
}

function writeConfig(options: WorkerdOptions, dir: string, port: number, cronPort: number): string {
  const objectsDir = join(dir, "objects");
  mkdirSync(objectsDir, { recursive: true, mode: 0o700 });
  const file = join(dir, `workerd-${port}.capnp`);
  const { former } = options;
  writePrivate(
    file,
    workerdConfig({
      // Relative to the file: a leading slash means "on the import path" there.
      bundleDir: relative(dir, options.bundle.dir),
      main: options.bundle.main,
      port,
      cronPort,
      isolatePorts: options.isolatePorts ?? [],
      objectsDir,
      databaseUrl: options.databaseUrl,
      objects: options.objects ?? workerObjects,
      varNames: Object.keys(options.vars),
      ...compatibility(),
      allow: options.allow ?? ["public", "private"],
      heapMb: options.heapMb,
      former:
        former === undefined
          ? null
          : { ...former, main: former.bundle.main, bundleDir: relative(dir, former.bundle.dir) },
    }),
  );
  return file;
}

// Read where the deployment reads it, so that the two cannot differ.
function compatibility(): { compatibilityDate: string; compatibilityFlags: string[] } {
  const toml = readFileSync(join(root, "wrangler.toml"), "utf8");
  const date = /^compatibility_date = "([^"]+)"/m.exec(toml)?.[1];
  const flags = /^compatibility_flags = \[([^\]]*)\]/m.exec(toml)?.[1] ?? "";
  if (date === undefined) throw new Error("wrangler.toml has no compatibility_date");
  return {
    compatibilityDate: date,
    compatibilityFlags: [...flags.matchAll(/"([^"]+)"/g)].map((found) => found[1] ?? ""),
  };
}

/** The workerd binary of this platform, as its package names it. */
function workerdPath(): string {
  const found: unknown = createRequire(import.meta.url)("workerd");
  const path = typeof found === "object" && found !== null && "default" in found ? found.default : found;
  if (typeof path !== "string") throw new Error("the workerd package names no binary for this platform");
  return path;
}
