/**
 * Pace, as the receiver sees it: random claims, answers, kills, 429s and outcomes of two instances of a line, on the real statements.
 *
 * Postgres' own clock decides and cannot be set, so time passes by moving every moment of the rows into the past; all moments below
 * are epoch milliseconds of that moved clock.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { leaseMs, leaseReserveMs } from "../../../src/domain/limits.ts";
import type { ClaimedCall } from "../../../src/ports/calling/claims.ts";
import type { DialResult } from "../../../src/ports/calling/results.ts";
import type { SweepStore } from "../../../src/ports/sweep.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { chance } from "../../chance.ts";
import type { CallStores } from "../world/calls.ts";
import { callStores } from "../world/calls.ts";
import { addLine, draft, numberOf, queueCalls, type World, world } from "../world/world.ts";

const callSecondsMax = 600;
let w: World;
let instances: [CallStores, CallStores];
let sweep: SweepStore;
const clients = [0, 1, 2].map(() => ({ drop: () => {} }));
beforeAll(async () => {
  w = await world();
  const [one, two, three] = clients.map((client) => {
    const kept = keptClient(w.url, () => {});
    client.drop = kept.drop;
    return kept;
  });
  if (one === undefined || two === undefined || three === undefined) throw new Error("there are three");
  instances = [callStores(one.sql), callStores(two.sql)];
  sweep = sweepStore(three.sql());
});
afterAll(async () => {
  for (const { drop } of clients) drop();
  await w.close();
});

/** A request as the receiver saw it. `until` is `null` while its phone rings or somebody talks. */
type Seen = { at: number; until: number | null };
type InFlight = { call: ClaimedCall; claimedAt: number };

const placed = (call: ClaimedCall): DialResult => ({
  callId: call.id,
  claimSeq: call.claimSeq,
  status: "placed",
  conversationUuid: `conversation-${call.id}`,
  contactUuid: null,
  mihuId: call.id,
  listenUrl: null,
  recordUrl: null,
});
const back = (call: ClaimedCall, posted: boolean): DialResult => ({
  callId: call.id,
  claimSeq: call.claimSeq,
  status: "queued",
  reason: posted ? "rate_limited" : "given_back",
  detail: {},
  posted,
  waitMs: 0,
});
const failed = (call: ClaimedCall, status: "unknown" | "rejected"): DialResult => ({
  callId: call.id,
  claimSeq: call.claimSeq,
  status,
  reason: status === "unknown" ? "server_error" : "refused",
  detail: {},
});

const steps = 160;
let numbers = 0;

test.each([1, 2, 3, 4])(
  "calls_per_minute over any sixty seconds and calls_at_once are never exceeded, whatever happens (seed %i)",
  async (seed) => {
    const random = chance(seed);
    const below = (n: number) => Math.floor(random() * n);
    const pick = <T>(items: readonly [T, ...T[]]): T => items[below(items.length)] ?? items[0];
    const line = `line-${seed}`;
    // One of the two is tight: where both are, the tighter hides what is wrong with the other.
    const pace = seed % 2 === 1 ? { minute: 2 + below(3), atOnce: 1_000 } : { minute: 1_000, atOnce: 2 + below(2) };
    await addLine(w.owner, line, pace);

    let shift = 0;
    const now = () => Date.now() + shift;
    const seen: Seen[] = [];
    const inFlight: InFlight[] = [];
    const ringing = new Map<string, Seen>();
    /** Calls that rang, and whose answer was lost. */
    const hidden = new Map<string, Seen>();
    /** Calls that did not ring, and whose answer was lost. */
    const silent = new Set<string>();
    const known: [number, number] = [0, 0];

    const pass = async (ms: number) => {
      await w.owner`with c as (
          update calls set slot_until = slot_until - ${ms} * interval '1 millisecond', claimed_at = claimed_at - ${ms} * interval '1 millisecond',
            lease_until = lease_until - ${ms} * interval '1 millisecond', placed_at = placed_at - ${ms} * interval '1 millisecond',
            poll_at = poll_at - ${ms} * interval '1 millisecond', due_at = due_at - ${ms} * interval '1 millisecond' where line = ${line}
        ), s as (update slots set until = until - ${ms} * interval '1 millisecond' where line = ${line})
        update lines set not_before = not_before - ${ms} * interval '1 millisecond' where slug = ${line}`;
      shift += ms;
    };
    /** When the receiver saw a request: at any moment since its claim, the first and the last not the least likely. */
    const sawIt = (one: InFlight, rang: boolean): Seen => {
      const at = one.claimedAt + pick([0, random(), 1]) * (now() - one.claimedAt);
      const ring = { at, until: rang ? null : at };
      seen.push(ring);
      return ring;
    };
    const claim = async (which: 0 | 1) => {
      const got = await instances[which].claim(line, known[which], 1 + below(4));
      known[which] = got.seq;
      for (const call of got.calls) inFlight.push({ call, claimedAt: now() });
    };
    const answer = async (one: InFlight) => {
      inFlight.splice(inFlight.indexOf(one), 1);
      const { call } = one;
      const end = pick(["placed", "placed", "placed", "rejected", "limited", "unknown", "hidden", "back"]);
      if (end === "placed") ringing.set(call.id, sawIt(one, true));
      if (end === "hidden") hidden.set(call.id, sawIt(one, true));
      if (end === "unknown") silent.add(call.id);
      if (end === "rejected" || end === "limited" || end === "unknown") sawIt(one, false);
      const result =
        end === "placed"
          ? placed(call)
          : end === "limited" || end === "back"
            ? back(call, end === "limited")
            : failed(call, end === "rejected" ? "rejected" : "unknown");
      if (end === "limited") await instances[0].holdLine(line, below(3_000));
      await pick(instances).record(line, [result]);
    };
    /** The instance ends: what it had begun may ring until its lease is over, and nobody hears of it. */
    const kill = (one: InFlight) => {
      inFlight.splice(inFlight.indexOf(one), 1);
      if (random() < 0.3) {
        silent.add(one.call.id);
        return;
      }
      const ring = { at: one.claimedAt + pick([0, random(), 1]) * (leaseMs - leaseReserveMs), until: null };
      seen.push(ring);
      hidden.set(one.call.id, ring);
    };
    const hangUp = async (id: string, ring: Seen) => {
      ringing.delete(id);
      ring.until = Math.max(ring.at, now());
      const settlement = { callId: id, outcome: "completed", outcomeRaw: null, durationS: 1, summary: null } as const;
      await instances[0].settle([{ ...settlement, recordingUrl: null, endedAt: Date.now(), again: null }], "test");
    };
    const find = async (id: string, ring: Seen) => {
      const found = { conversationUuid: `conversation-${id}`, contactUuid: null, mihuId: id, placedAt: Date.now() };
      if (ring.at > now() || !(await instances[0].adopt(id, found, "test"))) return;
      hidden.delete(id);
      ringing.set(id, ring);
    };
    const any = <T>(items: readonly T[]): T | undefined => items[below(items.length)];

    for (let step = 0; step < steps; step++) {
      const [{ waiting } = { waiting: 0 }] = await w.owner`
        select count(*)::int as waiting from calls where line = ${line} and status = 'queued'`;
      if (waiting < 4)
        await queueCalls(
          w,
          Array.from({ length: 8 }, () => draft({ line, number: numberOf(numbers++), expiresAt: null })),
        );
      const one = any(inFlight);
      const going = any([...ringing]);
      const lost = any([...hidden]);
      if (random() < 0.4) await claim(pick([0, 1]));
      switch (pick([0, 1, 2, 3, 4, 4, 4, 5, 6, 6, 7, 7, 8, 8, 8])) {
        case 0:
        case 1:
          await claim(0);
          break;
        case 2:
          await claim(1);
          break;
        case 3:
          await Promise.all([claim(0), claim(1)]);
          break;
        case 4:
          if (one !== undefined) await answer(one);
          break;
        case 5:
          if (one !== undefined) kill(one);
          break;
        case 6:
          if (going !== undefined) await hangUp(...going);
          break;
        case 7:
          await sweep.expire();
          if (lost !== undefined && random() < 0.3) await find(...lost);
          for (const id of silent) {
            const left = await instances[1].toReview(id, { reason: "not_found", conversations: [] }, "test");
            if (left) silent.delete(id);
          }
          break;
        default:
          await pass(pick([100, 1_000, 5_000, 10_000, 20_000, 35_000, 59_000, 60_000]));
          // An instance that lives records its answers in time; and nobody talks for longer than that.
          for (const late of inFlight.filter(({ claimedAt }) => now() - claimedAt > leaseMs - leaseReserveMs))
            await answer(late);
          for (const [id, ring] of ringing)
            if (now() - ring.at > (callSecondsMax - 120) * 1_000) await hangUp(id, ring);
      }
    }
    expect(seen.length).toBeGreaterThan(10);
    for (const { at } of seen) {
      expect(seen.filter((other) => other.at > at - 60_000 && other.at <= at).length).toBeLessThanOrEqual(pace.minute);
      expect(seen.filter((other) => other.at <= at && (other.until ?? Infinity) > at).length).toBeLessThanOrEqual(
        pace.atOnce,
      );
    }
  },
  20_000,
);
