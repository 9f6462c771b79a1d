/**
 * Stops, lifts, decisions and claims in any order, a claimer at work beside them: read back from the entries, no claim of a call began after
 * a stop that concerns it was answered, unless a person released it later, and each call has one end.
 *
 * All calls are there from the beginning. A stop is therefore forever, and a pause or a line's countries stop for a while.
 */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { notBegun } from "../../../src/domain/calls/dial.ts";
import { advanceStops } from "../../../src/flows/calling/stop-calls.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { callStores } from "../world/calls.ts";
import { eventStores } from "../world/events.ts";
import { draft, newEvent, numberOf, planOf } from "../world/world.ts";

const seed = 20_261_128;
const runs = 14;
const callsPerRun = 8;

let api: Beside["api"];
let owner: Beside["owner"];
let client: Beside["client"];
let beside: Beside;
beforeAll(async () => {
  beside = await serviceBeside({}, 2);
  ({ api, owner, client } = beside);
});
afterAll(async () => {
  await beside.close();
});

const kinds = [
  "suppress",
  "lift",
  "cancel",
  "off",
  "live",
  "close",
  "pause",
  "resume",
  "abroad",
  "home",
  "release",
] as const;
const command = fc.record({ kind: fc.constantFrom(...kinds), call: fc.nat(callsPerRun - 1) });

/** A time in which a call may not be claimed, by Postgres' clock: from an answer to the beginning of what ends it. */
type Stop = { call: number; kind: string; from: number; to: number };
let serial = 0;

test("no claim of a call begins after a stop that concerns it was answered, and each call has one end", async () => {
  const property = fc.asyncProperty(fc.array(command, { minLength: 6, maxLength: 16 }), async (commands) => {
    const [source, line] = [`mixed-${++serial}`, `mixed-${serial}`];
    const rule = { number: "{{ data.phone }}", about: "Order {{ data.id }}.", line };
    const putLine = (countries: string[]) =>
      api.ask("PUT", `/v1/lines/${line}`, { agent: "a", countries, calls_per_minute: 1_000, calls_at_once: 1_000 });
    await putLine(["US"]);
    const putSource = () =>
      api.ask("PUT", `/v1/sources/${source}`, {
        preset: "generic",
        country: "US",
        secrets: ["a-secret-of-this-test-alone"],
      });
    await putSource();
    const save = (mode: string) => api.ask("PUT", `/v1/sources/${source}/rules/call-me`, { ...rule, mode });
    expect((await save("live")).status).toBe(201);
    const events = eventStores(client, 5_000);
    const numbers = Array.from({ length: callsPerRun }, (_, nth) => numberOf(serial * callsPerRun + nth));
    const made = await Promise.all(numbers.map(() => newEvent({ id: randomUUID(), source })));
    await events.accept(source, made);
    // Every third call is held.
    const held = (nth: number) => (nth % 3 === 2 ? ({ status: "held", reason: "burst" } as const) : {});
    await events.plan(
      made.map((event, nth) => planOf(event, draft({ line, number: numbers[nth] ?? "", ...held(nth) }))),
    );
    const rows = await owner<{ id: string; number: string }[]>`select id, number from calls where source = ${source}`;
    const ids = numbers.map((number) => rows.find((row) => row.number === number)?.id ?? "");
    const now = async () => Number((await owner`select extract(epoch from clock_timestamp()) * 1000 as at`)[0]?.at);

    const stops: Stop[] = [];
    const stop = (kind: string, some: readonly number[], from: number) =>
      stops.push(...some.map((call) => ({ call, kind, from, to: Number.POSITIVE_INFINITY })));
    const end = (kind: string, to: number) => {
      for (const one of stops) if (one.kind === kind) one.to = Math.min(one.to, to);
    };
    const all = ids.map((_, nth) => nth);
    const act = async ({ kind, call }: { kind: (typeof kinds)[number]; call: number }): Promise<void> => {
      const begun = await now();
      const number = numbers[call] ?? "";
      const stopAll = async (answer: Promise<{ status: number }>) => {
        if ((await answer).status < 300) stop(kind, all, await now());
      };
      switch (kind) {
        case "suppress":
          if ((await api.ask("POST", "/v1/suppressions", { number, reason: "asked" })).status < 300)
            stop(kind, [call], await now());
          return;
        case "lift":
          return void (await api.ask("DELETE", `/v1/suppressions/${encodeURIComponent(number)}`));
        case "cancel":
          if ((await api.ask("POST", `/v1/calls/${ids[call]}/cancel`, { reason: "x" })).status === 200)
            stop(kind, [call], await now());
          return;
        case "off":
          return await stopAll(save("off"));
        case "live":
          await putSource();
          return void (await save("live"));
        case "close":
          return await stopAll(api.ask("DELETE", `/v1/sources/${source}`));
        case "pause":
          return await stopAll(api.ask("POST", `/v1/lines/${line}/pause`, { reason: "x" }));
        case "resume":
          end("pause", begun);
          return void (await api.ask("POST", `/v1/lines/${line}/resume`, { reason: "x" }));
        case "abroad":
          return await stopAll(putLine(["JM"]));
        case "home":
          end("abroad", begun);
          return void (await putLine(["US"]));
        case "release":
          return void (await api.ask("POST", `/v1/calls/${ids[call]}/release`, { reason: "good" }));
      }
    };
    let over = false;
    const claimer = async () => {
      const calls = callStores(() => client.sql());
      while (!over) {
        const { calls: claimed } = await calls.claim(line, (await calls.claimSeq(line)) ?? 0, 1);
        // Every claim is given back, so that the next one asks all gates again.
        for (const { id, claimSeq } of claimed)
          await calls.record(line, [{ callId: id, claimSeq, ...notBegun("given_back") }]);
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    };
    const sweeper = async () => {
      while (!over) {
        await advanceStops(stopStore(api.sql), () => {});
        await new Promise((resolve) => setTimeout(resolve, 7));
      }
    };
    const others = [claimer(), sweeper()];
    try {
      for (const one of commands) await act(one);
      await new Promise((resolve) => setTimeout(resolve, 25));
    } finally {
      over = true;
      await Promise.all(others);
    }

    const claims = await owner<{ id: string; at: number; released: number | null }[]>`
      select c.id, (extract(epoch from e.at) * 1000)::float8 as at,
        (select (extract(epoch from max(r.at)) * 1000)::float8 from entries r where r.subject = 'call'
          and r.subject_id = c.id::text and r.action = 'released' and r.at <= e.at) as released
      from calls c join entries e on e.subject = 'call' and e.subject_id = c.id::text and e.action = 'dialing'
      where c.source = ${source}`;
    const late = claims.flatMap(({ id, at, released }) =>
      stops.filter(
        ({ call, kind, from, to }) =>
          ids[call] === id &&
          at > from &&
          at < to &&
          // A release is later than what stops the call for good, and no answer to a pause.
          (kind === "pause" || kind === "abroad" || released === null || released < from),
      ),
    );
    expect(late).toEqual([]);
    const ends = await owner`
      select c.id, c.status, count(e.id)::int as ends from calls c left join entries e on e.subject = 'call'
        and e.subject_id = c.id::text and e.action in ('canceled', 'expired', 'rejected', 'ended')
      where c.source = ${source} group by c.id, c.status
      having count(e.id) <> case when c.status in ('canceled', 'expired', 'rejected', 'ended') then 1 else 0 end`;
    expect([...ends]).toEqual([]);
  });
  await fc.assert(property, { seed, numRuns: runs, interruptAfterTimeLimit: 40_000 });
}, 90_000);
