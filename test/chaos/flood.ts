/**
 * `npm run chaos -- --flood`: strangers guess names, keys, tokens and cookies, 250 at once, beside honest webhooks. Prints the
 * connections to Postgres and the files of objects before and during, and the honest p99 with and without the flood.
 *
 * Sender, stranger, Worker and Postgres share one machine here, so the ratio of the two p99 is the machine's as well.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { type Stack, startStack } from "../../dev/stack/stack.ts";
import { percentile } from "./percentile.ts";

type Phase = { readonly connections: number; readonly sent: number; readonly refused: number; readonly p99Ms: number };

type FloodFound = {
  readonly requests: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly calm: Phase;
  readonly flooded: Phase;
  readonly filesBefore: number;
  readonly filesAfter: number;
  /** No connection more than `othersMax`, no file more, and every honest webhook accepted. */
  readonly good: boolean;
};

const atOnce = 250;
const honestEveryMs = 20;
const calmMs = 5_000;

/** Objects that may have a connection of their own then, and not before: the directory's, the notary's, and the door's for Mihu's keys. */
const othersMax = 3;
const secret = randomBytes(24).toString("base64url");
const madeUp = "A".repeat(43);

/** Requests of strangers, in turn. */
const strange: readonly ((nth: number) => readonly [path: string, init: RequestInit])[] = [
  (nth) => [`/in/guess-${nth}`, { method: "POST", body: "unsigned" }],
  (nth) => [`/in/guess-${nth}`, { method: "POST", body: "{}", headers: { authorization: "Bearer guessed" } }],
  () => ["/in/honest", { method: "POST", body: "{}", headers: { authorization: "Bearer guessed" } }],
  (nth) => [`/in/mihu/${nth}`, { method: "POST", body: "{}" }],
  () => ["/", { headers: { cookie: `__Host-session=${madeUp}.${madeUp}` }, redirect: "manual" }],
  () => ["/v1/calls", { headers: { authorization: "Bearer guessed" } }],
  () => ["/readyz", {}],
];

/** @param requests of strangers altogether */
export async function runFlood(requests: number, say: (line: string) => void = () => undefined): Promise<FloodFound> {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), "hookline-flood-"));
  const files = () => readdirSync(join(dir, "objects"), { recursive: true }).length;
  const stack = await startStack({ dir });
  const owner = postgres(stack.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    const made = await stack.api("/v1/sources/honest", {
      method: "PUT",
      json: { preset: "bearer", secrets: [secret] },
    });
    if (!made.ok) throw new Error(`the source was not made: ${made.status} ${await made.text()}`);
    for (const one of strange) await answerTo(stack, ...one(0));
    await stack.worker.scheduled();
    say("  honest webhooks come alone");
    const calm = await during(stack, owner, () => sleep(calmMs));
    const filesBefore = files();
    say(`  ${requests} requests of strangers come, ${atOnce} at once`);
    const answers: Record<string, number> = {};
    const flooded = await during(stack, owner, async () => {
      let next = 0;
      const stranger = async () => {
        for (let nth = next++; nth < requests; nth = next++) {
          const request = strange[nth % strange.length]?.(nth);
          if (request === undefined) return;
          const status = await answerTo(stack, ...request);
          answers[status] = (answers[status] ?? 0) + 1;
        }
      };
      await Promise.all(Array.from({ length: atOnce }, stranger));
    });
    const filesAfter = files();
    const good =
      flooded.connections <= calm.connections + othersMax && filesAfter <= filesBefore && flooded.refused === 0;
    return { requests, answers, calm, flooded, filesBefore, filesAfter, good };
  } finally {
    await owner.end({ timeout: 1 });
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function answerTo(stack: Stack, path: string, init: RequestInit): Promise<number> {
  const answer = await fetch(stack.url + path, init);
  await answer.body?.cancel();
  return answer.status;
}

/** Sends honest webhooks and counts connections while this goes on. */
async function during(stack: Stack, owner: postgres.Sql, work: () => Promise<unknown>): Promise<Phase> {
  let going = true;
  let connections = 0;
  let refused = 0;
  const times: number[] = [];
  const sending: Promise<void>[] = [];
  const send = async () => {
    const began = performance.now();
    const headers = {
      authorization: `Bearer ${secret}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    };
    const status = await answerTo(stack, "/in/honest", {
      method: "POST",
      headers,
      body: JSON.stringify({ order: "1" }),
    });
    times.push(performance.now() - began);
    if (status !== 202) refused++;
  };
  const honest = async () => {
    for (; going; await sleep(honestEveryMs)) sending.push(send());
    await Promise.all(sending);
  };
  const watch = async () => {
    for (; going; await sleep(10)) {
      const [row] = await owner`
        select count(*)::int as open from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
      connections = Math.max(connections, Number(row?.open));
    }
  };
  const both = Promise.all([honest(), watch()]);
  await work();
  going = false;
  await both;
  return { connections, sent: times.length, refused, p99Ms: percentile(times, 0.99) };
}

/** @returns what `npm run chaos -- --flood` prints */
export function floodTable({ requests, answers, calm, flooded, filesBefore, filesAfter, good }: FloodFound): string {
  const told = Object.entries(answers).map(([status, times]) => `${status}: ${times}`);
  return [
    `${requests} requests of strangers, ${atOnce} at once`,
    `  answers              ${told.join(", ")}`,
    `  connections at most  ${calm.connections} before, ${flooded.connections} during`,
    `  files of objects     ${filesBefore} before, ${filesAfter} after`,
    `  honest webhooks      ${calm.sent} before, ${flooded.sent} during, ${calm.refused + flooded.refused} not accepted`,
    `  honest p99           ${calm.p99Ms.toFixed(1)} ms before, ${flooded.p99Ms.toFixed(1)} ms during: ${(flooded.p99Ms / calm.p99Ms).toFixed(1)} times`,
    good ? "  kept" : "  BROKEN",
  ].join("\n");
}
