/** `hookline tasks`, and `--as-task` of the verbs that decide about many calls and events. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runHookline } from "../../command-line.ts";
import { served } from "../world/served.ts";
import { countsOf, type TasksWorld, tasksWorld } from "../world/tasks.ts";

let w: TasksWorld;
let server: Awaited<ReturnType<typeof served>>;
let token: string;
beforeAll(async () => {
  w = await tasksWorld();
  server = await served(w.api);
  token = await w.api.token("calls:read", "calls:write");
});
afterAll(async () => {
  await server.close();
  await w.close();
});

const hookline = (...args: string[]) => runHookline(args, { HOOKLINE_URL: server.url, HOOKLINE_TOKEN: token });

test.each([
  ["cancel", "held", [], { canceled: 120 }],
  ["release", "held", [], { queued: 120 }],
  ["resolve", "review", ["--rang", "no", "--then", "close"], { canceled: 120 }],
] as const)(
  "%s --as-task prints its plan, begins a task with --yes, and `tasks` follows it.",
  async (verb, status, more, ends) => {
    const { rule } = await w.calls(120, { status });
    const args = [verb, "--filter", `rule=${rule}`, "--reason", "a mistake", ...more, "--as-task"];
    expect(await hookline(...args)).toMatchObject({ code: 0, said: expect.stringContaining("120 calls would be") });
    expect(countsOf(await w.statuses(rule))).toEqual({ [status]: 120 });
    const begun = await hookline(...args, "--yes");
    const id = begun.out.split("\n").at(-1) ?? "";
    expect(begun).toMatchObject({ code: 0, said: expect.stringContaining(`hookline tasks watch ${id}`) });
    expect((await hookline("tasks")).out).toContain(`${id}  ${verb.padEnd(9)}  running   0 of 120`);
    const watched = hookline("tasks", "watch", id);
    await w.runner().all();
    expect(await watched).toMatchObject({ code: 0, said: expect.stringContaining("done: 120 of 120") });
    expect(countsOf(await w.statuses(rule))).toEqual(ends);
    const shown = await hookline("tasks", "show", id);
    expect(shown).toMatchObject({ code: 0, said: "done: 120 of 120" });
    for (const fact of [`id      ${id}`, `work    ${verb}`, `which   rule=${rule}`, "reason  a mistake"])
      expect(shown.out).toContain(fact);
  },
);

test("`tasks cancel` ends a task once, and what was done is said.", async () => {
  const { rule, ids } = await w.calls(200);
  const begun = await hookline("cancel", "--filter", `rule=${rule}`, "--reason", "x", "--as-task", "--yes");
  const id = begun.out.split("\n").at(-1) ?? "";
  await w.runner().step();
  expect(await hookline("tasks", "cancel", id, "--reason", "the wrong rule")).toMatchObject({
    ...{ code: 0, said: "canceled: 100 of 200" },
  });
  expect(await hookline("tasks", "cancel", id)).toMatchObject({ code: 1, said: expect.stringContaining("canceled") });
  expect(await hookline("tasks", "show", id)).toMatchObject({ code: 1 });
  expect(countsOf(await w.statuses(rule))).toEqual({ canceled: 100, held: 100 });
  expect(ids).toHaveLength(200);
});

test("Calls are named by --id as well, and refusals are told by their sentences.", async () => {
  const { ids } = await w.calls(2);
  const named = ids.flatMap((id) => ["--id", id]);
  const begun = await hookline("cancel", ...named, "--id", randomUUID(), "--reason", "x", "--as-task", "--yes");
  const id = begun.out.split("\n").at(-1) ?? "";
  await w.runner().all();
  expect((await hookline("tasks", "show", id)).said).toBe(
    "refused: 1 call. There is no call of this id.\ndone: 2 of 3, 1 refused",
  );
});

test("replay --as-task begins a task.", async () => {
  await w.api.ask("PUT", "/v1/sources/zap", { preset: "generic", country: "US" });
  const args = [
    "replay",
    "--source",
    "zap",
    "--filter",
    "state=ignored",
    "--reason",
    "the rule was wrong",
    "--as-task",
  ];
  expect(await hookline(...args)).toMatchObject({ code: 0, said: expect.stringContaining("--yes does it") });
  const begun = await hookline(...args, "--yes");
  expect((await hookline("tasks", "show", begun.out)).out).toContain("state=ignored");
});

test.each([
  [["tasks", "show"], 2],
  [["tasks", "cancel"], 2],
  [["tasks", "cancel", "x", "--reason", " "], 2],
  [["tasks", "show", randomUUID()], 1],
  [["tasks", "cancel", "no-such-task"], 1],
  [["tasks", "--limit", "0"], 2],
  [["cancel", "--reason", "x", "--as-task"], 2],
  [["cancel", "--reason", "x", "--filter", "rule=x", "--id", randomUUID()], 2],
])("%j is refused with a sentence", async (args, code) => {
  const answer = await hookline(...args);
  expect([answer.code, answer.out]).toEqual([code, ""]);
  expect(answer.said).toMatch(/^hookline \w+: ./);
});
