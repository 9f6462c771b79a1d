// biome-ignore-all lint/suspicious/noThenProperty: the API's word, whose value is a text and can never be called.
/** Decisions about many calls as a task, worked off step by step on a real Postgres. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allScopes } from "../../../cli/install/mint-token.ts";
import { callsPerStepMax } from "../../../src/domain/tasks/task.ts";
import { advanceTask } from "../../../src/flows/tasks/advance-task.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { waitsForLock } from "../world/locks.ts";
import { countsOf, type TasksWorld, tasksWorld } from "../world/tasks.ts";

let w: TasksWorld;
beforeAll(async () => {
  w = await tasksWorld();
  await w.api.ask("PUT", "/v1/lines/german", { agent: "a", countries: ["DE"] });
});
afterAll(() => w.close());

const reason = "a mistake";
const jtiOf = (token: string) =>
  String(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")).jti);

describe("a task about 1,000 calls", () => {
  const count = 1_000;

  test("decides each of them once, in steps of at most a hundred, and each call has one entry with the person and the task", async () => {
    const { rule, ids } = await w.calls(count);
    const other = await w.calls(3);
    const token = await w.api.token(...allScopes);
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason }, token);
    expect(await w.task(id)).toMatchObject({
      ...{ kind: "cancel", state: "running", matched: count, done: 0, refused: [], more: false, searching: false },
      ...{ about: { filter: { rule } }, reason, actor: `token:${jtiOf(token)}`, ended_at: null },
    });
    expect(countsOf(await w.statuses(rule))).toEqual({ held: count });
    const runner = w.runner();
    for (let step = 1; step <= count / callsPerStepMax; step++) {
      const before = performance.now();
      await runner.step();
      expect(performance.now() - before).toBeLessThan(5_000);
      expect(await w.task(id)).toMatchObject({ done: step * callsPerStepMax, refused: [] });
      // The oldest are decided first.
      expect((await w.statuses(rule)).indexOf("held")).toBe(
        step * callsPerStepMax < count ? step * callsPerStepMax : -1,
      );
    }
    expect(await w.task(id)).toMatchObject({ state: "done", done: count, ended_at: expect.any(String) });
    expect(await runner.step()).toBe(false);
    const told = await w.entries("call", ids);
    expect(told.map(({ subject_id }) => subject_id).sort()).toEqual([...ids].sort());
    for (const entry of told)
      expect(entry).toMatchObject({
        action: "canceled",
        actor: `token:${jtiOf(token)}`,
        data: { reason, task: id, row: expect.any(Object) },
      });
    expect(await w.statuses(other.rule)).toEqual(["held", "held", "held"]);
  });

  test("has an entry about its beginning and one about its end, without the calls' own", async () => {
    const { rule } = await w.calls(count);
    const id = await w.begin("/calls/release", { filter: { rule }, reason });
    await w.runner().all();
    expect(await w.entries("task", [id])).toMatchObject([
      { action: "begun", data: { kind: "release", matched: count, reason, about: { filter: { rule } } } },
      { action: "ended", actor: "task_runner", data: { matched: count, done: count, refused: {} } },
    ]);
  });
});

test("A task that is killed between two steps goes on behind the last, and no call is decided twice or skipped.", async () => {
  const { rule, ids } = await w.calls(350);
  const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
  // Each step by another runner: nothing of the last one is in memory.
  for (let step = 0; step < 4; step++) expect(await w.runner().step()).toBe(true);
  expect(await w.task(id)).toMatchObject({ state: "done", matched: 350, done: 350, refused: [] });
  expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 350 });
  expect(await w.entries("call", ids)).toHaveLength(350);
});

test("A step that is killed after its decisions and before its progress leaves neither.", async () => {
  const { rule, ids } = await w.calls(150);
  const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
  const killed = w.killedRunner();
  await expect(killed.step()).rejects.toThrow("killed");
  expect(await w.task(id)).toMatchObject({ state: "running", done: 0 });
  expect(countsOf(await w.statuses(rule))).toEqual({ held: 150 });
  expect(await w.entries("call", ids)).toEqual([]);
  await w.runner().all();
  expect(await w.task(id)).toMatchObject({ state: "done", done: 150, refused: [] });
  expect(await w.entries("call", ids)).toHaveLength(150);
});

test("The sweep finds a task as long as it has rows, or calls that a line has to answer for, and no longer.", async () => {
  const sweep = sweepStore(w.api.sql);
  await w.runner().all();
  expect((await sweep.waiting()).tasks).toBe(false);
  const claimed = { status: "dialing", reason: null, lease_until: new Date(Date.now() + 60_000), claimed_by: "wide:1" };
  const { rule } = await w.calls(1, claimed);
  const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
  expect((await sweep.waiting()).tasks).toBe(true);
  await w.runner().step();
  await w.api.ask("POST", `/v1/tasks/${id}/cancel`, {});
  expect((await sweep.waiting()).tasks).toBe(true);
  await w.runner().all();
  expect((await sweep.waiting()).tasks).toBe(false);
});

test("Two runners at once decide each call of a task once, and count it once.", async () => {
  const { rule, ids } = await w.calls(700);
  const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
  await Promise.all([w.runner().all(), w.runner().all(), w.runner().all()]);
  expect(await w.task(id)).toMatchObject({ state: "done", matched: 700, done: 700, refused: [] });
  expect(await w.entries("call", ids)).toHaveLength(700);
  expect((await w.entries("task", [id])).map(({ action }) => action)).toEqual(["begun", "ended"]);
});

test.each([
  ["one after the other", 1],
  ["at once", 2],
])(
  "Two tasks on the same calls, worked off %s: each call is decided once, and the other task counts a refusal.",
  async (_, runners) => {
    const { rule, ids } = await w.calls(400);
    const tasks = [
      await w.begin("/calls/cancel", { filter: { rule }, reason: "one" }),
      await w.begin("/calls/release", { filter: { rule }, reason: "other" }),
    ];
    await Promise.all(Array.from({ length: runners }, () => w.runner().all()));
    const ends = await Promise.all(tasks.map((id) => w.task(id)));
    expect(ends.map(({ state, matched }) => [state, matched])).toEqual([
      ["done", 400],
      ["done", 400],
    ]);
    const refused = ends.map((end) => end.refused.map(({ reason: code, count }) => [code, count]));
    // A released call may still be canceled: then both have decided it, one after the other.
    const [canceled = 0, released = 0] = ends.map(({ done }) => done);
    for (const [nth, done] of [canceled, released].entries())
      expect(refused[nth]).toEqual(done === 400 ? [] : [["moved", 400 - done]]);
    const told = await w.entries("call", ids);
    expect(told.filter(({ action }) => action === "canceled")).toHaveLength(canceled);
    expect(told.filter(({ action }) => action === "released")).toHaveLength(released);
    expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 400 });
  },
);

test("Two equal tasks at once decide each call once, and their sums are the calls.", async () => {
  const { rule, ids } = await w.calls(400);
  const tasks = await Promise.all([1, 2].map(() => w.begin("/calls/cancel", { filter: { rule }, reason })));
  await Promise.all([w.runner().all(), w.runner().all()]);
  const ends = await Promise.all(tasks.map((id) => w.task(id)));
  expect(ends.reduce((sum, { done }) => sum + done, 0)).toBe(400);
  for (const { done, refused } of ends)
    expect(refused).toEqual(
      done === 400 ? [] : [{ reason: "moved", reason_text: expect.any(String), count: 400 - done }],
    );
  const told = await w.entries("call", ids);
  expect(new Set(told.map(({ subject_id }) => subject_id)).size).toBe(400);
  expect(told).toHaveLength(400);
});

describe("a cancellation", () => {
  test("in the middle leaves what was done, says it, and decides no further call", async () => {
    const { rule } = await w.calls(300);
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
    const runner = w.runner();
    await runner.step();
    const answer = await w.api.ask("POST", `/v1/tasks/${id}/cancel`, { reason: "the wrong rule" });
    expect(answer).toMatchObject({ status: 200, json: { state: "canceled", matched: 300, done: 100 } });
    expect(await runner.all()).toBe(0);
    expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 100, held: 200 });
    expect((await w.entries("task", [id])).at(-1)).toMatchObject({
      action: "canceled",
      actor: expect.stringMatching(/^token:/),
      data: { done: 100, matched: 300, reason: "the wrong rule" },
    });
    expect(await w.owner`select 1 from task_items where task = ${id}`).toEqual([]);
  });

  test("by two at once and beside a runner has one winner, and the answer is what was done", async () => {
    const { rule } = await w.calls(1_000);
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
    const running = w.runner().all();
    const answers = await Promise.all([1, 2].map(() => w.api.ask("POST", `/v1/tasks/${id}/cancel`, {})));
    await running;
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const won = answers.find(({ status }) => status === 200)?.json;
    const lost = answers.find(({ status }) => status === 409)?.json;
    expect(lost).toMatchObject({ code: "task_state", task_state: "canceled" });
    expect(await w.task(id)).toMatchObject({ state: "canceled", done: won.done });
    expect(countsOf(await w.statuses(rule)).canceled ?? 0).toBe(won.done);
    expect((await w.entries("task", [id])).map(({ action }) => action)).toEqual(["begun", "canceled"]);
  });

  test("of a task that is over is refused, and changes nothing", async () => {
    const { rule } = await w.calls(1);
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
    await w.runner().all();
    const before = await w.task(id);
    expect(await w.api.ask("POST", `/v1/tasks/${id}/cancel`, {})).toMatchObject({
      status: 409,
      json: { code: "task_state", task_state: "done" },
    });
    expect(await w.task(id)).toEqual(before);
  });
});

describe("a token", () => {
  test.each([
    ["is revoked", (jti: string) => w.api.ask("DELETE", `/v1/tokens/${jti}`)],
    ["ends", (jti: string) => w.owner`update tokens set expires_at = now() - interval '1 second' where jti = ${jti}`],
    ["loses the scope", (jti: string) => w.owner`update tokens set scopes = '{calls:read}' where jti = ${jti}`],
  ])("that %s in the middle stops its task, which says so; what was done stays done", async (_, end) => {
    const { rule } = await w.calls(300);
    const token = await w.api.token("calls:write");
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason }, token);
    const runner = w.runner();
    await runner.step();
    await end(jtiOf(token));
    await runner.all();
    expect(await w.task(id)).toMatchObject({
      ...{ state: "stopped", detail: "task_token_ended", detail_text: expect.stringContaining("token"), done: 100 },
    });
    expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 100, held: 200 });
    expect((await w.entries("task", [id])).at(-1)).toMatchObject({
      ...{ action: "stopped", reason: "task_token_ended", data: { done: 100, matched: 300 } },
    });
    expect(await w.owner`select 1 from task_items where task = ${id}`).toEqual([]);
  });

  test("is revoked after the step that runs, and no call is decided once that is answered", async () => {
    const { rule } = await w.calls(200);
    const token = await w.api.token("calls:write");
    await w.begin("/calls/cancel", { filter: { rule }, reason }, token);
    const { steps } = w.runner().ports;
    const [{ pid = 0 } = {}] = await w.api.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    let revoked: Promise<unknown> = Promise.resolve();
    let canceledThen = 0;
    const runner = w.runner({
      steps: {
        ...steps,
        step: (task, rows, work) =>
          steps.step(task, rows, async (stores, left) => {
            revoked = w.api.ask("DELETE", `/v1/tokens/${jtiOf(token)}`).then(async () => {
              canceledThen = countsOf(await w.statuses(rule)).canceled ?? 0;
            });
            await waitsForLock(w.owner, pid);
            return await work(stores, left);
          }),
      },
    });
    await runner.step();
    await revoked;
    await w.runner().all();
    expect(canceledThen).toBe(100);
    expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 100, held: 100 });
  });
});

describe("refusals are counted by their reason:", () => {
  test("calls that moved meanwhile, and ids without a call", async () => {
    const { rule, ids } = await w.calls(4);
    const byIds = await w.begin("/calls/release", { ids: [...ids, randomUUID(), randomUUID()], reason });
    expect(await w.task(byIds)).toMatchObject({ matched: 6, about: { ids: 6 } });
    await w.owner`update calls set status = 'canceled', reason = 'canceled' where id in ${w.owner(ids.slice(0, 3))}`;
    await w.runner().all();
    expect(await w.task(byIds)).toMatchObject({
      state: "done",
      done: 1,
      refused: expect.arrayContaining([
        { reason: "moved", reason_text: expect.any(String), count: 3 },
        { reason: "not_found", reason_text: "There is no call of this id.", count: 2 },
      ]),
    });
    expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 3, queued: 1 });
  });

  test("calls that a gate stops", async () => {
    const { rule } = await w.calls(5, {}, (nth) => (nth < 2 ? { about: null } : nth === 2 ? { line: "german" } : {}));
    const id = await w.begin("/calls/release", { filter: { rule }, reason });
    await w.runner().all();
    const { done, refused } = await w.task(id);
    expect([done, Object.fromEntries(refused.map(({ reason: code, count }) => [code, count]))]).toEqual([
      2,
      { placeholder: 2, country_not_allowed: 1 },
    ]);
  });

  test("one that Postgres rejects: it holds up no other", async () => {
    const { rule, ids } = await w.calls(150);
    await w.owner.unsafe(`
      create function rejects() returns trigger language plpgsql as $$ begin
        raise exception using errcode = '23514', message = 'rejected';
      end $$;
      create trigger rejects before update on calls for each row when (old.id = '${ids[70]}') execute function rejects();`);
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
    await w.runner().all();
    await w.owner.unsafe("drop trigger rejects on calls; drop function rejects();");
    expect(await w.task(id)).toMatchObject({
      ...{ state: "done", done: 149, refused: [{ reason: "not_written", count: 1 }] },
    });
    expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 149, held: 1 });
  });
});

describe("a line that holds calls", () => {
  const claimed = { status: "dialing", reason: null, lease_until: new Date(Date.now() + 60_000), claimed_by: "wide:1" };

  test("is asked after the step has committed, and its answer is counted once", async () => {
    const { rule, ids } = await w.calls(4, claimed);
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
    const asked: string[] = [];
    const runner = () =>
      w.runner({
        lines: {
          poke: async () => {},
          // The line gives two of them back, which are canceled by that.
          recheck: async (line) => {
            asked.push(line);
            await w.owner`update calls set status = 'canceled', reason = 'canceled', lease_until = null, claimed_by = null
              where id in ${w.owner(ids.slice(0, 2))}`;
            return "rechecked";
          },
        },
      });
    await runner().step();
    expect(await w.task(id)).toMatchObject({ state: "running", done: 0, refused: [] });
    // A runner that is killed here has told nobody. Two others ask.
    await Promise.all([runner().step(), runner().step()]);
    expect(asked.length).toBeGreaterThan(0);
    expect(await w.task(id)).toMatchObject({
      ...{ state: "done", done: 2, refused: [{ reason: "in_flight", count: 2 }] },
    });
    expect((await w.entries("call", ids)).map(({ action, data }) => [action, data])).toEqual(
      ids.map(() => ["further_tries_stopped", { reason, task: id }]),
    );
  });

  test("is asked for a canceled task as well: what was done is said", async () => {
    const { rule, ids } = await w.calls(2, claimed);
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
    const runner = w.runner({
      lines: {
        poke: async () => {},
        recheck: async () => {
          await w.owner`update calls set status = 'canceled', reason = 'canceled', lease_until = null, claimed_by = null
            where id in ${w.owner(ids)}`;
          return "rechecked";
        },
      },
    });
    await runner.step();
    // Without rows left, the task still waits for the line.
    expect((await w.api.ask("POST", `/v1/tasks/${id}/cancel`, {})).json).toMatchObject({ state: "canceled", done: 0 });
    await runner.all();
    expect(await w.task(id)).toMatchObject({ state: "canceled", done: 2, refused: [] });
  });

  test("and does not answer is asked again: other rows go on, and its calls are counted by what became of them", async () => {
    const { rule, ids } = await w.calls(150, {}, (nth) => (nth < 2 ? claimed : {}));
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
    let answers = false;
    const runner = w.runner({
      lines: {
        poke: async () => {},
        recheck: async () => (answers ? "rechecked" : "silent"),
      },
    });
    await runner.step();
    await runner.step();
    expect(await w.task(id)).toMatchObject({ state: "running", done: 148, refused: [] });
    const task = await runner.ports.steps.next([]);
    expect(task === null ? null : await advanceTask(runner.ports, task, new Map())).toBe("waits");
    expect(await w.task(id)).toMatchObject({ state: "running", done: 148, refused: [] });
    await w.owner`update calls set status = 'canceled', reason = 'canceled', lease_until = null, claimed_by = null
      where id = ${ids[0] ?? ""}`;
    answers = true;
    await runner.all();
    expect(await w.task(id)).toMatchObject({
      ...{ state: "done", done: 149, refused: [{ reason: "in_flight", count: 1 }] },
    });
  });

  test("and does not answer is asked once in a run for the same calls, since each question has all lines give back their claims", async () => {
    const { rule } = await w.calls(150, {}, (nth) => (nth < 2 ? claimed : {}));
    await w.begin("/calls/cancel", { filter: { rule }, reason });
    let rechecks = 0;
    const runner = w.runner({
      lines: {
        poke: async () => {},
        recheck: async () => {
          rechecks++;
          return "silent";
        },
      },
    });
    const asked = new Map<string, number>();
    for (let step = 0; step < 8; step++) {
      const task = await runner.ports.steps.next([]);
      if (task !== null) await advanceTask(runner.ports, task, asked);
    }
    expect(rechecks).toBe(1);
  });

  test("by two tasks at once: each call is stopped once", async () => {
    const { rule, ids } = await w.calls(50, claimed);
    const tasks = await Promise.all([1, 2].map(() => w.begin("/calls/cancel", { filter: { rule }, reason })));
    await Promise.all([w.runner().all(), w.runner().all()]);
    const ends = await Promise.all(tasks.map((id) => w.task(id)));
    expect(
      countsOf(ends.flatMap(({ refused }) => refused.map(({ reason: code, count }) => `${code} ${count}`))),
    ).toEqual({
      "in_flight 50": 1,
      "moved 50": 1,
    });
    expect(await w.entries("call", ids)).toHaveLength(50);
  });
});

test("A release of calls whose line changes between the gates and the write asks the gates again, and skips none.", async () => {
  const { rule } = await w.calls(120);
  const id = await w.begin("/calls/release", { filter: { rule }, reason });
  const { decisions } = w.runner().ports;
  let changes = 0;
  const runner = w.runner({
    decisions: {
      ...decisions,
      async line(slug) {
        const line = await decisions.line(slug);
        // Once for each step: the write then finds another version of the line.
        if (changes++ % 2 === 0)
          await w.api.ask("PUT", "/v1/lines/wide", { agent: "a", countries: ["US"], calls_per_minute: 10 + changes });
        return line;
      },
    },
  });
  await runner.all();
  expect(await w.task(id)).toMatchObject({ state: "done", done: 120, refused: [] });
  expect(countsOf(await w.statuses(rule))).toEqual({ queued: 120 });
});

test.each<[string, object, Record<string, number>]>([
  ["rang", { rang: true }, { placed: 120 }],
  ["did not ring, and are closed", { rang: false, then: "close" }, { canceled: 120 }],
  ["did not ring, and are dialled", { rang: false, then: "dial" }, { canceled: 120, queued: 120 }],
])("A task resolves calls that %s, by the same statement as a single decision.", async (_, said, ends) => {
  const { rule, ids } = await w.calls(120, { status: "review", reason: "not_found" }, () => ({
    mihu_id: randomUUID(),
  }));
  const id = await w.begin("/calls/resolve", { filter: { rule }, reason, ...said });
  await w.runner().all();
  expect(await w.task(id)).toMatchObject({ state: "done", done: 120, refused: [] });
  expect(countsOf(await w.statuses(rule))).toEqual(ends);
  for (const { data } of await w.entries("call", ids)) expect(data).toMatchObject({ task: id, reason });
});

test("A task over more calls than one search finds goes on to find them, and decides all.", async () => {
  const { rule } = await w.calls(6_000);
  const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
  expect(await w.task(id)).toMatchObject({ matched: 5_000, searching: true });
  await w.runner().all();
  expect(await w.task(id)).toMatchObject({ state: "done", matched: 6_000, done: 6_000, refused: [], searching: false });
  expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 6_000 });
}, 60_000);

test("Calls that are made after a task began are not its calls.", async () => {
  const record = { record_type: "order", record_id: randomUUID() };
  const { rule } = await w.calls(120, record);
  const id = await w.begin("/calls/cancel", { filter: record, reason });
  const later = await w.calls(2, record, () => ({ created_at: new Date() }));
  await w.runner().all();
  expect(await w.task(id)).toMatchObject({ state: "done", matched: 120, done: 120 });
  expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 120 });
  expect(await w.statuses(later.rule)).toEqual(["held", "held"]);
});
