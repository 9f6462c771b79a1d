// `npm start`: everything that Hookline needs, on this machine, without any setup before.
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keyVars, loadKeySets } from "../cli/install/keys.ts";
import { appUrl, migrate, prepareAppRole } from "../cli/install/run-migrations.ts";
import { readDevInfo, removeDevInfo, writeDevInfo } from "../cli/local/dev-file.ts";
import { readIfThere, writePrivate } from "../cli/local/files.ts";
import { root, stateDir } from "../cli/local/paths.ts";
import { applyDemo, demoLine, demoPreset, demoSecret, demoSource } from "./demo/demo.ts";
import { applyTicketsDemo, ticketsSource } from "./demo/demo-tickets.ts";
import { keptToken } from "./demo/kept-token.ts";
import { DEMO_AGENT_IDS } from "./simulator/engine/agents.ts";
import { simulatorMediaHost, startSimulator } from "./simulator/index.ts";
import { keepPostgres } from "./stack/kept-postgres.ts";
import { takeLock } from "./stack/lock.ts";
import { nextFreePort } from "./stack/network.ts";
import { createProgress } from "./stack/progress.ts";
import { startWrangler } from "./stack/wrangler.ts";

const defaultPort = 8787;
const postgresPort = 54_387;
const simulatorPort = 8_788;
const callMs = 8_000;
const readyLimitMs = 60_000;
const stopLimitMs = 30_000;

/** The state's directory as it is printed. */
const shownDir = stateDir.startsWith(root) ? relative(root, stateDir) : stateDir;
const progress = createProgress();
const undo: (() => Promise<void>)[] = [];
let stopping = false;
let ready = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void shutDown(0));
process.on("uncaughtException", (error) => void fail(error));
process.on("unhandledRejection", (error) => void fail(error));
await main().catch(fail);

async function main(): Promise<void> {
  const began = performance.now();
  openStateDir();
  const lock = takeLock(join(stateDir, "start.lock"), "start.ts");
  if ("heldBy" in lock) return alreadyRunning(lock.heldBy);
  undo.push(async () => lock.release());
  removeDevInfo();
  progress.say("Hookline is starting");

  const database = await progress.step("Postgres", openDatabase, (it) => it.words);
  await progress.step("migrations", () => migrate(database.ownerUrl, { log: progress.say }));
  await progress.step("the app's role", () => prepareAppRole(database.ownerUrl, database.appPassword));
  const mihu = await progress.step("voice API", voiceApi, (it) => it.words);
  const keys = loadKeySets(stateDir);
  const token = await keptToken({ dir: stateDir, ownerUrl: database.ownerUrl, tokenKeys: keys.TOKEN_KEYS });
  const secret = demoSecret(stateDir);

  const port = await nextFreePort(wantedPort());
  const worker = await progress.step("the Worker", () =>
    startWrangler({
      port,
      stateDir,
      objectsDir: join(stateDir, database.objects),
      databaseUrl: appUrl(database.ownerUrl, database.appPassword),
      vars: { ...workerVars(mihu), PUBLIC_URL: publicUrl(port), ...keyVars(keys) },
      log: progress.say,
      onPid: () => ready && !stopping && tell(),
    }),
  );
  undo.push(worker.stop);
  const { url } = worker;
  await progress.step("ready to work", () => waitReady(url, token));
  await progress.step("the demonstration", () =>
    applyDemo({
      url,
      token,
      secret,
      agentId: mihu.agentId,
      dir: stateDir,
      connect: mihu.simulatorUrl !== null,
    }),
  );
  // The demonstration calls made-up people, so it is applied only with the simulator.
  if (mihu.simulatorUrl !== null) undo.push((await applyTicketsDemo({ url, token, secret })).close);

  function tell(): void {
    writeDevInfo({
      url,
      token,
      simulatorUrl: mihu.simulatorUrl,
      databaseUrl: database.ownerUrl,
      workerdPid: worker.workerdPid,
      source: { slug: demoSource, preset: demoPreset, secret },
      line: demoLine,
      agent: mihu.agentId,
      pid: process.pid,
    });
  }
  undo.push(async () => removeDevInfo());
  tell();
  ready = true;
  progress.say(whatNow(url, mihu.simulatorUrl, (performance.now() - began) / 1000));
}

// Others may pass through to Postgres' own directory, when that belongs to another user; nothing else in it is open.
function openStateDir(): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o711 });
  chmodSync(stateDir, 0o711);
}

type Database = { ownerUrl: string; appPassword: string; words: string; objects: string };

async function openDatabase(): Promise<Database> {
  const own = process.env.DATABASE_URL;
  if (own !== undefined && own !== "") {
    const { hostname, pathname } = new URL(own);
    const objects = `worker-${createHash("sha256")
      .update(hostname + pathname)
      .digest("hex")
      .slice(0, 12)}`;
    return { ownerUrl: own, appPassword: kept("app-password"), words: `yours: ${hostname}${pathname}`, objects };
  }
  const port = await nextFreePort(postgresPort);
  const postgres = await keepPostgres({
    dir: join(stateDir, "postgres"),
    database: "hookline",
    port,
    log: progress.say,
  });
  undo.push(postgres.stop);
  return {
    ownerUrl: postgres.ownerUrl,
    appPassword: postgres.appPassword,
    words: `port ${port}, data in ${shownDir}/postgres`,
    objects: "worker",
  };
}

type VoiceApi = { baseUrl: string; token: string; agentId: string; simulatorUrl: string | null; words: string };

async function voiceApi(): Promise<VoiceApi> {
  const { MIHU_TOKEN, MIHU_BASE_URL, MIHU_AGENT } = process.env;
  const agentId = MIHU_AGENT || DEMO_AGENT_IDS[0];
  if (MIHU_TOKEN) {
    if (!MIHU_BASE_URL)
      throw new Error("MIHU_TOKEN is set, but MIHU_BASE_URL is not: set it to the address of the token's workspace");
    return {
      baseUrl: MIHU_BASE_URL,
      token: MIHU_TOKEN,
      agentId,
      simulatorUrl: null,
      words: `Mihu at ${new URL(MIHU_BASE_URL).host}`,
    };
  }
  const port = await nextFreePort(simulatorPort);
  const simulator = await startSimulator({ port, token: kept("simulator-token"), callMs });
  undo.push(simulator.close);
  const { baseUrl, token, url } = simulator;
  return { baseUrl, token, agentId, simulatorUrl: url, words: `the simulator, ${url}: nobody is rung` };
}

// Kept, so that the other parts still fit after one of them restarts.
function kept(name: string): string {
  const path = join(stateDir, name);
  const known = readIfThere(path)?.trim();
  if (known) return known;
  const made = randomBytes(32).toString("base64url");
  writePrivate(path, `${made}\n`);
  return made;
}

function workerVars(mihu: VoiceApi): Record<string, string> {
  const links = mihu.simulatorUrl === null ? {} : { LINK_HOSTS: simulatorMediaHost };
  return { MODE: "local", MIHU_BASE_URL: mihu.baseUrl, MIHU_TOKEN: mihu.token, ...links };
}

/** The address to print. A user who reaches the service by another one, for example through a tunnel, can set it. */
function publicUrl(port: number): string {
  const asked = process.env.PUBLIC_URL;
  return asked === undefined || asked === "" ? `http://127.0.0.1:${port}` : asked;
}

function wantedPort(): number {
  const asked = process.env.PORT;
  if (asked === undefined || asked === "") return defaultPort;
  const port = Number(asked);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`PORT is not a port: ${asked}`);
}

async function waitReady(url: string, token: string): Promise<void> {
  const giveUp = performance.now() + readyLimitMs;
  let said = "no answer";
  while (performance.now() < giveUp) {
    try {
      const answer = await fetch(`${url}/readyz`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(5_000),
      });
      said = `${answer.status} ${(await answer.text()).slice(0, 1_000)}`;
      // A service whose lines are all paused answers 503 as well, and it does start: the pages say what it lacks.
      if (answer.ok || said.includes('"no_line_dials"')) return;
    } catch (error) {
      said = error instanceof Error ? error.message : String(error);
    }
    await sleep(250);
  }
  throw new Error(`the Worker runs, but reports that it cannot work: ${said}\nits log: ${shownDir}/worker.log`);
}

function whatNow(url: string, simulatorUrl: string | null, seconds: number): string {
  const show = "$(npm run -s hookline -- token --show)";
  const lines: [string, string][] = [
    ["send a webhook", "npm run send"],
    ["open the page", `${url}/`],
    ["sign in with", "the token that this prints: npm run hookline -- token --show"],
    ["look it up", `curl -H "Authorization: Bearer ${show}" "${url}/v1/calls?order_number=1001"`],
    ["write a rule", "README.md says how, under “Write your own rule”"],
  ];
  if (simulatorUrl !== null) {
    lines.splice(1, 0, ["with ids only", `npm run send -- --source ${ticketsSource}`]);
    lines.push(["who was rung", `curl ${simulatorUrl}/__rings`]);
  }
  lines.push(["logs", `${shownDir}/worker.log, ${shownDir}/postgres/postgres.log`]);
  const table = lines.map(([what, how]) => `  ${what.padEnd(16)}${how}`).join("\n");
  return `\nHookline is ready (${seconds.toFixed(1)} s).\n\n${table}\n\nCtrl-C stops all of it; the data stays in ${shownDir}/\n`;
}

function alreadyRunning(pid: number): void {
  const url = readDevInfo()?.url;
  progress.say(`Hookline is running already (pid ${pid}${url === undefined ? ", still starting" : `, ${url}/`}).`);
  process.exitCode = 1;
}

async function fail(error: unknown): Promise<void> {
  if (stopping) return;
  progress.say(
    `\nHookline ${ready ? "has to stop" : "could not start"}: ${error instanceof Error ? error.message : String(error)}`,
  );
  await shutDown(1);
}

// Processes of an unfinished step are ended by their guard once this process is gone.
async function shutDown(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  progress.say("stopping …");
  const limit = setTimeout(() => process.exit(1), stopLimitMs);
  for (let next = undo.pop(); next !== undefined; next = undo.pop()) {
    await next().catch((error: unknown) => progress.say(error instanceof Error ? error.message : String(error)));
  }
  clearTimeout(limit);
  progress.say("stopped");
  process.exit(code);
}
