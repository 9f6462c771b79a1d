import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callOf, claimedCalls, entriesOf } from "../world/placed.ts";
import { addLine, draft, first, queueCalls, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const HOUR_MS = 3_600_000;
let lines = 0;
async function freshLine(): Promise<string> {
  const line = `line-${++lines}`;
  await addLine(w.owner, line);
  return line;
}
const lineOf = async (slug: string) => (await w.owner`select * from lines where slug = ${slug}`)[0];
const claims = async (line: string) => (await w.calls.claim(line, (await w.calls.claimSeq(line)) ?? 0, 10)).calls;

describe("pausing a line", () => {
  test("stops its claims, keeps its calls queued, and says why, with an entry", async () => {
    const line = await freshLine();
    await queueCalls(w, [draft({ line })]);
    expect(await w.calls.pauseLine(line, "unauthenticated", "Unauthenticated.", `line:${line}`)).toBe(true);
    expect(await w.calls.pauseOf(line)).toEqual({ agent: "agent-1", reason: "unauthenticated" });
    expect(await claims(line)).toEqual([]);
    const [call] = await w.owner`select status from calls where line = ${line}`;
    expect(call?.status).toBe("queued");
    expect(await entriesOf(w.owner, "line", line)).toEqual([
      {
        action: "paused",
        actor: `line:${line}`,
        reason: "unauthenticated",
        data: { detail: "Unauthenticated." },
      },
    ]);
  });

  test("again keeps the first reason and writes no second entry", async () => {
    const line = await freshLine();
    await w.calls.pauseLine(line, "paused_by_person", "holidays", "token:1");
    expect(await w.calls.pauseLine(line, "unauthenticated", "401", `line:${line}`)).toBe(false);
    expect(await lineOf(line)).toMatchObject({ pause_reason: "paused_by_person", pause_detail: "holidays" });
    expect(await entriesOf(w.owner, "line", line)).toHaveLength(1);
  });

  test("that is not there does nothing", async () => {
    expect(await w.calls.pauseLine("nowhere", "forbidden", "", "test")).toBe(false);
    expect(await w.calls.pauseOf("nowhere")).toBeNull();
  });
});

describe("resuming a line", () => {
  test("lets it claim what waited, with an entry", async () => {
    const line = await freshLine();
    await queueCalls(w, [draft({ line, number: "+14155550111" })]);
    await w.calls.pauseLine(line, "unauthenticated", "401", "test");
    expect(await w.calls.resumeLine(line, "probe", false)).toBe(true);
    expect(await w.calls.pauseOf(line)).toBeNull();
    expect(await lineOf(line)).toMatchObject({ paused_at: null, pause_reason: null, pause_detail: null });
    expect(await claims(line)).toHaveLength(1);
    expect((await entriesOf(w.owner, "line", line)).map(({ action, actor }) => [action, actor])).toEqual([
      ["paused", "test"],
      ["resumed", "probe"],
    ]);
  });

  test("that a person paused is left to a person, also when Mihu's answer had paused it before", async () => {
    const line = await freshLine();
    await w.calls.pauseLine(line, "unauthenticated", "401", "line");
    expect(await w.calls.pauseLine(line, "paused_by_person", "wrong script", "alice")).toBe(true);
    expect(await w.calls.pauseLine(line, "unauthenticated", "401", "line")).toBe(false);
    expect(await w.calls.resumeLine(line, "probe", false)).toBe(false);
    expect(await lineOf(line)).toMatchObject({ pause_reason: "paused_by_person", pause_detail: "wrong script" });
    expect(await w.calls.resumeLine(line, "alice", true)).toBe(true);
    expect((await entriesOf(w.owner, "line", line)).map(({ action }) => action)).toEqual([
      "paused",
      "paused",
      "resumed",
    ]);
  });

  test("whose database went back takes the claim number that its object knows, and only by a person", async () => {
    const line = await freshLine();
    await w.calls.pauseLine(line, "database_went_back", "7", "line");
    expect(await w.calls.resumeLine(line, "probe", false)).toBe(false);
    expect(await w.calls.resumeLine(line, "alice", true)).toBe(true);
    expect(await w.calls.claimSeq(line)).toBe(7);
  });

  test("that the version before paused because its database went back takes the number from its detail", async () => {
    const line = await freshLine();
    await w.owner`update lines set paused_at = now(), pause_reason = 'database_went_back', pause_detail = '12' where slug = ${line}`;
    expect(await w.calls.resumeLine(line, "alice", true)).toBe(true);
    expect(await w.calls.claimSeq(line)).toBe(12);
  });

  test("that continues already writes nothing", async () => {
    const line = await freshLine();
    expect(await w.calls.resumeLine(line, "probe", false)).toBe(false);
    expect(await entriesOf(w.owner, "line", line)).toEqual([]);
  });
});

describe("pausing all lines", () => {
  test("pauses every line that there is, with an entry each, and the end of it ends no other pause", async () => {
    const [going, ours, theirs, back, later] = [
      await freshLine(),
      await freshLine(),
      await freshLine(),
      await freshLine(),
      "line-later",
    ];
    await w.calls.pauseLine(ours, "paused_by_person", "holidays", "alice");
    await w.calls.pauseLine(theirs, "unauthenticated", "401", "line");
    await w.calls.pauseLine(back, "database_went_back", "7", "line");
    const paused = await w.calls.pauseAll("wrong script", "bob");
    expect(Object.fromEntries(paused.map(({ line, reason }) => [line, reason]))).toMatchObject({
      [going]: "all_paused",
      [ours]: "paused_by_person",
      [theirs]: "all_paused",
      [back]: "database_went_back",
    });
    expect((await w.owner`select count(*)::int as n from lines where paused_at is null`)[0]?.n).toBe(0);
    expect((await entriesOf(w.owner, "line", going)).at(-1)).toEqual({
      action: "paused",
      actor: "bob",
      reason: "all_paused",
      data: { detail: "wrong script" },
    });
    await addLine(w.owner, later);
    expect(await w.calls.pauseOf(later)).toBeNull();
    // No good answer of Mihu's ends it.
    expect(await w.calls.resumeLine(theirs, "probe", false)).toBe(false);
    const resumed = await w.calls.resumeAll("mended", "bob");
    expect(resumed).toContain(going);
    expect(resumed).toContain(theirs);
    expect(resumed).not.toContain(ours);
    expect(await w.calls.pauseOf(ours)).toMatchObject({ reason: "paused_by_person" });
    expect(await w.calls.pauseOf(back)).toMatchObject({ reason: "database_went_back" });
    expect((await entriesOf(w.owner, "line", going)).at(-1)).toMatchObject({
      action: "resumed",
      data: { detail: "mended", all: true },
    });
  });

  test("and then one of them lets that one wait for a person of its own", async () => {
    const line = await freshLine();
    await w.calls.pauseAll("wrong script", "bob");
    expect(await w.calls.pauseLine(line, "paused_by_person", "this one longer", "alice")).toBe(true);
    expect(await w.calls.resumeAll("mended", "bob")).not.toContain(line);
    expect(await w.calls.resumeLine(line, "alice", true)).toBe(true);
  });
});

describe("holding a line", () => {
  test("lets nothing be dialled for as long as Mihu asked, with an entry, and it is asked again by then", async () => {
    const line = await freshLine();
    await queueCalls(w, [draft({ line, number: "+14155550112" })]);
    await w.calls.holdLine(line, 30_000);
    const claim = await w.calls.claim(line, 0, 10);
    expect(claim).toMatchObject({ calls: [], paused: false });
    expect(claim.nextAt).toBeLessThanOrEqual(Date.now() + 30_000);
    expect(await entriesOf(w.owner, "line", line)).toMatchObject([{ action: "rate_limited", reason: "rate_limited" }]);
    await w.owner`update lines set not_before = now() where slug = ${line}`;
    expect(await claims(line)).toHaveLength(1);
  });

  test("again for less never shortens it", async () => {
    const line = await freshLine();
    await w.calls.holdLine(line, 60_000);
    const before = (await lineOf(line))?.not_before;
    await w.calls.holdLine(line, 1_000);
    expect((await lineOf(line))?.not_before).toEqual(before);
  });
});

describe("calls whose calling hours are over", () => {
  test("are found with their zones, and get their next hours with an entry", async () => {
    const line = await freshLine();
    const closed = { closesAt: Date.now() - 1_000 };
    await queueCalls(w, [
      draft({ line, ...closed, zones: ["America/New_York", "America/Chicago"] }),
      draft({ line }),
      draft({ line, ...closed, expiresAt: Date.now() - 1 }),
      draft({ line, ...closed, status: "held", reason: "placeholder", burst: null }),
    ]);
    const passed = await w.calls.windowsPassed(line, 10);
    expect(passed).toEqual([{ id: expect.any(String), zones: ["America/New_York", "America/Chicago"] }]);
    const id = passed[0]?.id ?? "";
    const dueAt = Date.now() + HOUR_MS;
    await w.calls.rewindow(first(line), [{ id, window: { dueAt, closesAt: dueAt + HOUR_MS } }]);
    expect(await callOf(w.owner, id)).toMatchObject({
      status: "queued",
      due_at: new Date(dueAt),
      closes_at: new Date(dueAt + HOUR_MS),
    });
    expect(await w.calls.windowsPassed(line, 10)).toEqual([]);
    expect((await entriesOf(w.owner, "call", id)).at(-1)).toMatchObject({
      action: "postponed",
      actor: `line:${line}`,
      reason: "outside calling hours",
    });
  });

  test("that will never be in calling hours end with that reason, and stand in nobody's way", async () => {
    const line = await freshLine();
    const [event] = await queueCalls(w, [draft({ line, closesAt: Date.now() - 1_000 })]);
    const [{ id } = { id: "" }] = await w.calls.windowsPassed(line, 10);
    await w.calls.rewindow(first(line), [{ id, window: null }]);
    expect(await callOf(w.owner, id)).toMatchObject({ event_id: event, status: "canceled", reason: "never_open" });
    expect((await entriesOf(w.owner, "call", id)).at(-1)).toMatchObject({ action: "canceled", reason: "never_open" });
    expect(await w.calls.windowsPassed(line, 10)).toEqual([]);
  });

  test("that were claimed meanwhile, or are of another line, are not moved", async () => {
    const [line, other] = [await freshLine(), await freshLine()];
    const [call] = await claimedCalls(w, line, 1);
    if (call === undefined) throw new Error("one was claimed");
    const before = await callOf(w.owner, call.id);
    await w.calls.rewindow(first(line), [{ id: call.id, window: { dueAt: 0, closesAt: null } }]);
    expect(await callOf(w.owner, call.id)).toEqual(before);
    const [event] = await queueCalls(w, [draft({ line })]);
    const [waiting] = await w.owner`select * from calls where event_id = ${event ?? ""}`;
    await w.calls.rewindow(first(other), [{ id: waiting?.id, window: { dueAt: 0, closesAt: null } }]);
    expect(await callOf(w.owner, waiting?.id)).toEqual(waiting);
  });
});

describe("a line", () => {
  test("is read with its defaults as the domain knows it, its hours parsed", async () => {
    const line = await freshLine();
    await w.owner`update lines set countries = '{US,CA}', hours = ${w.owner.json({ days: "mon-fri", from: "09:00", to: "17:00" })}
      where slug = ${line}`;
    expect(await w.calls.line(line)).toEqual({
      slug: line,
      version: 1,
      agent: "agent-1",
      callsPerMinute: 1000,
      callsAtOnce: 1000,
      callsPerDay: 100_000,
      countries: ["US", "CA"],
      hours: { days: 0b001_1111, fromMinute: 540, toMinute: 1_020, closed: [] },
    });
    expect(await w.calls.line("nowhere")).toBeNull();
  });

  test("whose stored hours cannot be read is an error and never open at any hour", async () => {
    const line = await freshLine();
    await w.owner`update lines set hours = '{"days": "someday"}' where slug = ${line}`;
    await expect(w.calls.line(line)).rejects.toThrow("hours that cannot be read");
  });
});
