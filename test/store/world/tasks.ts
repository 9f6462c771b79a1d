/** Tasks of the API of a test, and runners that work them off step by step, each with a connection of its own. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { appUrl } from "../../../cli/install/run-migrations.ts";
import { advanceTask } from "../../../src/flows/tasks/advance-task.ts";
import type { TaskPorts } from "../../../src/flows/tasks/task-ports.ts";
import { decisionStore } from "../../../src/store/calls/decisions.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { replayStore } from "../../../src/store/events/replays.ts";
import { connect } from "../../../src/store/postgres/connection.ts";
import { taskSteps } from "../../../src/store/tasks/steps.ts";
import { service, type TestService } from "./service.ts";
import { numberOf } from "./world.ts";

export type Row = Record<string, unknown>;

export type StepRunner = {
  readonly ports: TaskPorts;
  /** One step of the task that waits longest. @returns whether there was one */
  step(): Promise<boolean>;
  /** Steps until no task waits. @returns their number */
  all(): Promise<number>;
};

export type TasksWorld = {
  readonly api: TestService;
  readonly owner: postgres.Sql;
  runner(deviation?: Partial<TaskPorts>): StepRunner;
  /** A runner that is killed in each step, after its decisions and before its progress. */
  killedRunner(): StepRunner;
  /** So many calls of a rule of their own. @returns the rule, and their ids, the oldest first */
  calls(count: number, row?: Row, each?: (index: number) => Row): Promise<{ rule: string; ids: string[] }>;
  /** The calls of a rule, each with its status. */
  statuses(rule: string): Promise<string[]>;
  /** The task as the API shows it. */
  task(id: string): Promise<Row & { state: string; done: number; matched: number; refused: Row[] }>;
  /** Begins a task by a request that must succeed. @returns its id */
  begin(path: string, body: object, token?: string): Promise<string>;
  /** Entries of a subject, oldest first. */
  entries(subject: string, ids: readonly string[]): Promise<Row[]>;
  close(): Promise<void>;
};

export async function tasksWorld(): Promise<TasksWorld> {
  const api = await service();
  const owner = postgres(api.ownerUrl, { max: 2, onnotice: () => {} });
  await api.ask("PUT", "/v1/lines/wide", { agent: "a", countries: ["US"] });
  await api.ask("PUT", "/v1/sources/shop", { preset: "generic", country: "US" });
  const connections: postgres.Sql[] = [];
  let rules = 0;
  let serial = 0;

  function runner(deviation: Partial<TaskPorts> = {}): StepRunner {
    const url = appUrl(api.ownerUrl, inject("cluster").appPassword);
    const sql = connect(url, { idleSeconds: 20, connectSeconds: 5 }, () => {});
    connections.push(sql);
    const ports: TaskPorts = {
      clock: { now: () => Date.now() },
      defaultCountry: "US",
      decisions: decisionStore(sql),
      stops: stopStore(sql),
      replays: replayStore(sql),
      sources: sourceStore(() => sql),
      records: { open: async () => ({ ok: false, problem: "credential_missing" }) },
      lines: { recheck: async () => "rechecked", poke: async () => {} },
      steps: taskSteps(() => sql),
      ...deviation,
    };
    const step = async () => {
      const task = await ports.steps.next([]);
      if (task === null) return false;
      await advanceTask(ports, task, new Map());
      return true;
    };
    return {
      ports,
      step,
      async all() {
        for (let steps = 0; ; steps++) if (!(await step())) return steps;
      },
    };
  }

  return {
    api,
    owner,
    runner,
    killedRunner() {
      const { steps } = runner().ports;
      return runner({
        steps: {
          ...steps,
          step: (task, rows, work) =>
            steps.step(task, rows, async (stores, left) => {
              await work(stores, left);
              throw new Error("killed");
            }),
        },
      });
    },
    async calls(count, row = {}, each = () => ({})) {
      const rule = `r-${++rules}`;
      const events = Array.from({ length: count }, () => randomUUID());
      const ids: string[] = [];
      for (let from = 0; from < count; from += 1_000) {
        const some = events.slice(from, from + 1_000);
        await owner`insert into events ${owner(
          some.map((id) => ({
            ...{ id, source: "shop", dedupe_key: id, type: "x", headers: "{}", body: "{}", body_hash: "h" },
            ...{ state: "planned", planned_at: new Date() },
          })),
        )}`;
        const made = some.map((event_id, nth) => ({
          ...{ event_id, source: "shop", rule, rule_version: 1, mode: "live", line: "wide", status: "held" },
          ...{ reason: "burst", number: numberOf(serial++ % 8_900), about: "x", due_at: new Date(), country: "US" },
          ...{ created_at: new Date(Date.now() - 1_000_000 + from + nth), claimed_at: new Date(), claim_seq: 1 },
          ...row,
          ...each(from + nth),
        }));
        // An insert of many takes its columns from the first.
        const none = Object.fromEntries(made.flatMap((one) => Object.keys(one)).map((name) => [name, null]));
        const inserted = await owner<{ id: string }[]>`
          insert into calls ${owner(made.map((one) => ({ ...none, ...one })))} returning id`;
        ids.push(...inserted.map(({ id }) => id));
      }
      return { rule, ids };
    },
    async statuses(rule) {
      const rows = await owner<{ status: string }[]>`
        select status from calls where rule = ${rule} order by created_at, try`;
      return rows.map(({ status }) => status);
    },
    async task(id) {
      return (await api.ask("GET", `/v1/tasks/${id}`)).json;
    },
    async begin(path, body, token) {
      const answer = await api.ask("POST", `/v1${path}`, { ...body, as_task: true }, token);
      if (answer.status !== 202) throw new Error(`no task was begun: ${JSON.stringify(answer.json)}`);
      return answer.json.id;
    },
    async entries(subject, ids) {
      return await owner`select subject_id, action, actor, reason, data from entries
        where subject = ${subject} and subject_id in ${owner([...ids])} order by id`;
    },
    async close() {
      await Promise.all(connections.map((sql) => sql.end({ timeout: 1 })));
      await owner.end();
      await api.close();
    },
  };
}

/** Numbers of each text. */
export function countsOf(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}
