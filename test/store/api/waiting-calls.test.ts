/** Calls that wait for a rule that rings nobody any more, or for a source that is closed: canceled or kept, and said. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { callStores } from "../world/calls.ts";
import { eventStores } from "../world/events.ts";
import { waitsForLock } from "../world/locks.ts";
import { draft, newEvent, numberOf, planOf } from "../world/world.ts";

let api: Beside["api"];
let owner: Beside["owner"];
let client: Beside["client"];
let beside: Beside;
beforeAll(async () => {
  beside = await serviceBeside();
  ({ api, owner, client } = beside);
  await api.ask("PUT", "/v1/lines/wide", line);
});
afterAll(async () => {
  await beside.close();
});

const line = { agent: "a", countries: ["US"] };
const rule = { line: "wide", number: "{{ data.phone }}", about: "Order {{ data.id }}.", test_number: "+14155550100" };
let serial = 0;

type Waits = { source: string; calls: Record<string, string> };

/** A source with one rule, and waiting calls of it: one in each mode, one held, one claimed, one at Mihu and one in review. */
async function shop(mode: "live" | "test" = "live"): Promise<Waits> {
  const source = `shop-${++serial}`;
  await api.ask("PUT", `/v1/sources/${source}`, {
    preset: "generic",
    country: "US",
    secrets: ["a-secret-of-this-test-alone"],
  });
  const saved = await api.ask("PUT", `/v1/sources/${source}/rules/call-me`, { ...rule, mode });
  expect(saved.status).toBe(201);
  const store = eventStores(client, 5_000);
  const add = async (more: Parameters<typeof draft>[0], to: string | null = null): Promise<string> => {
    const event = await newEvent({ id: randomUUID(), source });
    await store.accept(source, [event]);
    await store.plan([planOf(event, draft({ line: "wide", number: numberOf(serial++ % 8_000), ...more }))]);
    if (to !== null)
      await owner`update calls set status = ${to}, claim_seq = 1, lease_until = now() + interval '1 hour',
        reason = case when ${to} = 'review' then 'not_found' end, placed_at = case when ${to} = 'placed' then now() end, mihu_id = case when ${to} = 'placed' then 'm' end
        where event_id = ${event.id}`;
    const [row] = await owner`select id from calls where event_id = ${event.id}`;
    return row?.id;
  };
  const calls = {
    live: await add({ mode: "live" }),
    test: await add({ mode: "test" }),
    held: await add({ status: "held", reason: "placeholder" }),
    claimed: await add({}, "dialing"),
    placed: await add({}, "placed"),
    review: await add({}, "review"),
    other: await add({ rule: "another" }),
  };
  return { source, calls };
}

async function statesOf({ calls }: Waits): Promise<Record<string, string>> {
  const rows =
    await owner`select id, status, reason, again_stopped from calls where id in ${owner(Object.values(calls))}`;
  return Object.fromEntries(
    Object.entries(calls).map(([name, id]) => {
      const row = rows.find((one) => one.id === id);
      return [
        name,
        [row?.status, row?.status === "canceled" ? row.reason : row?.again_stopped].filter(Boolean).join(" "),
      ];
    }),
  );
}
const untouched = {
  live: "queued",
  test: "queued",
  held: "held",
  claimed: "dialing",
  placed: "placed",
  review: "review",
  other: "queued",
};
const save = (source: string, mode: string, query = "") =>
  api.ask("PUT", `/v1/sources/${source}/rules/call-me${query}`, { ...rule, mode });

describe("a rule that rings fewer people", () => {
  test.each(["off", "shadow"])(
    "cancels what waits for it when it is set to %s, and stops what is under way",
    async (mode) => {
      const at = await shop();
      const { json } = await save(at.source, mode);
      expect(json).toMatchObject({
        mode,
        waiting_calls: [{ source: at.source, rule: "call-me", canceled: 2, kept: 0, remaining: 0 }],
        stopped: { confirmed: true, given_back: 0, in_flight: 1 },
      });
      expect(api.told).toContain("recheck wide");
      expect(await statesOf(at)).toEqual({
        ...untouched,
        ...{ live: "canceled rule_off", test: "canceled rule_off" },
        ...{ claimed: "dialing rule_off", placed: "placed rule_off", review: "review rule_off" },
      });
      const entries =
        await owner`select action, reason, actor from entries where subject_id = ${at.calls.live ?? ""} order by id`;
      expect(entries.at(-1)).toMatchObject({
        action: "canceled",
        reason: "rule_off",
        actor: expect.stringContaining("token:"),
      });
    },
  );

  test("cancels only the calls of live when it is set to test", async () => {
    const at = await shop();
    await save(at.source, "test");
    expect(await statesOf(at)).toMatchObject({
      live: "canceled rule_off",
      test: "queued",
      claimed: "dialing rule_off",
    });
  });

  test("cancels nothing when it is set to live, or saved in the mode that it has", async () => {
    const at = await shop("test");
    for (const mode of ["test", "live", "live"])
      expect((await save(at.source, mode)).json.waiting_calls).toBeUndefined();
    expect(await statesOf(at)).toEqual(untouched);
  });

  test("keeps what waits if that is wanted, and says how many ring all the same", async () => {
    const at = await shop();
    const { json } = await save(at.source, "off", "?waiting=keep");
    expect(json.waiting_calls).toEqual([{ source: at.source, rule: "call-me", canceled: 0, kept: 2, remaining: 0 }]);
    expect(await statesOf(at)).toEqual(untouched);
    expect((await save(at.source, "off", "?waiting=perhaps")).status).toBe(422);
  });

  test("cancels what waits for it when it is removed", async () => {
    const at = await shop();
    const removed = await api.ask("DELETE", `/v1/sources/${at.source}/rules/call-me`);
    expect([removed.status, removed.json.waiting_calls]).toEqual([
      200,
      [{ source: at.source, rule: "call-me", canceled: 2, kept: 0, remaining: 0 }],
    ]);
    expect(await statesOf(at)).toMatchObject({ live: "canceled rule_off", other: "queued" });
  });

  test("is told beforehand by a dry run of the file, which cancels nothing", async () => {
    const at = await shop();
    const file = {
      sources: {
        [at.source]: { preset: "generic", country: "US", secrets: ["a-secret-of-this-test-alone"], rules: [] },
      },
    };
    const asked = async (query: string) => (await api.ask("PUT", `/v1/config?${query}`, file)).json.waiting_calls;
    const canceled = [{ source: at.source, rule: "call-me", canceled: 2, kept: 0, remaining: 0 }];
    expect(await asked("dry_run=true")).toEqual(canceled);
    expect(await asked("dry_run=true&waiting=keep")).toEqual([{ ...canceled[0], canceled: 0, kept: 2, remaining: 0 }]);
    expect(await statesOf(at)).toEqual(untouched);
    expect(await asked("")).toEqual(canceled);
    expect(await statesOf(at)).toMatchObject({ live: "canceled rule_off", test: "canceled rule_off" });
  });
});

test("a source that is closed cancels what waits for any of its rules", async () => {
  const at = await shop();
  const closed = await api.ask("DELETE", `/v1/sources/${at.source}`);
  expect(closed.json.waiting_calls).toEqual([{ source: at.source, rule: null, canceled: 3, kept: 0, remaining: 0 }]);
  expect(await statesOf(at)).toEqual({
    ...{ live: "canceled source_closed", test: "canceled source_closed", other: "canceled source_closed" },
    ...{ held: "held", claimed: "dialing source_closed", placed: "placed source_closed" },
    review: "review source_closed",
  });
});

test("a line that changes has what it has claimed asked again, and hours that end do so for claimed calls too", async () => {
  const at = await shop();
  const hours = { days: "mon-sun", from: "00:00", to: "23:00" };
  const { json } = await api.ask("PUT", "/v1/lines/wide", { ...line, hours });
  expect(json.stopped).toMatchObject({ confirmed: true, in_flight: expect.any(Number) });
  expect(json.stopped.in_flight).toBeGreaterThan(0);
  const [row] = await owner`select count(*)::int as late from calls
    where id in ${owner([at.calls.claimed ?? "", at.calls.live ?? ""])} and closes_at is not null and closes_at > now()`;
  expect(row?.late).toBe(0);
});

test("a call in review when its rule is turned off has no further try by its rule, whatever a person says of it", async () => {
  const at = await shop();
  const id = at.calls.review ?? "";
  await owner`update calls set conversation_uuid = 'c-review', claimed_at = now() where id = ${id}`;
  await save(at.source, "off");
  const resolved = await api.ask("POST", `/v1/calls/${id}/resolve`, { rang: true, conversation_uuid: "c-review" });
  expect(resolved.status).toBe(200);
  const [wide] = await owner`select slug, version::int from lines where slug = 'wide'`;
  const again = {
    askedAt: Date.now(),
    dueAt: Date.now(),
    closesAt: null,
    expiresAt: null,
    line: { slug: "wide", version: wide?.version },
  };
  const end = { callId: id, outcome: "busy", outcomeRaw: "busy", durationS: null, summary: null } as const;
  await callStores(() => client.sql()).settle([{ ...end, recordingUrl: null, endedAt: Date.now(), again }], "mihu");
  const tries = await owner`select status, reason from calls where again_of = ${id}`;
  expect([...tries]).toEqual([{ status: "canceled", reason: "rule_off" }]);
});

test("calls that an earlier change kept are canceled by the next change of the rule that stops them", async () => {
  for (const [first, then] of [
    ["off", "off"],
    ["off", "shadow"],
    ["shadow", "off"],
    ["test", "test"],
  ] as const) {
    const at = await shop();
    const kept = await save(at.source, first, "?waiting=keep");
    expect(kept.json.waiting_calls).toMatchObject([{ kept: first === "test" ? 1 : 2 }]);
    // The definition changes, and the mode may be the one that it was.
    const next = { ...rule, mode: then, about: "Order {{ data.id }}, again." };
    const { json } = await api.ask("PUT", `/v1/sources/${at.source}/rules/call-me`, next);
    expect([first, then, json.waiting_calls]).toMatchObject([first, then, [{ canceled: then === "test" ? 1 : 2 }]]);
  }
});

test.each(["off", "shadow", "test"])(
  "calls that were kept are canceled by saving the rule as %s once more, unchanged",
  async (mode) => {
    const at = await shop();
    await save(at.source, mode, "?waiting=keep");
    const { version } = (await api.ask("GET", `/v1/sources/${at.source}/rules/call-me`)).json;
    const count = mode === "test" ? 1 : 2;
    expect((await save(at.source, mode, "?waiting=keep")).json.waiting_calls).toMatchObject([{ kept: count }]);
    // A person has released this one since: it rings although its rule is off, and the answer said so.
    await owner`update calls set status = 'queued', reason = null, released_at = now() where id = ${at.calls.held ?? ""}`;
    const { json } = await save(at.source, mode);
    expect(json).toMatchObject({ version, waiting_calls: [{ rule: "call-me", canceled: count, kept: 0 }] });
    expect(await statesOf(at)).toMatchObject({
      live: "canceled rule_off",
      test: mode === "test" ? "queued" : "canceled rule_off",
      held: "queued",
      placed: "placed rule_off",
      other: "queued",
    });
    const stops = () => owner`select id from stops where source = ${at.source}`;
    const before = (await stops()).length;
    expect([(await save(at.source, mode)).json.waiting_calls, (await stops()).length]).toEqual([undefined, before]);
  },
);

test("calls that were kept are canceled by a file that changes nothing, as its dry run says", async () => {
  const head = { preset: "generic", country: "US", secrets: ["a-secret-of-this-test-alone"] };
  const off = [{ ...rule, name: "call-me", mode: "off" }];
  for (const rules of [off, []]) {
    const now = await shop();
    const ask = async (query: string) =>
      (await api.ask("PUT", `/v1/config?${query}`, { sources: { [now.source]: { ...head, rules } } })).json;
    expect((await ask("waiting=keep")).waiting_calls).toMatchObject([{ rule: "call-me", kept: 2 }]);
    const dry = await ask("dry_run=true");
    expect(dry.waiting_calls).toMatchObject([{ rule: "call-me", canceled: 2, kept: 0 }]);
    expect((await ask("dry_run=true&waiting=keep")).waiting_calls).toMatchObject([{ canceled: 0, kept: 2 }]);
    expect(await statesOf(now)).toEqual(untouched);
    const done = await ask("");
    expect(done.changes.every(({ kind }: { kind: string }) => kind === "keep")).toBe(true);
    expect(done.waiting_calls).toEqual(dry.waiting_calls);
    expect(await statesOf(now)).toMatchObject({ live: "canceled rule_off", test: "canceled rule_off", held: "held" });
    expect((await ask("")).waiting_calls).toEqual([]);
  }
});

test("a change that loses a deadlock is made all the same", async () => {
  const at = await shop();
  let saved: ReturnType<typeof save> | null = null;
  const [{ pid } = { pid: 0 }] = await api.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await owner.begin(async (other) => {
    // The change locks its source and then the line, the other transaction the line and then the source.
    await other`select from lines where slug = 'wide' for update`;
    saved = save(at.source, "off");
    await waitsForLock(other, pid);
    // Postgres ends the one that has waited for a second first: the change, since it has waited a good while longer.
    const waitsLong = () => owner`select from pg_locks
      where pid = ${pid} and not granted and waitstart < clock_timestamp() - interval '400 ms'`;
    while ((await waitsLong()).length === 0);
    await other`select from sources where slug = ${at.source} for update`;
  });
  const { status, json } = await (saved as unknown as ReturnType<typeof save>);
  expect([status, json.waiting_calls]).toMatchObject([200, [{ canceled: 2 }]]);
});

test("a plan that is being written when a rule is turned off is seen by the change", async () => {
  const at = await shop();
  // The change locks its source first, so it waits for a plan that holds the source, and then finds what that plan queued.
  let saved: ReturnType<typeof save> | null = null;
  await owner.begin(async (planning) => {
    await planning`select from sources where slug = ${at.source} for share`;
    saved = save(at.source, "off");
    while ((await owner`select from pg_locks where not granted`).length === 0);
    await planning`update calls set status = 'queued', reason = null where id = ${at.calls.held ?? ""}`;
  });
  expect((await (saved as unknown as ReturnType<typeof save>)).json.waiting_calls).toMatchObject([{ canceled: 3 }]);
});
