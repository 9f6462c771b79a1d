// The Worker as a developer runs it: `wrangler dev`, watched, and restarted if a part of it dies.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writePrivate } from "../../cli/local/files.ts";
import { binDir, privateDir, root } from "../../cli/local/paths.ts";
import { quietWrangler } from "../../cli/wrangler.ts";
import { guard } from "./guard.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { descendants, isAlive, signalQuietly, waitGone } from "./processes.ts";

/** A watched `wrangler dev`. */
type Wrangler = {
  url: string;
  /** The workerd that runs the Worker's code. It changes after a restart, and after a reload caused by an edit. */
  readonly workerdPid: number;
  /** Its log file's newest lines. */
  tail: () => string;
  /** Ends all of its processes. */
  stop: () => Promise<void>;
};

type WranglerOptions = {
  port: number;
  /** Holds the variables' file and the log. */
  stateDir: string;
  /**
   * Directory of the objects' storage. It belongs to one database: for another one, the objects' state would be wrong.
   */
  objectsDir: string;
  /** Variables and secrets; they go through a private file, never through the command line. */
  vars: Readonly<Record<string, string>>;
  /** The app role's URL. */
  databaseUrl: string;
  /** Called with a sentence for each change of state. */
  log: (line: string) => void;
  /** Called with the new pid after the Worker was restarted or reloaded. */
  onPid: (workerdPid: number) => void;
};

/** wrangler's processes: the Worker's own workerd, and the one that holds the port and passes requests on. */
type Parts = { child: ChildProcess; group: number; worker: number; front: number; callOff: () => void };

const startLimitMs = 60_000;
const stopLimitMs = 5_000;
const watchEveryMs = 400;
const healthEveryMs = 5_000;
const healthLimitMs = 5_000;
const unhealthyMax = 3;
const replacementLimitMs = 4_000;
const cronEveryMs = 60_000;
const backoffMaxMs = 30_000;

/**
 * Starts `wrangler dev` and waits until the Worker answers `/healthz`. Throws with the end of its log if it does not.
 * From then on it is watched. If the Worker's workerd is replaced, `onPid` is called. If any part is gone for good,
 * everything is restarted. Cron does not run locally, so it is requested each minute.
 */
export async function startWrangler(options: WranglerOptions): Promise<Wrangler> {
  const url = `http://127.0.0.1:${options.port}`;
  const logFile = openLogFile(join(privateDir(options.stateDir), "worker.log"), isRequestLine);
  let parts = await launch(options, url, logFile).catch((error: unknown) => {
    logFile.close();
    throw error;
  });
  let stopped = false;
  const stopper = new AbortController();
  const cron = setInterval(() => void fireCron(url), cronEveryMs);
  // Work that an earlier run left behind continues at once.
  void fireCron(url);
  const watching = watch();

  async function watch(): Promise<void> {
    let nextHealthAt = performance.now() + healthEveryMs;
    let unhealthy = 0;
    while (await pause(watchEveryMs, stopper.signal)) {
      if (!isAlive(parts.group) || !isAlive(parts.front)) {
        await bringBack("wrangler ended");
      } else if (!isAlive(parts.worker)) {
        await afterWorkerDied();
      } else if (performance.now() > nextHealthAt) {
        unhealthy = (await isHealthy(url)) ? 0 : unhealthy + 1;
        if (unhealthy >= unhealthyMax) await bringBack("the Worker does not answer");
        nextHealthAt = performance.now() + healthEveryMs;
      }
    }
  }

  // wrangler replaces its workerd after an edit, and after some crashes. Waiting a moment for that is faster than a
  // restart.
  async function afterWorkerDied(): Promise<void> {
    const giveUp = performance.now() + replacementLimitMs;
    while (performance.now() < giveUp && isAlive(parts.group) && isAlive(parts.front)) {
      const worker = findWorkerds(parts.group, options.port).worker;
      if (worker !== undefined && (await isHealthy(url))) {
        parts = { ...parts, worker };
        options.log(`the Worker was started again (workerd ${worker})`);
        options.onPid(worker);
        void fireCron(url);
        return;
      }
      if (!(await pause(100, stopper.signal))) return;
    }
    await bringBack("workerd ended");
  }

  async function bringBack(why: string): Promise<void> {
    options.log(`${why}: starting the Worker again`);
    await end(parts);
    for (let wait = 500; !stopped; wait = Math.min(wait * 2, backoffMaxMs)) {
      try {
        parts = await launch(options, url, logFile);
        options.log(`the Worker is back (workerd ${parts.worker})`);
        options.onPid(parts.worker);
        void fireCron(url);
        return;
      } catch (error) {
        options.log(`the Worker did not start: ${error instanceof Error ? error.message : String(error)}`);
        await pause(wait, stopper.signal);
      }
    }
  }

  return {
    url,
    get workerdPid() {
      return parts.worker;
    },
    tail: logFile.tail,
    async stop() {
      stopped = true;
      clearInterval(cron);
      stopper.abort();
      // A restart in progress must end first, or it would leave processes behind.
      signalQuietly(-parts.group, "SIGTERM");
      await watching;
      await end(parts);
      logFile.close();
    },
  };
}

async function launch(options: WranglerOptions, url: string, logFile: LogFile): Promise<Parts> {
  const envFile = join(options.stateDir, "worker.env");
  writePrivate(envFile, envText(options.vars));
  // Its own process group: Ctrl-C in a terminal does not reach it, and one signal ends all of it.
  const child = spawn(join(binDir, "node"), [join(binDir, "wrangler"), "dev", ...flags(options, envFile)], {
    cwd: root,
    env: {
      ...process.env,
      ...quietWrangler,
      CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: options.databaseUrl,
      // Otherwise it asks Cloudflare for this machine's location, and waits if it is offline.
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      // Its store of traces would keep URLs, and with them keys and numbers.
      X_LOCAL_OBSERVABILITY: "false",
      WRANGLER_REGISTRY_PATH: join(options.stateDir, "registry"),
      NO_COLOR: "1",
      FORCE_COLOR: "0",
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  child.on("error", () => undefined);
  logFile.follow(child.stdout);
  logFile.follow(child.stderr);
  const group = child.pid;
  if (group === undefined) throw new Error("wrangler could not be started");
  const callOff = guard(-group, "TERM");
  const giveUp = performance.now() + startLimitMs;
  while (performance.now() < giveUp && child.exitCode === null && child.signalCode === null) {
    if (await isHealthy(url)) {
      const { worker, front } = findWorkerds(group, options.port);
      if (worker !== undefined && front !== undefined) return { child, group, worker, front, callOff };
    }
    await sleep(100);
  }
  await end({ child, group, worker: group, front: group, callOff });
  throw new Error(`wrangler dev did not bring the Worker up:\n${logFile.tail()}`);
}

function flags(options: WranglerOptions, envFile: string): string[] {
  return [
    ["--local", "--show-interactive-dev-session=false", "--log-level=log"],
    ["--ip=127.0.0.1", `--port=${options.port}`, "--inspector-port=0"],
    [`--persist-to=${privateDir(options.objectsDir)}`, `--env-file=${envFile}`],
  ].flat();
}

// The front listens on the asked-for port, the Worker's own on any.
function findWorkerds(group: number, port: number): { worker: number | undefined; front: number | undefined } {
  const workerds = descendants(group).filter((each) => / serve .*--socket-addr=entry=/.test(each.command));
  const onPort = workerds.filter((each) => each.command.includes(`entry=127.0.0.1:${port} `));
  const others = workerds.filter((each) => !onPort.includes(each) && isAlive(each.pid));
  return { worker: others.at(-1)?.pid, front: onPort.at(-1)?.pid };
}

async function end(parts: Parts): Promise<void> {
  const all = [parts.group, ...descendants(parts.group).map((each) => each.pid), parts.worker, parts.front];
  signalQuietly(-parts.group, "SIGTERM");
  const gone = await Promise.all(all.map((pid) => waitGone(pid, stopLimitMs)));
  if (gone.includes(false)) signalQuietly(-parts.group, "SIGKILL");
  await Promise.all(all.map((pid) => waitGone(pid, stopLimitMs)));
  parts.callOff();
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(healthLimitMs) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

async function fireCron(url: string): Promise<void> {
  try {
    const answer = await fetch(`${url}/cdn-cgi/local/scheduled`, { signal: AbortSignal.timeout(cronEveryMs) });
    await answer.body?.cancel();
  } catch {
    // While the Worker restarts, one run is missed. The next minute has another.
  }
}

// wrangler prints the path of each request, and a path may hold a sender's key.
function isRequestLine(line: string): boolean {
  return /\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (?:https?:\/\/[^/\s]+)?\/\S*/.test(line);
}

// The file's readers know three quotes and expand `$`.
function envText(vars: Readonly<Record<string, string>>): string {
  const lines = Object.entries(vars).map(([name, value]) => {
    const quote = ["'", '"', "`"].find((each) => !value.includes(each));
    if (quote === undefined || /[\r\n]/.test(value))
      throw new Error(`${name} holds characters that no variable's file can`);
    return `${name}=${quote}${value.replaceAll("$", "\\$")}${quote}`;
  });
  return `${lines.join("\n")}\n`;
}

// True when the time has passed, false when it was cut short.
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
