/** Requests that begin, show and cancel tasks: whose they are, and what they refuse. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allScopes, type TokenScope } from "../../../cli/install/mint-token.ts";
import { countsOf, type TasksWorld, tasksWorld } from "../world/tasks.ts";

let w: TasksWorld;
beforeAll(async () => {
  w = await tasksWorld();
});
afterAll(() => w.close());

const reason = "a mistake";

describe("a request for a task", () => {
  const good = { filter: { rule: "r-1" }, reason, as_task: true };
  const cases: readonly (readonly [string, object, number])[] = [
    ["no filter", { filter: undefined }, 422],
    ["an empty filter", { filter: {} }, 422],
    ["a filter that says nothing", { filter: { rule: undefined } }, 422],
    ["a filter of something else", { filter: { rule: "x", all: true } }, 422],
    ["a filter that is a list", { filter: [{ rule: "x" }] }, 422],
    ["a filter with `__proto__`", { filter: JSON.parse('{"__proto__": {"rule": "x"}}') }, 422],
    ["a status that is none", { filter: { status: "held,everything" } }, 422],
    ["a NUL character", { filter: { record_id: "a\u0000b" } }, 422],
    ["half a character", { filter: { record_id: "a\ud800" } }, 422],
    ["a time that is none", { filter: { from: "yesterday" } }, 422],
    ["a text that is too long", { filter: { record_id: "x".repeat(201) } }, 422],
    ["a filter and ids", { ids: [randomUUID()] }, 422],
    ["no id", { filter: undefined, ids: [] }, 422],
    ["an id that is none", { filter: undefined, ids: ["x' or true --"] }, 422],
    ["too many ids", { filter: undefined, ids: Array.from({ length: 1_001 }, () => randomUUID()) }, 422],
    ["a cursor", { cursor: "x" }, 422],
    ["no reason", { reason: undefined }, 422],
    ["an empty reason", { reason: "" }, 422],
    ["`as_task` that is no boolean", { as_task: "yes" }, 422],
    ["a number, by who may not see them", { filter: { number: "+14155550100" } }, 403],
  ];
  test.each(["cancel", "release", "resolve"].flatMap((verb) => cases.map((one) => [verb, ...one] as const)))(
    "%s with %s is refused, and begins none",
    async (verb, _, deviation, status) => {
      const said = verb === "resolve" ? { rang: true } : {};
      const token = await w.api.token("calls:write");
      const answer = await w.api.ask("POST", `/v1/calls/${verb}`, { ...good, ...said, ...deviation }, token);
      expect(answer.status).toBe(status);
      expect(await w.owner`select 1 from tasks`).toEqual([]);
    },
  );

  test.each([
    ["a text that SQL would read", "x'; drop table tasks; --"],
    ["a pattern", "%"],
    ["a backslash", "\\"],
    ["quotes and braces", '{"a": "b"}'],
    ["a right-to-left override", "\u202e1001"],
  ])("with %s in its filter matches only what has it", async (_, text) => {
    const { rule } = await w.calls(2, {}, (nth) => (nth === 0 ? { record_type: "order", record_id: text } : {}));
    const id = await w.begin("/calls/cancel", { filter: { rule, record_type: "order", record_id: text }, reason });
    await w.runner().all();
    expect(await w.task(id)).toMatchObject({ state: "done", matched: 1, done: 1 });
    expect(await w.statuses(rule)).toEqual(["canceled", "held"]);
  });

  test("that matches nothing is done at once", async () => {
    const id = await w.begin("/calls/cancel", { filter: { rule: "nobody-has-this" }, reason });
    expect(await w.task(id)).toMatchObject({ state: "done", matched: 0, done: 0, refused: [] });
    expect((await w.entries("task", [id])).map(({ action }) => action)).toEqual(["begun", "ended"]);
  });

  test("by a number finds all of its calls, and the number is stored nowhere", async () => {
    const { rule } = await w.calls(3, { number: "+14155550177" });
    const body = { filter: { number: "(415) 555-0177" }, reason: "+1 415 555 0177 asked for it" };
    const id = await w.begin("/calls/cancel", body);
    const stored = await w.owner`select t.*::text from tasks t where id = ${id}
      union all select e.*::text from entries e where subject = 'task' and subject_id = ${id}`;
    for (const row of stored) expect(JSON.stringify(row)).not.toMatch(/0177|555/);
    await w.runner().all();
    expect(await w.task(id)).toMatchObject({
      state: "done",
      done: 3,
      about: { filter: { number: expect.any(String) } },
    });
    expect(await w.statuses(rule)).toEqual(["canceled", "canceled", "canceled"]);
  });

  test("by a number with more calls than one search finds still finds all in the request", async () => {
    await w.calls(5_100, { number: "+14155550179" });
    const id = await w.begin("/calls/cancel", { filter: { number: "+14155550179" }, reason });
    expect(await w.task(id)).toMatchObject({ matched: 5_100, searching: false });
    await w.api.ask("POST", `/v1/tasks/${id}/cancel`, {});
  }, 60_000);

  test("matches only calls that the decision applies to", async () => {
    const { rule } = await w.calls(4, {}, (nth) => (nth < 2 ? { status: "expired", reason: "expired" } : {}));
    for (const [filter, matched] of [
      [{ rule }, 2],
      [{ rule, status: "expired" }, 0],
      [{ rule, status: "held,expired" }, 2],
    ] as const) {
      const id = await w.begin("/calls/release", { filter, reason });
      expect(await w.task(id)).toMatchObject({ matched });
      if (matched > 0) await w.api.ask("POST", `/v1/tasks/${id}/cancel`, {});
    }
  });

  test("by a number stops once its token may not see numbers any more", async () => {
    const { rule } = await w.calls(3, { number: "+14155550178" });
    const token = await w.api.token("calls:write", "pii:read");
    const id = await w.begin("/calls/cancel", { filter: { number: "+14155550178" }, reason }, token);
    await w.owner`update tokens set scopes = '{calls:write}' where 'pii:read' = any(scopes) and not 'admin' = any(scopes)`;
    await w.runner().all();
    expect(await w.task(id)).toMatchObject({ state: "stopped", done: 0 });
    expect(countsOf(await w.statuses(rule))).toEqual({ held: 3 });
  });

  test("as a dry run only counts what matches now, for a filter and for ids", async () => {
    const { rule, ids } = await w.calls(5, {}, (nth) => (nth === 0 ? { about: null } : {}));
    const before = await w.owner`select count(*)::int as tasks from tasks`;
    for (const which of [{ filter: { rule } }, { ids }]) {
      const plan = await w.api.ask("POST", "/v1/calls/release", { ...which, reason, as_task: true, dry_run: true });
      expect(plan).toMatchObject({
        status: 200,
        json: { dry_run: true, matching: 5, more: false, skipped: [{ reason: "placeholder", count: 1 }] },
      });
    }
    expect(await w.owner`select count(*)::int as tasks from tasks`).toEqual(before);
    expect(countsOf(await w.statuses(rule))).toEqual({ held: 5 });
  });

  test("by ids works without a task as well, and takes each id once", async () => {
    const { rule, ids } = await w.calls(3);
    const [first = "", second = ""] = ids;
    const body = { ids: [first, first.toUpperCase(), second], reason };
    expect((await w.api.ask("POST", "/v1/calls/cancel", body)).json).toMatchObject({ done: 2, more: false });
    expect(await w.statuses(rule)).toEqual(["canceled", "canceled", "held"]);
    const id = await w.begin("/calls/cancel", { ids: [...ids, ...ids], reason });
    expect(await w.task(id)).toMatchObject({ matched: 3 });
    await w.runner().all();
    expect(await w.task(id)).toMatchObject({ done: 1, refused: [{ reason: "moved", count: 2 }] });
  });
});

describe("of a task of somebody else", () => {
  type Access = readonly [scopes: readonly TokenScope[], sees: boolean, cancels: boolean];
  const table: readonly Access[] = [
    [["calls:read"], true, false],
    [["calls:write"], false, false],
    [["calls:read", "calls:write"], true, true],
    [["pii:read"], false, false],
    [["hooks:write"], false, false],
    [["hooks:write", "calls:read"], true, false],
    [["admin"], true, true],
    [allScopes, true, true],
  ];
  test.each(table)("a token with %j sees %s, and cancels %s", async (scopes, sees, cancels) => {
    const { rule } = await w.calls(2);
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason });
    const token = await w.api.token(...scopes);
    const shown = await w.api.ask("GET", `/v1/tasks/${id}`, undefined, token);
    expect(shown.status === 200).toBe(sees);
    const listed = await w.api.ask("GET", "/v1/tasks?limit=200", undefined, token);
    const ids = listed.status === 200 ? listed.json.data.map((task: { id: string }) => task.id) : [];
    expect(ids.includes(id)).toBe(sees);
    const canceled = await w.api.ask("POST", `/v1/tasks/${id}/cancel`, {}, token);
    expect(canceled.status === 200).toBe(cancels);
    expect((await w.task(id)).state).toBe(cancels ? "canceled" : "running");
    if (!cancels) await w.runner().all();
  });

  test("that redelivers, nobody but an administrator sees anything", async () => {
    const hook = await w.api.ask("POST", "/v1/hooks", { target_url: "https://example.com/h", events: ["call.*"] });
    const begun = await w.api.ask("POST", `/v1/hooks/${hook.json.id}/redeliver`, { since: "2026-01-01T00:00:00Z" });
    const token = await w.api.token("calls:read", "calls:write", "hooks:write");
    expect((await w.api.ask("GET", `/v1/tasks/${begun.json.id}`, undefined, token)).status).toBe(404);
    expect((await w.api.ask("POST", `/v1/tasks/${begun.json.id}/cancel`, {}, token)).status).toBe(404);
    expect((await w.api.ask("POST", `/v1/tasks/${begun.json.id}/cancel`, {})).json).toMatchObject({
      state: "canceled",
    });
  });

  test("its own, each token sees and cancels", async () => {
    const { rule } = await w.calls(2);
    const token = await w.api.token("calls:write");
    const id = await w.begin("/calls/cancel", { filter: { rule }, reason }, token);
    expect((await w.api.ask("GET", "/v1/tasks", undefined, token)).json.data).toMatchObject([{ id }]);
    expect((await w.api.ask("POST", `/v1/tasks/${id}/cancel`, {}, token)).json).toMatchObject({ state: "canceled" });
  });

  test.each(["x", randomUUID()])("there is none of the id %s", async (id) => {
    for (const [method, path] of [["GET", ""] as const, ["POST", "/cancel"] as const])
      expect((await w.api.ask(method, `/v1/tasks/${id}${path}`, method === "POST" ? {} : undefined)).status).toBe(404);
  });
});
