// biome-ignore-all lint/suspicious/noThenProperty: the API's word, whose value is a text and can never be called.
/** Scenarios of tasks, each of several steps. A stage writes their calls and events by SQL, as an earlier hour left them. */
import { randomUUID } from "node:crypto";
import type { CallStatus } from "../../src/domain/calls/call.ts";
import { decidable } from "../../src/domain/plan/decision.ts";
import type { BulkVerb } from "../../src/flows/people/decide-these.ts";
import { aboutVerb } from "../../src/flows/tasks/verbs.ts";
import type { TaskWish } from "../../src/ports/tasks/tasks.ts";
import type { PersonPorts, Run } from "./run.ts";
import type { Scenario } from "./scenarios.ts";
import { tasksGoOn } from "./task-faults.ts";

/** Rows of a task: three steps work on them, and two searches find them. */
const rows = 6;

const reason = "a mistake";

/** The requests of people that follow while the task may be in the middle. */
type Meanwhile = (run: Run) => Promise<void>;

/** The person's poke, the runner's alarm, and a look at the task until it is over. */
const workOff =
  (meanwhile: Meanwhile = async () => {}): Scenario["act"] =>
  async (run) => {
    await run.wakeTasks();
    await run.alarms("taskRunner");
    await run.rest();
    await meanwhile(run);
    await run.tell();
    await run.ask(async () => {
      if (await tasksGoOn(run)) throw new Error("the task goes on");
    });
  };

async function decideAll(run: Run, what: BulkVerb): Promise<void> {
  const filter = { line: run.place.line, statuses: decidable[what.verb] };
  await begin(run, { kind: what.verb, about: aboutVerb(what), which: { of: "calls", filter } });
}

/** Calls that wait for a person, calls that their line has claimed without knowing it, and a task that cancels all of them. */
async function cancelAll(run: Run): Promise<void> {
  await writeCalls(run, "held", rows - 2);
  await writeCalls(run, "queued", 2);
  run.steps.lose("line.claims.claim", "fails after it is done");
  await run.ask(({ lines }) => lines.poke(run.place.line));
  await run.rest();
  await decideAll(run, { verb: "cancel" });
}

async function releaseAll(run: Run): Promise<void> {
  await writeCalls(run, "held", rows);
  await decideAll(run, { verb: "release" });
}

export const taskScenarios: readonly Scenario[] = [
  {
    name: "a task that cancels calls, some of which their line holds",
    stage: cancelAll,
    act: workOff(),
    ends: Array.from({ length: rows }, () => "canceled canceled"),
  },
  {
    name: "a task that releases calls",
    stage: releaseAll,
    act: workOff(),
    ends: Array.from({ length: rows }, () => "ended completed"),
  },
  {
    name: "a task that has calls dialled again that did not ring",
    async stage(run) {
      await writeCalls(run, "review", rows);
      await decideAll(run, { verb: "resolve", rang: false, then: "dial" });
    },
    act: workOff(),
    ends: ["canceled canceled", "ended completed"].flatMap((end) => Array.from({ length: rows }, () => end)),
  },
  {
    name: "a task that replays events",
    async stage(run) {
      await writeEvents(run);
      const which = { of: "events", filter: { source: run.place.source, state: "ignored" } } as const;
      await begin(run, { kind: "replay", about: {}, which });
    },
    act: workOff(),
    ends: Array.from({ length: rows }, () => "ended completed"),
  },
  {
    name: "a task that cancels calls, and a person who cancels the task",
    stage: cancelAll,
    act: workOff((run) =>
      run.ask(async ({ tasks }) => {
        for (const { id } of await ownTasks(run, tasks)) await tasks.cancel(id, "test", reason);
      }),
    ),
    ends: Array.from({ length: rows }, () => "canceled canceled"),
  },
  {
    name: "a task that releases calls, and a person who revokes its token",
    stage: releaseAll,
    act: workOff(({ lane, place, ask }) =>
      ask(
        () =>
          lane.owner`update tokens set revoked_at = clock_timestamp() where name = ${place.source} and revoked_at is null`,
      ),
    ),
    ends: Array.from({ length: rows }, () => "ended completed"),
  },
];

const ownTasks = async ({ place }: Run, tasks: PersonPorts["tasks"]) =>
  (await tasks.list({ kinds: [], actor: place.source }, rows, null)).rows;

/** Begins a task with a token of its own. The tasks of a run have its source as their actor. */
async function begin(run: Run, wish: Pick<TaskWish, "kind" | "about" | "which">): Promise<void> {
  const { lane, place } = run;
  const token = randomUUID();
  await lane.owner`insert into tokens (jti, name, scopes, expires_at)
    values (${token}, ${place.source}, '{calls:write}', now() + interval '1 day')`;
  await run.ask(({ tasks }) => tasks.begin({ ...wish, actor: place.source, token, needs: ["calls:write"], reason }));
}

/** Calls in a status, each to its own number, with an event and an entry. */
async function writeCalls(run: Run, status: CallStatus, count: number): Promise<void> {
  const { lane, place } = run;
  const made = Array.from({ length: count }, (_, nth) => ({ id: randomUUID(), nth, number: numberOf(status, nth) }));
  await lane.owner`
    with given as (
      select * from json_to_recordset(${JSON.stringify(made)}::text::json) as g(id uuid, nth int, number text)
    ), stored as (
      insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, planned_at)
      select id, ${place.source}, id, 'order.issue', '{}', '{}', 'h', 'planned', now() from given
    ), made as (
      insert into calls (id, event_id, source, rule, rule_version, mode, line, status, reason, number, country, about, due_at,
        created_at)
      select id, id, ${place.source}, 'call-me', 1, 'live', ${place.line}, ${status},
        ${status === "held" ? "burst" : status === "review" ? "not_found" : null}, number, 'US', 'x', now(),
        clock_timestamp() - interval '1 minute' + nth * interval '1 microsecond' from given
    )
    insert into entries (subject, subject_id, action, actor, reason)
    select 'call', id::text, ${status}, 'test', ${status === "queued" ? null : "staged"} from given`;
  run.staged(count);
}

/** Events that no rule matched when they came. */
async function writeEvents(run: Run): Promise<void> {
  const { lane, place } = run;
  const made = Array.from({ length: rows }, (_, nth) => ({
    ...{ id: randomUUID(), nth },
    body: JSON.stringify({ order: String(nth), phone: numberOf("event", nth) }),
  }));
  await lane.owner`
    insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, reason, planned_at, received_at)
    select id, ${place.source}, id, 'order.issue', '{}', body, 'h', 'ignored', 'no_rule_matched', now(),
      now() - interval '1 minute' + nth * interval '1 millisecond'
    from json_to_recordset(${JSON.stringify(made)}::text::json) as g(id uuid, nth int, body text)`;
  run.staged(rows);
}

const hundreds = ["held", "queued", "review", "event"];
/** Numbers that differ within a run. */
const numberOf = (of: string, nth: number) => `+1415557${String(1_000 + 100 * hundreds.indexOf(of) + nth)}`;
