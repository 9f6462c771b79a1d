/**
 * `npm run chaos -- --flood`: strangers guess names, keys, tokens and cookies, 250 at once, beside honest webhooks. Prints the
 * connections to Postgres and the files of objects before and during, and the honest p99 with and without the flood.
 *
 * Strangers, sender, Worker and Postgres share one machine, and all requests share one isolate: whoever comes last waits for 250 others,
 * whatever the Worker does. So a bare Worker (`bench/floors/`, Hono's 404 for every stranger; for an honest webhook a signature and a call
 * of an object that does nothing) gets the same flood in the same run, in turns. The part of the wait that is Hookline's is the
 * ratio of the two.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { buildFloors, startFloors } from "../../../bench/subjects/peers.ts";
import { cpuMs } from "../../../bench/weight.ts";
import { sampleBody, sampleType } from "../../../dev/send/sample.ts";
import { signedRequest } from "../../../dev/send/sign.ts";
import { type Stack, startStack } from "../../../dev/stack/stack.ts";
import { shopify } from "../../../src/crm/presets/shopify.ts";
import { percentile } from "../percentile.ts";
import { flood, strangeRequests } from "./strangers.ts";

/** Honest webhooks of one Worker, with or without the flood, over all rounds. */
type Honest = { readonly times: number[]; refused: number };

/** A Worker that is flooded. `cpuUs`: CPU of its process for each request of a stranger, honest ones included. */
type Flooded = {
  readonly calm: Honest;
  readonly flooded: Honest;
  readonly answers: Record<string, number>;
  cpuUs: number;
};

type FloodFound = {
  /** Requests of strangers in each round. */
  readonly requests: number;
  readonly rounds: number;
  readonly own: Flooded;
  readonly bare: Flooded;
  readonly connections: { calm: number; flooded: number };
  readonly filesBefore: number;
  readonly filesAfter: number;
};

const atOnce = 250;
const honestEveryMs = 10;
const calmMs = 2_000;

/** Objects that may have a connection of their own then, and not before: the directory's, the notary's, and the door's for Mihu's keys. */
const othersMax = 3;

/** The goal for the honest p99 during the flood, as a multiple of the bare Worker's under the same flood. A busy machine may miss it. */
const ratioGoal = 1.5;

const secret = randomBytes(24).toString("base64url");

/** A Worker in the run, with the path that takes its honest webhooks. */
type Subject = { readonly url: string; readonly pid: number; readonly path: string; readonly found: Flooded };

/** @param requests of strangers in each round */
export async function runFlood(
  { requests, rounds }: { requests: number; rounds: number },
  say: (line: string) => void = () => undefined,
): Promise<FloodFound> {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), "hookline-flood-"));
  const files = () => readdirSync(join(dir, "objects"), { recursive: true }).length;
  const undo: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })];
  try {
    const stack = await startStack({ dir });
    undo.push(stack.stop);
    const owner = postgres(stack.ownerUrl, { max: 1, onnotice: () => undefined });
    undo.push(() => owner.end({ timeout: 1 }));
    const bundle = await buildFloors();
    undo.push(bundle.remove);
    const floors = await startFloors(bundle, stack.appUrl, secret);
    undo.push(floors.stop);
    await makeSource(stack);

    const own: Subject = { url: stack.url, pid: stack.worker.pid, path: "/in/honest", found: nothingYet() };
    const bare: Subject = { url: floors.url, pid: floors.pid, path: "/hop", found: nothingYet() };
    const connections = { calm: 0, flooded: 0 };
    // One round that does not count: code is compiled, and objects that a flood may use have their files.
    for (const one of [bare, own])
      await round({ ...one, found: nothingYet() }, owner, requests, { calm: 0, flooded: 0 });
    await stack.worker.scheduled();
    const filesBefore = files();
    for (let nth = 1; nth <= rounds; nth++) {
      for (const one of [bare, own])
        await round(one, owner, requests, one === own ? connections : { calm: 0, flooded: 0 });
      say(
        `  round ${nth} of ${rounds}: honest p99 ${p99(own.found.flooded)} so far, a bare Worker's ${p99(bare.found.flooded)}`,
      );
    }
    for (const { found } of [bare, own]) found.cpuUs /= rounds;
    return { requests, rounds, own: own.found, bare: bare.found, connections, filesBefore, filesAfter: files() };
  } finally {
    for (let next = undo.pop(); next !== undefined; next = undo.pop()) await next();
  }
}

function nothingYet(): Flooded {
  return { calm: { times: [], refused: 0 }, flooded: { times: [], refused: 0 }, answers: {}, cpuUs: 0 };
}

async function makeSource(stack: Stack): Promise<void> {
  const made = await stack.api("/v1/sources/honest", { method: "PUT", json: { preset: "shopify", secrets: [secret] } });
  if (!made.ok) throw new Error(`the source was not made: ${made.status} ${await made.text()}`);
}

/** Honest webhooks alone, and then beside a flood. */
async function round(
  subject: Subject,
  owner: postgres.Sql,
  requests: number,
  connections: { calm: number; flooded: number },
): Promise<void> {
  const { found, pid } = subject;
  const calm = await during(subject, owner, found.calm, () => sleep(calmMs));
  connections.calm = Math.max(connections.calm, calm);
  const flooded = await during(subject, owner, found.flooded, async () => {
    const before = cpuMs(pid);
    const port = Number(new URL(subject.url).port);
    const answers = await flood({ port, requests: strangeRequests("honest"), count: requests, atOnce });
    found.cpuUs += ((cpuMs(pid) - before) * 1_000) / requests;
    for (const [status, times] of Object.entries(answers)) found.answers[status] = (found.answers[status] ?? 0) + times;
  });
  connections.flooded = Math.max(connections.flooded, flooded);
}

/** Sends honest webhooks while this continues. @returns the most connections to the Worker's database */
async function during(
  { url, path }: Subject,
  owner: postgres.Sql,
  honest: Honest,
  work: () => Promise<unknown>,
): Promise<number> {
  let going = true;
  let connections = 0;
  const sending: Promise<void>[] = [];
  const send = async () => {
    const body = sampleBody({ order: "1001", number: "+14155550100", now: Date.now() });
    const { headers } = signedRequest({
      preset: shopify,
      settings: {},
      secret,
      body,
      id: randomUUID(),
      type: sampleType,
    });
    const began = performance.now();
    const answer = await fetch(url + path, { method: "POST", headers, body });
    await answer.body?.cancel();
    honest.times.push(performance.now() - began);
    if (answer.status !== 202) honest.refused++;
  };
  const sender = async () => {
    for (; going; await sleep(honestEveryMs)) sending.push(send());
    await Promise.all(sending);
  };
  const watch = async () => {
    for (; going; await sleep(20)) {
      const [row] = await owner`
        select count(*)::int as open from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
      connections = Math.max(connections, Number(row?.open));
    }
  };
  const both = Promise.all([sender(), watch()]);
  await work();
  going = false;
  await both;
  return connections;
}

/** No connection more than `othersMax`, no file more, and every honest webhook accepted. Times depend on the machine, and decide nothing. */
export function floodKept({ own, connections, filesBefore, filesAfter }: FloodFound): boolean {
  return (
    connections.flooded <= connections.calm + othersMax &&
    filesAfter <= filesBefore &&
    own.calm.refused + own.flooded.refused === 0
  );
}

/** @returns what `npm run chaos -- --flood` prints */
export function floodTable(found: FloodFound): string {
  const { requests, rounds, own, bare, connections, filesBefore, filesAfter } = found;
  const told = Object.entries(own.answers).map(([status, times]) => `${status}: ${times}`);
  const line = (of: Flooded) =>
    `p50 ${p50(of.calm)} before, ${p50(of.flooded)} during; p99 ${p99(of.calm)} before, ${p99(of.flooded)} during: ${ratio(of.flooded, of.calm).toFixed(1)} times; ${of.cpuUs.toFixed(0)} µs of CPU for each stranger, honest ones included`;
  return [
    `${rounds} times ${requests} requests of strangers, ${atOnce} at once`,
    `  answers              ${told.join(", ")}`,
    `  connections at most  ${connections.calm} before, ${connections.flooded} during`,
    `  files of objects     ${filesBefore} before, ${filesAfter} after`,
    `  honest webhooks      ${own.calm.times.length} before, ${own.flooded.times.length} during, ${own.calm.refused + own.flooded.refused} not accepted`,
    `  honest               ${line(own)}`,
    `  a bare Worker's      ${line(bare)}`,
    `  honest p99 during    ${ratio(own.flooded, bare.flooded).toFixed(2)} times the bare Worker's, which stores nothing (goal: at most ${ratioGoal})`,
    floodKept(found) ? "  kept" : "  BROKEN",
  ].join("\n");
}

function ratio(one: Honest, other: Honest): number {
  return percentile(one.times, 0.99) / percentile(other.times, 0.99);
}

function p99({ times }: Honest): string {
  return `${percentile(times, 0.99).toFixed(1)} ms`;
}

function p50({ times }: Honest): string {
  return `${percentile(times, 0.5).toFixed(1)} ms`;
}
