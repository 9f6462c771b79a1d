// `npm run bench`: the figures of README, measured side by side in one run. `--quick` for one short round, `--method` to
// read how it is done (bench/report/method.ts), `--claims` for the claim of a line with 100,000 due calls alone, `--ringing` for the way
// from a webhook to its ring alone, `--work` for what a unit of the work of rules costs (bench/work/work.ts), `--lookup` for look-ups at
// 10 M calls (`--calls` for another number), `--pages` for the pages for people at as many, `--hooks` for deliveries to hooks, `--export`
// for a list of 1 M calls as a file.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { appUrl } from "../cli/install/run-migrations.ts";
import { migratedDatabase, startCluster } from "../dev/stack/cluster.ts";
import { alone, runAlone, say } from "./alone.ts";
import { measureBurst } from "./burst.ts";
import { copyFloors } from "./copy.ts";
import { measureUsage } from "./cost/usage.ts";
import { type Load, portOf } from "./load/load.ts";
import { measureMapping } from "./mapping.ts";
import { method } from "./report/method.ts";
import { machine, printTable, warnIfBusy, writeResults } from "./report/report.ts";
import type { BenchResults } from "./report/results.ts";
import { rowsOf } from "./report/rows.ts";
import { tablesOf } from "./report/tables.ts";
import { measureRings } from "./ringing.ts";
import { isolateMb, startHookline } from "./subjects/hookline.ts";
import { ownBundle } from "./subjects/own-bundle.ts";
import { buildFloors, makePeerTable, startFloors, startNodePeer } from "./subjects/peers.ts";
import { postgresCpu } from "./subjects/proc.ts";
import { inTurns, type LoadSubject } from "./throughput.ts";
import { measureTrips } from "./trips.ts";
import { cpuMs, measureStart } from "./weight.ts";
import { measureWork } from "./work/work.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    method: { type: "boolean", default: false },
    claims: { type: "boolean", default: false },
    work: { type: "boolean", default: false },
    lookup: { type: "boolean", default: false },
    calls: { type: "string" },
    ringing: { type: "boolean", default: false },
    hooks: { type: "boolean", default: false },
    export: { type: "boolean", default: false },
    pages: { type: "boolean", default: false },
  },
});
const eventsEach = 100;
const undo: (() => Promise<unknown> | unknown)[] = [];

if (flags.method) console.log(method);
else if (flags.work) measureWork();
else {
  try {
    const part = alone.find((name) => flags[name]);
    await (part === undefined ? run() : runAlone(part, flags, undo));
  } finally {
    for (let next = undo.pop(); next !== undefined; next = undo.pop()) await next();
  }
}

async function run(): Promise<void> {
  const rounds = flags.quick ? { rounds: 1, seconds: 2 } : { rounds: 5, seconds: 2 };
  const beganAt = performance.now();
  warnIfBusy();
  const product = await ownBundle();
  undo.push(product.remove);
  const floorsBundle = await buildFloors();
  undo.push(floorsBundle.remove);
  const cluster = await startCluster();
  undo.push(cluster.stop);

  const peers = await migratedDatabase(cluster.info);
  await makePeerTable(peers.ownerUrl);
  const peersUrl = appUrl(peers.ownerUrl, cluster.info.appPassword);
  const secret = randomBytes(32).toString("hex");
  const floors = await startFloors(floorsBundle, peersUrl, secret);
  undo.push(floors.stop);
  const node = await startNodePeer("node", peersUrl, secret);
  undo.push(node.stop);
  const grouped = await startNodePeer("node-grouped", peersUrl, secret);
  undo.push(grouped.stop);
  const hookline = await startHookline(cluster.info, product);
  undo.push(hookline.stop);
  const partsBundle = await buildFloors("parts");
  undo.push(partsBundle.remove);
  const uncalled = await startHookline(cluster.info, partsBundle, { vars: { PART: "uncalled" } });
  undo.push(uncalled.stop);
  const answered = await startHookline(cluster.info, partsBundle, { vars: { PART: "answered" } });
  undo.push(answered.stop);
  await hookline.source("ruleless", { kind: "none" });
  for (const one of [hookline, uncalled, answered]) {
    await one.line("bench", "wide");
    await one.source("ignored", { kind: "matches_none" });
    await one.source("batches", { kind: "batches" });
  }
  const copy = await copyFloors(hookline.ownerUrl, "batches");
  undo.push(copy.stop);

  const one = { eventsEach: 1, connections: 64 };
  const floor = { ...one, port: portOf(floors.url), secret };
  const { pid: postmaster } = cluster.postgres();
  const cpuOf = (pid: number) => () => ({ own: cpuMs(pid), ...postgresCpu(postmaster) });
  const mine = {
    ...one,
    port: hookline.port,
    secret: hookline.secret,
    kept: true,
    cpu: cpuOf(hookline.worker.pid),
  };
  const partly = (of: typeof hookline) => ({
    ...one,
    port: of.port,
    secret: of.secret,
    kept: true,
    cpu: cpuOf(of.worker.pid),
  });
  const [withoutCall, withoutObject] = [partly(uncalled), partly(answered)];
  const bare: LoadSubject = { ...floor, name: "bare", path: "/bare", kept: false };
  const hop: LoadSubject = { ...floor, name: "hop", path: "/hop", kept: false, cpu: cpuOf(floors.pid) };
  const ignored: LoadSubject = { ...mine, name: "hookline", path: "/in/ignored" };
  say(`webhooks per second, ${rounds.rounds} × ${rounds.seconds} s each`);
  const throughput = await inTurns(
    [
      bare,
      { ...mine, name: "hookline, no rule", path: "/in/ruleless" },
      { ...floor, name: "insert", path: "/insert", kept: true },
      { ...one, name: "node", port: node.port, path: "/in/bench", secret, kept: true, cpu: cpuOf(node.pid) },
      // Subjects to compare run next to each other.
      hop,
      { ...one, name: "same work", port: grouped.port, path: "/in/node", secret, kept: true, cpu: cpuOf(grouped.pid) },
      ignored,
      { ...withoutObject, name: "no object", path: "/in/ignored" },
      { ...withoutCall, name: "no call", path: "/in/ignored" },
      { ...withoutCall, name: "batches, no call", path: "/in/batches", eventsEach },
      { ...withoutObject, name: "batches, no object", path: "/in/batches", eventsEach },
      { ...mine, name: "batches", path: "/in/batches", eventsEach, afterRound: copy.round },
    ],
    rounds,
    sayLoad,
  );
  const side = { ...rounds, rounds: Math.min(rounds.rounds, 3) };
  say("the same at 16 connections");
  await hookline.source("few", { kind: "matches_none" });
  const few = { connections: 16, path: "/in/few" };
  const at16 = await inTurns(
    [
      { ...hop, connections: 16 },
      { ...ignored, ...few },
    ],
    side,
    sayLoad,
  );

  say("HubSpot's batches, one and four at a time");
  await hookline.source("batches-one", { kind: "batches" });
  await hookline.source("batches-four", { kind: "batches" });
  const fewBatches = await inTurns(
    [
      { ...mine, name: "one", path: "/in/batches-one", eventsEach, connections: 1 },
      { ...mine, name: "four", path: "/in/batches-four", eventsEach, connections: 4 },
    ],
    side,
    sayLoad,
  );

  const groups = await hookline.eventsPerCommit(["ignored", "batches"]);

  say("CPU of verifying, splitting and planning one webhook");
  const mapping = await measureMapping(peersUrl, rounds.rounds);

  say("webhook to Mihu POST, one at a time; what Cloudflare bills of an event, counted");
  await hookline.source("calls", { kind: "calls", line: "bench" });
  const quiet = Promise.withResolvers<void>();
  const ringing = measureRings(hookline, "/in/calls", flags.quick, quiet.resolve);
  // Both are idle most of the time.
  const counting = Promise.race([quiet.promise, ringing]).then(() =>
    measureUsage(cluster.info, partsBundle, flags.quick, ringing),
  );
  const [rings, usage] = await Promise.all([ringing, counting]);

  say("round trips under load");
  const trips = await measureTrips(cluster.info, product, flags.quick ? 1_000 : 3_000);

  say("a burst, at a service that was just started");
  const fresh = await startHookline(cluster.info, product, { heapMb: isolateMb });
  undo.push(fresh.stop);
  await fresh.line("narrow", "narrow");
  await fresh.source("burst", { kind: "calls", line: "narrow" });
  const burst = await measureBurst(
    fresh,
    "burst",
    flags.quick ? { count: 2_000, seconds: 2, first: 10_000 } : { count: 10_000, seconds: 10, first: 10_000 },
  );

  say("starts");
  const floorStart = await measureStart(() => startFloors(floorsBundle, peersUrl, secret));
  const start = await measureStart(hookline.serve);

  const results: BenchResults = {
    throughput: Object.fromEntries(throughput),
    at16: Object.fromEntries(at16),
    fewBatches: Object.fromEntries(fewBatches),
    copy: copy.measured(),
    groups,
    usage,
    mapping,
    eventsEach,
    trips,
    rings,
    burst,
    gzipBytes: product.gzipBytes,
    start,
    floorStart,
  };
  const [version] = await hookline.owner<{ server_version: string }[]>`show server_version`;
  const on = machine(version?.server_version ?? "unknown");
  const rows = rowsOf(results);
  say(`done in ${Math.round((performance.now() - beganAt) / 1000)} s\n`);
  console.log(`${on.cores} × ${on.cpu}, Node ${on.node}, workerd ${on.workerd}, Postgres ${on.postgres}\n`);
  printTable(rows);
  writeResults({ machine: on, rounds, rows, tables: tablesOf(results), results });
  say("npm run docs writes the figures into the documents");
}

function sayLoad(name: string, { perSecond, p50Ms, p99Ms, refused }: Load): void {
  say(
    `  ${name.padEnd(20)} ${Math.round(perSecond).toString().padStart(6)}/s  p50 ${p50Ms.toFixed(1)} ms  p99 ${p99Ms.toFixed(1)} ms${refused > 0 ? `, ${refused} refused` : ""}`,
  );
}
