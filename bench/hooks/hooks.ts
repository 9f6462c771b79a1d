// `npm run bench -- --hooks`: how soon a receiver hears of an outcome, and how many deliveries a second a thousand hooks get,
// beside a bare Node sender of the same requests.
import { createHmac, randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { load } from "../load/load.ts";
import type { Row } from "../report/report.ts";
import type { Hookline } from "../subjects/hookline.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

type Size = { readonly hooks: number; readonly calls: number; readonly samples: number };

type Late = { readonly p50Ms: number; readonly p99Ms: number; readonly samples: number };
export type HooksMeasured = {
  readonly alone: Late;
  readonly besideDead: Late;
  readonly many: { readonly deliveries: number; readonly perSecond: number; readonly bare: number };
};

/** Hooks that each event matches. */
const matchedEach = 3;
const bareConnections = 64;
const giveUpMs = 300_000;

/** Measures all of it on a running product whose line `bench` calls. */
export async function measureHooks(
  hookline: Hookline,
  path: string,
  size: Size,
  say: (words: string) => void,
): Promise<HooksMeasured> {
  const receiver = await startReceiver();
  try {
    await hookline.ask("POST", "/v1/hooks", { target_url: `${receiver.url}/healthy`, events: ["call.ended"] });
    say("one healthy hook");
    const alone = await outcomes(hookline, receiver, path, size.samples, 0);
    const dead = await hookline.ask("POST", "/v1/hooks", { target_url: `${receiver.url}/dead`, events: ["call.*"] });
    say("the same beside a hook whose receiver never answers");
    const besideDead = await outcomes(hookline, receiver, path, size.samples, size.samples);
    await hookline.ask("DELETE", `/v1/hooks/${String(dead.id)}`);
    return { alone, besideDead, many: await throng(hookline, receiver, size, say) };
  } finally {
    await receiver.stop();
  }
}

/** Webhooks at a steady pace; each is a call that ends after half a second. */
async function outcomes(
  hookline: Hookline,
  receiver: Receiver,
  path: string,
  samples: number,
  first: number,
): Promise<Late> {
  await receiver.clear();
  const recipe = { path, secret: hookline.secret, first, count: samples, eventsEach: 1 };
  const seconds = Math.ceil(samples / 20);
  await load({ port: hookline.port, recipe, connections: 4, seconds, perSecond: 20, cycle: false });
  const late = (await arrived(receiver, "healthy", samples)).lateMs.sort((one, other) => one - other);
  const at = (part: number) => late[Math.min(late.length - 1, Math.floor(late.length * part))] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99), samples: late.length };
}

/** Entries of calls that have ended, of which each matches three of many hooks. */
async function throng(
  hookline: Hookline,
  receiver: Receiver,
  { hooks, calls }: Size,
  say: (words: string) => void,
): Promise<HooksMeasured["many"]> {
  const groups = Math.floor(hooks / matchedEach);
  say(`${groups * matchedEach} hooks, ${calls} calls`);
  for (let nth = 0; nth < groups * matchedEach; nth++) {
    const when = `data.rule == "rule-${nth % groups}"`;
    await hookline.ask("POST", "/v1/hooks", {
      target_url: `${receiver.url}/many/${nth}`,
      events: ["call.ended"],
      when,
    });
  }
  await hookline.owner`update hooks set state = 'paused', state_reason = 'paused_by_person' where target_url like '%/healthy'`;
  await receiver.clear();
  await endCalls(hookline, calls, groups);
  // A poke: the rows were written past the product.
  const beganAt = performance.timeOrigin + performance.now();
  await hookline.ask("POST", "/v1/hooks", { target_url: `${receiver.url}/poke`, events: ["call.held"] });
  const { count, lastMs } = await arrived(receiver, "many", calls * matchedEach);
  const bodies = await hookline.owner<{ body: string }[]>`
    select body from deliveries where type = 'call.ended' order by created_at desc limit ${calls * matchedEach}`;
  return {
    deliveries: count,
    perSecond: (count / (lastMs - beganAt)) * 1_000,
    bare: await bareSender(
      `${receiver.url}/bare`,
      bodies.map(({ body }) => body),
    ),
  };
}

async function endCalls({ owner }: Hookline, calls: number, groups: number): Promise<void> {
  await owner`
    with added as (
      insert into events (id, source, dedupe_key, type, body, body_hash, headers, state, planned_at)
      select gen_random_uuid(), 'calls', 'ended-' || n, 'orders/updated', '{}', 'hash', '{}', 'planned', now()
      from generate_series(0, ${calls - 1}::int) n returning id, dedupe_key
    ), made as (
      insert into calls (event_id, source, rule, rule_version, mode, line, status, outcome, number, country, about, due_at,
        claimed_at, placed_at, ended_at, conversation_uuid, mihu_id, duration_s)
      select id, 'calls', 'rule-' || (split_part(dedupe_key, '-', 2)::int % ${groups}::int), 1, 'live', 'bench', 'ended', 'completed',
        '+1' || (2000000000 + split_part(dedupe_key, '-', 2)::int), 'US', 'about', now(), now(), now(), now(),
        gen_random_uuid()::text, gen_random_uuid()::text, 60
      from added returning id
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'call', id::text, 'ended', 'bench', '{"outcome": "completed"}' from made`;
}

async function arrived(receiver: Receiver, path: string, count: number) {
  const until = performance.now() + giveUpMs;
  while (performance.now() < until) {
    const seen = (await receiver.read())[path];
    if (seen !== undefined && seen.count >= count) return seen;
    await sleep(100);
  }
  const seen = (await receiver.read())[path]?.count ?? 0;
  throw new Error(`${seen} of ${count} deliveries to /${path} came in time`);
}

/** Sends the same bodies, signed, over kept connections. @returns requests per second */
async function bareSender(url: string, bodies: readonly string[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: bareConnections });
  const key = Buffer.from(randomUUID());
  let next = 0;
  const send = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const [id, timestamp, text] = [`msg_${next}`, String(Math.floor(Date.now() / 1_000)), body];
      const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${text}`).digest("base64");
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signature}`,
      };
      await new Promise<void>((done, failed) => {
        request(url, { method: "POST", agent, headers }, (answer) =>
          answer.resume().on("end", done).on("error", failed),
        )
          .on("error", failed)
          .end(text);
      });
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: bareConnections }, send));
  const perSecond = (bodies.length / (performance.now() - began)) * 1_000;
  agent.destroy();
  return perSecond;
}

/** The rows of the table. */
export function hookRows({ alone, besideDead, many }: HooksMeasured): Row[] {
  const late = ({ p50Ms, p99Ms, samples }: Late) =>
    `p99 ${p99Ms.toFixed(0)} ms, p50 ${p50Ms.toFixed(0)} ms, ${samples} outcomes`;
  return [
    {
      what: "outcome recorded to delivery received",
      goal: "p99 < 1 s",
      measured: late(alone),
      ok: alone.p99Ms < 1_000,
    },
    {
      what: "the same beside a hook that never answers",
      goal: "p99 ≤ 1.1 ×",
      measured: `${late(besideDead)} = ${(besideDead.p99Ms / alone.p99Ms).toFixed(2)} ×`,
      ok: besideDead.p99Ms <= 1.1 * alone.p99Ms,
    },
    {
      what: `${many.deliveries} deliveries to many hooks, three for each event, beside a bare Node sender`,
      goal: "≥ 0.5 ×",
      measured: `${many.perSecond.toFixed(0)}/s : ${many.bare.toFixed(0)}/s = ${(many.perSecond / many.bare).toFixed(2)} ×`,
      ok: many.perSecond >= 0.5 * many.bare,
    },
  ];
}
