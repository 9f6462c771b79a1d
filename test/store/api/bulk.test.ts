// biome-ignore-all lint/suspicious/noThenProperty: the API's word, whose value is a text and can never be called.
/** One decision about many calls: through the API, each under its guard, asked its gates, with its own entry. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service, type TestService } from "../world/service.ts";
import { numberOf } from "../world/world.ts";

const callsPerBulkMax = 1_000;
let api: TestService;
let owner: postgres.Sql;
beforeAll(async () => {
  api = await service();
  owner = postgres(api.ownerUrl, { max: 2, onnotice: () => {} });
  for (const line of ["wide", "closed"]) await api.ask("PUT", `/v1/lines/${line}`, { agent: "a", countries: ["US"] });
  await api.ask("PUT", "/v1/sources/shop", { preset: "generic", country: "US" });
});
afterAll(async () => {
  await owner.end();
  await api.close();
});

type Row = Record<string, unknown>;
let numbers = 0;
let serial = 0;
/** So many calls of a rule of their own. @returns the rule, and their ids, the oldest first */
async function calls(count: number, row: Row = {}, each: (index: number) => Row = () => ({})) {
  const rule = `r-${++numbers}`;
  const events = Array.from({ length: count }, () => randomUUID());
  await owner`insert into events ${owner(
    events.map((id) => ({
      ...{ id, source: "shop", dedupe_key: id, type: "x", headers: "{}", body: "{}", body_hash: "h" },
      ...{ state: "planned", planned_at: new Date() },
    })),
  )}`;
  const made = events.map((event_id, index) => ({
    ...{ event_id, source: "shop", rule, rule_version: 1, mode: "live", line: "wide", status: "held", reason: "burst" },
    ...{ number: numberOf(serial++ % 8_900), about: "x", due_at: new Date(), country: "US" },
    ...{ created_at: new Date(Date.now() - 1_000_000 + index), claimed_at: new Date(), claim_seq: 1 },
    ...row,
    ...each(index),
  }));
  // An insert of many takes its columns from the first.
  const none = Object.fromEntries(made.flatMap((one) => Object.keys(one)).map((name) => [name, null]));
  const ids = await owner<
    { id: string }[]
  >`insert into calls ${owner(made.map((one) => ({ ...none, ...one })))} returning id`;
  return { rule, ids: ids.map(({ id }) => id) };
}
const ask = (verb: string, body: object, token?: string) => api.ask("POST", `/v1/calls/${verb}`, body, token);
const of = async (rule: string) =>
  await owner`select id, status, reason, try from calls where rule = ${rule} order by created_at, try`;
const statuses = async (rule: string) => (await of(rule)).map(({ status }) => status);
const entries = async (ids: string[], action: string) =>
  await owner`select subject_id, actor, data from entries where subject_id in ${owner(ids)} and action = ${action}`;

describe("a decision about many calls", () => {
  const good: Record<string, object> = {
    cancel: { reason: "x" },
    release: { reason: "x" },
    resolve: { reason: "x", rang: false, then: "close" },
  };
  test.each(
    Object.entries(good).flatMap(([verb, body]): [string, string, object, number][] => [
      [verb, "no filter", body, 422],
      [verb, "an empty filter", { ...body, filter: {} }, 422],
      [verb, "a filter that says nothing", { ...body, filter: { rule: undefined } }, 422],
      [verb, "a filter of something else", { ...body, filter: { rule: "x", all: true } }, 422],
      [verb, "no reason", { ...body, reason: undefined, filter: { rule: "x" } }, 422],
      [verb, "an empty reason", { ...body, reason: "", filter: { rule: "x" } }, 422],
      [verb, "a cursor that is none", { ...body, filter: { rule: "x" }, cursor: "x" }, 422],
      [verb, "a number, by who may not see them", { ...body, filter: { number: "+14155550100" } }, 403],
    ]),
  )("%s with %s is refused, and changes nothing", async (verb, what, body, status) => {
    const { rule } = await calls(1, { number: "+14155550100", status: verb === "resolve" ? "review" : "held" });
    const token = await api.token("calls:write");
    expect([what, (await ask(verb, body, token)).status]).toEqual([what, status]);
    expect(await statuses(rule)).toEqual([verb === "resolve" ? "review" : "held"]);
  });

  test("cancels each that waits, with who and why in its own entry, and leaves every other call of the filter as it is", async () => {
    const { rule, ids } = await calls(5, {}, (index) =>
      index === 0
        ? { status: "queued", reason: null }
        : index === 1
          ? { status: "placed", mihu_id: "m", placed_at: new Date() }
          : {},
    );
    const other = await calls(1);
    const plan = await ask("cancel", { filter: { rule }, reason: "a mistake", dry_run: true });
    expect(plan.json).toMatchObject({
      dry_run: true,
      matching: 4,
      more: false,
      statuses: [
        { status: "held", count: 3, ids: ids.slice(2) },
        { status: "placed", count: 1, ids: [ids[1]] },
        { status: "queued", count: 1, ids: [ids[0]] },
      ],
    });
    expect(await statuses(rule)).toEqual(["queued", "placed", "held", "held", "held"]);
    const done = await ask("cancel", { filter: { rule }, reason: "a mistake" });
    expect(done.json).toEqual({ dry_run: false, done: 4, skipped: [], more: false, next_cursor: null });
    expect(await statuses(rule)).toEqual(["canceled", "placed", "canceled", "canceled", "canceled"]);
    const told = await entries(ids, "canceled");
    expect(told.map(({ subject_id }) => subject_id).sort()).toEqual(ids.filter((_, index) => index !== 1).sort());
    for (const { actor, data } of told) {
      expect(actor).toMatch(/^token:/);
      expect(data).toEqual({ reason: "a mistake", row: expect.any(Object) });
    }
    expect(await statuses(other.rule)).toEqual(["held"]);
  });

  test.each<[string, (made: { rule: string; ids: string[] }) => object]>([
    ["its rule and its reason's code", ({ rule }) => ({ rule, reason: "burst" })],
    ["its rule and its status", ({ rule }) => ({ rule, status: "held" })],
    ["its order number, however it is written", ({ rule }) => ({ rule, order_number: " #AB-1 " })],
    ["its record", ({ rule }) => ({ rule, record_type: "order", record_id: "7" })],
    ["its line", ({ rule }) => ({ rule, line: "closed" })],
    ["its source and its time", ({ rule }) => ({ rule, source: "shop", from: "2020-01-01", to: "2020-01-02" })],
  ])("finds a call by %s, and no other", async (_, filter) => {
    const made = await calls(2, {}, (index) =>
      index === 0
        ? {
            ...{
              order_number: "#ab-1",
              order_number_key: "ab-1",
              record_type: "order",
              record_id: "7",
              line: "closed",
            },
            created_at: new Date("2020-01-01T12:00:00Z"),
          }
        : { status: "queued", reason: null },
    );
    expect((await ask("cancel", { filter: filter(made), reason: "x" })).json.done).toBe(1);
    expect(await statuses(made.rule)).toEqual(["canceled", "queued"]);
  });

  test("takes so many calls for one request, and continues where it stopped, also past those that it passes over", async () => {
    const stopped = 3;
    const { rule } = await calls(callsPerBulkMax + 5, {}, (index) => (index < stopped ? { about: null } : {}));
    const body = { filter: { rule }, reason: "they are real" };
    const plan = await ask("release", { ...body, dry_run: true });
    expect(plan.json).toMatchObject({ matching: callsPerBulkMax + 5, stopped: [{ reason: "placeholder", count: 3 }] });
    const first = await ask("release", body);
    expect(first.json).toMatchObject({
      done: callsPerBulkMax - stopped,
      skipped: [{ reason: "placeholder", count: stopped }],
      more: true,
    });
    const second = await ask("release", { ...body, cursor: first.json.next_cursor });
    expect(second.json).toMatchObject({ done: 5, skipped: [], more: false, next_cursor: null });
    const ends = await statuses(rule);
    expect(ends.slice(0, stopped)).toEqual(["held", "held", "held"]);
    expect(new Set(ends.slice(stopped))).toEqual(new Set(["queued"]));
  });
});

describe("a release of many calls", () => {
  test("asks each the gates, and says how many each gate stopped", async () => {
    await api.ask("PUT", "/v1/lines/abroad", { agent: "a", countries: ["CA"] });
    const { rule, ids } = await calls(4, {}, (index) => [{}, { line: "abroad" }, { about: null }, {}][index] ?? {});
    const [row] = await owner`select number from calls where id = ${ids[3] ?? ""}`;
    await api.ask("POST", "/v1/suppressions", { number: row?.number, reason: "asked" });
    await owner`update calls set status = 'held', reason = 'burst' where id = ${ids[3] ?? ""}`;
    api.told.length = 0;
    const { json } = await ask("release", { filter: { rule }, reason: "they are real" });
    expect(json.done).toBe(1);
    expect(Object.fromEntries(json.skipped.map(({ reason, count }: Row) => [reason, count]))).toEqual({
      country_not_allowed: 1,
      placeholder: 1,
      suppressed: 1,
    });
    expect(await statuses(rule)).toEqual(["queued", "held", "held", "held"]);
    const gates = await owner`select gate, verdict from verdicts where call_id = ${ids[0] ?? ""} order by id`;
    expect(gates).toMatchObject([
      { gate: "countries", verdict: "pass" },
      { gate: "hours", verdict: "pass" },
      { gate: "suppression", verdict: "pass" },
    ]);
    const [call] =
      await owner`select due_at <= now() as due, expires_at > now() as fresh from calls where id = ${ids[0] ?? ""}`;
    expect(call).toEqual({ due: true, fresh: true });
    expect(api.told).toEqual(["poke wide"]);
  });

  test("rings one customer once of a rule's once_per, however many of its calls are released at once", async () => {
    const { rule, ids } = await calls(3);
    const definition = { line: "wide", number: "x", about: "x", once_per: { key: "{{ data.customer }}", in: "1d" } };
    await owner`insert into rules (source, name, version, position, definition, current, created_by)
      values ('shop', ${rule}, 1, 0, ${owner.json(definition)}, true, 'test')`;
    const bodies = ["7", "7", "8"];
    for (const [index, id] of ids.entries())
      await owner`update events set body = ${JSON.stringify({ customer: bodies[index] })}
        where id = (select event_id from calls where id = ${id})`;
    const { json } = await ask("release", { filter: { rule }, reason: "they are real" });
    expect(json).toMatchObject({ done: 2, skipped: [{ reason: "once_per", count: 1 }] });
    expect((await statuses(rule)).filter((status) => status === "queued")).toHaveLength(2);
    expect(await owner`select key from once where rule = ${rule} order by key`).toEqual([{ key: "7" }, { key: "8" }]);
  });
});

describe("a resolve of many calls", () => {
  const reviewed = { status: "review", reason: "not_found" };

  test("as not rung, to dial them, cancels each and makes one further try of each", async () => {
    const { rule, ids } = await calls(3, reviewed);
    const said = { filter: { rule }, rang: false, then: "dial", reason: "Mihu was down" };
    expect((await ask("resolve", { ...said, dry_run: true })).json).toMatchObject({ matching: 3 });
    expect((await ask("resolve", said)).json).toMatchObject({ done: 3, more: false });
    const rows = await of(rule);
    expect(
      rows
        .filter(({ status }) => status === "canceled")
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
    expect(rows.filter(({ status }) => status === "queued").map((row) => row.try)).toEqual([2, 2, 2]);
    expect(await entries(ids, "canceled")).toHaveLength(3);
    expect((await ask("resolve", said)).json).toMatchObject({ done: 0 });
    expect(await of(rule)).toHaveLength(6);
  });

  test("as not rung, to close them, cancels each and dials none", async () => {
    const { rule } = await calls(3, reviewed);
    const said = { filter: { rule }, rang: false, then: "close", reason: "told by mail" };
    expect((await ask("resolve", said)).json).toMatchObject({ done: 3 });
    expect(await statuses(rule)).toEqual(["canceled", "canceled", "canceled"]);
  });

  test("as rung places those that Mihu can be asked about, and passes the others over", async () => {
    const { rule } = await calls(3, reviewed, (index) => (index === 0 ? {} : { mihu_id: `m-${numbers}-${index}` }));
    const said = { filter: { rule }, rang: true, reason: "seen in Mihu" };
    const { json } = await ask("resolve", said);
    expect(json).toMatchObject({ done: 2, skipped: [{ reason: "conversation_missing", count: 1 }] });
    expect(await statuses(rule)).toEqual(["review", "placed", "placed"]);
  });
});

describe("two decisions about the same calls at once", () => {
  test("each call goes one way, the others are counted as moved, and each has one entry", async () => {
    const { rule, ids } = await calls(200);
    const said = { filter: { rule }, reason: "x" };
    const answers = await Promise.all([
      ask("cancel", said),
      ask("release", said),
      ask("cancel", said),
      ask("release", said),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const rows = await of(rule);
    const [canceled, released] = [await entries(ids, "canceled"), await entries(ids, "released")];
    // What was released waits, and may be canceled after that.
    expect(canceled.length + rows.filter(({ status }) => status === "queued").length).toBe(200);
    expect(new Set(canceled.map(({ subject_id }) => subject_id)).size).toBe(canceled.length);
    expect(new Set(released.map(({ subject_id }) => subject_id)).size).toBe(released.length);
    const sum = answers.reduce((all, { json }) => all + json.done, 0);
    expect(sum).toBe(canceled.length + released.length);
  });

  test("one that is locked by a claim at this moment is told as on its way, and the rest is done", async () => {
    const { rule, ids } = await calls(3, { status: "queued", reason: null });
    const locked = await owner.reserve();
    try {
      await locked`begin`;
      await locked`update calls set status = 'dialing', lease_until = now() + interval '1 minute' where id = ${ids[1] ?? ""}`;
      const asked = ask("cancel", { filter: { rule }, reason: "x" });
      for (let waits = false; !waits; ) {
        const rows = await owner`select 1 from pg_locks where not granted and pid <> pg_backend_pid()`;
        waits = rows.length > 0;
      }
      await locked`commit`;
      expect((await asked).json).toMatchObject({ done: 2, skipped: [{ reason: "in_flight", count: 1 }] });
    } finally {
      locked.release();
    }
    expect(await statuses(rule)).toEqual(["canceled", "dialing", "canceled"]);
  });
});
