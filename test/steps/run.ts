/** One run: a service in a lane, the actions of people and senders, its kill, and its recovery. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { signedRequest } from "../../dev/send/sign.ts";
import { SIGNATURE_HEADER, signatureOf } from "../../dev/simulator/engine/deliver.ts";
import type { Ring } from "../../dev/simulator/engine/types.ts";
import { findPreset } from "../../src/crm/presets/index.ts";
import type { DirectCall } from "../../src/domain/plan/direct-call.ts";
import type { PausePorts } from "../../src/flows/calling/pause.ts";
import type { StopPorts } from "../../src/flows/calling/stop.ts";
import type { DecidePorts } from "../../src/flows/people/decide.ts";
import type { ReplayPorts } from "../../src/flows/planning/prepare-replay.ts";
import { requestCall } from "../../src/flows/planning/request-call.ts";
import { sweep } from "../../src/flows/sweep.ts";
import { createDoor } from "../../src/http/door.ts";
import { directoryObject } from "../../src/objects/directory/directory.ts";
import { inboxObject } from "../../src/objects/inbox/inbox.ts";
import { lineObject } from "../../src/objects/line/line.ts";
import { notaryObject } from "../../src/objects/notary/notary.ts";
import { taskRunnerObject } from "../../src/objects/task-runner/task-runner.ts";
import { createLog, type Log } from "../../src/platform/log.ts";
import type { Head, Notary } from "../../src/ports/audit/chain.ts";
import type { LineObjects } from "../../src/ports/calling/line-objects.ts";
import type { TaskWaker } from "../../src/ports/tasks/steps.ts";
import type { TaskStore } from "../../src/ports/tasks/tasks.ts";
import { apiDeps } from "../../src/wiring/api.ts";
import { directoryDeps } from "../../src/wiring/directory.ts";
import { doorDeps } from "../../src/wiring/door.ts";
import { inboxDeps } from "../../src/wiring/inbox.ts";
import { lineDeps } from "../../src/wiring/line.ts";
import { notaryDeps } from "../../src/wiring/notary.ts";
import { sweepPorts } from "../../src/wiring/sweep.ts";
import { taskRunnerDeps } from "../../src/wiring/task-runner.ts";
import { entriesSettled } from "../store/world/settled.ts";
import { type Books, type CallBook, readBooks, unlinked } from "./books.ts";
import { type Lane, laneSecret, type Place } from "./lane.ts";
import { processesEnded } from "./pool.ts";
import { type Disks, type Process, startProcess } from "./runtime.ts";
import { countSteps, type Steps, type Stop, type Watch, watch } from "./watch.ts";

/** Time that a run may take to come to rest. */
const restMs = 10_000;
/** Time after which a refused request is written, unless it is lost. */
const writtenMs = 1_500;
/** Minutes, as it were, that a recovery may take: looks, polls and further tries come one after the other. */
const roundsMax = 14;
const sealRoundsMax = 50;
/** Looks, two milliseconds apart, after which a service is quiet; and one of whose steps hangs, for what waits for company meanwhile. */
const quietTurns = 3;
const hungTurns = 12;

/** An action that is repeated until the service confirms it. @returns Whether the service confirmed it */
type Demand = { readonly ask: (service: Service) => Promise<boolean>; done: boolean };

export type Run = {
  readonly lane: Lane;
  readonly place: Place;
  readonly steps: Steps;
  /** Number of different events that were sent or requested. */
  sent(): number;
  /** Whether the notary could link what it was to link. */
  isSealed(): boolean;
  /** Ids of events that were acknowledged to their sender. */
  readonly acknowledged: ReadonlySet<string>;
  /** Warnings and errors of the log, to explain a failed run. */
  readonly logged: readonly string[];
  /** A signed webhook; its sender sends it again until it is taken. */
  deliver(deviation?: { id?: string; type?: string; body?: object; forged?: boolean }): Promise<void>;
  /** A call that is asked for directly, again until it is answered. */
  request(wanted?: Partial<DirectCall>): Promise<void>;
  /** A person's decision about a call, made once there is one for which it can be made, and again until it is answered. */
  decide(
    when: (call: CallBook) => boolean,
    write: (ports: PersonPorts, call: CallBook) => Promise<{ ok: boolean }>,
  ): Promise<void>;
  /** Another request of a person, repeated until the service answers. */
  ask(what: (ports: PersonPorts) => Promise<unknown>): Promise<void>;
  /** Counts events that a stage writes itself. */
  staged(events: number): void;
  /** The poke of a request that began a task; once, whatever becomes of it. */
  wakeTasks(): Promise<void>;
  /** Mihu tells of every call that has ended; once, whatever becomes of it. */
  tell(): Promise<void>;
  /** Waits until nothing is under way. */
  rest(): Promise<void>;
  /** Makes everything due that waits for a time. */
  pass(): Promise<void>;
  sweep(): Promise<void>;
  /** @param of the actor whose objects' alarms ring; all, if it is not given */
  alarms(of?: string): Promise<void>;
  /** A minute, as it were: the objects are forgotten, time passes, the sweep runs, the alarms ring. */
  minute(): Promise<void>;
  /** The service is killed, unless it is already, and started anew. */
  restart(): void;
  /** Waits until what was refused is written, which an inbox does once a second; where a stop took it, for no longer than that. */
  written(): Promise<void>;
  rings(): Ring[];
  /** The signed heads that the notary keeps outside of Postgres. */
  heads(): Head[];
  books(): Promise<Books>;
  /** After the stop: everything in memory is gone, and the service is left to itself. */
  recover(): Promise<void>;
};

/** Ports for a person's requests. */
export type PersonPorts = DecidePorts &
  PausePorts &
  ReplayPorts &
  StopPorts & { lines: LineObjects; notary: Notary; tasks: TaskStore; taskRunner: TaskWaker };

/** The service in one process. */
type Service = {
  readonly watch: Watch;
  readonly process: Process;
  fetch(path: string, init: RequestInit): Promise<Response>;
  sweep(): Promise<void>;
  personPorts(): PersonPorts & { close(): Promise<void> };
  request(wanted: DirectCall, key: string): Promise<boolean>;
};

export async function startRun(lane: Lane, place: Place, stop: Stop | null): Promise<Run> {
  lane.mihu.reset();
  const steps = countSteps(stop);
  /** Steps that are counted now. Steps of the recovery are not counted. */
  let counted = steps;
  const disks: Disks = new Map();
  let sent = 0;
  let sealed = true;
  const logged: string[] = [];
  const keep = (line: string) => void logged.push(line);
  const log = createLog({ info: () => {}, warn: keep, error: keep });
  const acknowledged = new Set<string>();
  const demands: Demand[] = [];
  let service = startService(lane, disks, steps, log);

  const insist = async (ask: Demand["ask"]): Promise<void> => {
    const demand: Demand = { ask, done: false };
    demands.push(demand);
    await attempt(demand);
  };
  const attempt = async (demand: Demand): Promise<void> => {
    const asked = service;
    if (asked.watch.isDead() || demand.done) return;
    const answer = demand.ask(asked).catch(() => false);
    const done = await Promise.race([answer, gone(asked).then(() => false)]);
    // An answer of a process that was killed before it arrived is lost.
    if (!asked.watch.isDead()) demand.done = done;
  };
  const alive = async (act: (service: Service) => Promise<void>): Promise<void> => {
    const asked = service;
    if (!asked.watch.isDead()) await Promise.race([act(asked).catch(() => {}), gone(asked)]);
  };

  /** The sweep tells the notary, and its alarm links; what another transaction of the server may still come before has to wait. */
  const seal = async (): Promise<void> => {
    for (let round = 0; round < sealRoundsMax && (await unlinked(lane.owner)) > 0; round++) {
      await entriesSettled(lane.owner);
      // A process tells the notary once a second.
      run.restart();
      await run.sweep();
      await run.alarms();
      await run.rest();
    }
  };

  const run: Run = {
    lane,
    place,
    steps,
    sent: () => sent,
    isSealed: () => sealed,
    acknowledged,
    logged,
    async deliver({ id = randomUUID(), type = "order.issue", body = {}, forged = false } = {}) {
      sent++;
      const text = JSON.stringify({ order: "1001", phone: place.number, delivery: id, ...body });
      await insist(async ({ fetch }) => {
        const answer = await fetch(`/in/${place.source}`, {
          method: "POST",
          headers: signed(text, id, type, forged),
          body: text,
        });
        if (answer.status === 202) {
          const { events } = (await answer.json()) as { events: { id: string }[] };
          if (!service.watch.isDead()) for (const event of events) acknowledged.add(event.id);
        }
        return answer.status < 500;
      });
    },
    async request(wanted = {}) {
      sent++;
      const key = randomUUID();
      const call = { line: place.line, number: place.number, about: "The customer asked to be rung.", ...wanted };
      await insist((asked) => asked.request(call, key));
    },
    async decide(when, write) {
      await insist(async (asked) => {
        const { calls } = await run.books();
        const call = calls.find(when);
        // Nothing to decide yet; and nothing any more once all is over.
        if (call === undefined) return calls.length > 0 && calls.every(isOver);
        await asPerson(asked, (ports) => write(ports, call));
        return true;
      });
    },
    async ask(what) {
      await insist(async (asked) => {
        await asPerson(asked, what);
        return true;
      });
    },
    staged(events) {
      sent += events;
    },
    async wakeTasks() {
      await alive((asked) => asPerson(asked, ({ taskRunner }) => taskRunner.poke()));
      await run.rest();
    },
    async tell() {
      await until(() => service.watch.isDead() || run.rings().every(({ endedAt }) => endedAt !== null));
      for (const { id, conversation_uuid } of run.rings()) {
        const body = JSON.stringify({ event: "conversation_end_report", data: { conversation_uuid, call_id: id } });
        const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: signatureOf(laneSecret, body) };
        await alive(
          async ({ fetch }) => void (await fetch(`/in/mihu/${place.key}`, { method: "POST", headers, body })),
        );
      }
      await run.rest();
    },
    async rest() {
      await quiet(service);
    },
    async pass() {
      if (!service.watch.isDead()) await makeTimePass(lane, place);
    },
    sweep: () => alive((asked) => asked.sweep()),
    alarms: (of) => alive((asked) => asked.process.alarms(of)),
    async minute() {
      await until(() => service.watch.isDead() || run.rings().every(({ endedAt }) => endedAt !== null));
      // Objects that nobody asks for a while are put out of memory: what they know of the time goes with it.
      run.restart();
      await run.pass();
      await run.sweep();
      await run.alarms();
      await run.rest();
    },
    restart() {
      // A run that was stopped stays so until it recovers.
      if (service.watch.isDead() && counted.isStruck()) return;
      service.watch.kill();
      service = startService(lane, disks, counted, log);
    },
    async written() {
      const write = "inbox.rejections.write";
      const lost = Date.now() + writtenMs;
      await until(
        () => service.watch.isDead() || Date.now() > lost || steps.seen().some((step) => step.startsWith(write)),
      );
      await run.rest();
    },
    rings: () => lane.mihu.rings().filter(({ agentId }) => agentId === place.agent),
    heads: () =>
      [...(disks.get("notary notary")?.kv ?? [])].flatMap(([key, head]) =>
        key.startsWith("head/") ? [asHead(head)] : [],
      ),
    books: () => readBooks(lane.app, place),
    async recover() {
      service.watch.kill();
      lane.mihu.setFaults({ next: [] });
      counted = countSteps(null);
      service = startService(lane, disks, counted, log);
      for (let round = 0; round < roundsMax; round++) {
        for (const demand of demands) await attempt(demand);
        await run.rest();
        const { events, calls } = await run.books();
        const kept = [...acknowledged].every((id) => events.some((event) => event.id === id));
        if (
          kept &&
          demands.every(({ done }) => done) &&
          events.every(({ state }) => state !== "unplanned") &&
          calls.every(isOver)
        )
          break;
        await run.minute();
      }
      // The rest of the entries is linked with those of the runs after this one.
      if (stop === null || stop.step.startsWith("notary.")) {
        await seal();
        sealed = (await unlinked(lane.owner)) === 0;
      }
      service.watch.kill();
    },
  };
  return run;
}

/**
 * Waits until nothing happens for some turns of the event loop, because the end of one promise may begin another. Work
 * behind a hanging step may also linger for further items before it continues.
 */
async function quiet({ watch, process }: Service): Promise<void> {
  let turns = 0;
  await until(() => {
    turns = process.isQuiet() ? turns + 1 : 0;
    return turns > (watch.isHung() && !watch.isDead() ? hungTurns : quietTurns);
  });
}

/** The process was killed, or waits for ever for a step that hangs. */
async function gone(service: Service): Promise<void> {
  const { killed, hangs } = service.watch;
  await Promise.race([killed, hangs.then(() => quiet(service))]);
}

/** Whether nothing but a person will move a call. */
export function isOver({ status }: CallBook): boolean {
  return !["queued", "dialing", "unknown", "placed"].includes(status);
}

function startService(lane: Lane, disks: Disks, steps: Steps, log: Log): Service {
  // A lane runs one process at a time.
  processesEnded(lane.url);
  const watched = watch(steps);
  const process = startProcess(disks, watched);
  const env: Record<string, unknown> = { ...lane.vars };
  /** Every port that an actor was given, whatever their names; what is no port stays as it is. */
  const wrap = <Parts extends object>(actor: string, deps: Parts): Parts =>
    sameParts<Parts>(
      Object.fromEntries(
        Object.entries(deps).map(([name, part]: [string, unknown]) => {
          if (name === "log") return [name, log];
          return [name, typeof part === "object" && part !== null ? watched.port(`${actor}.${name}`, part) : part];
        }),
      ),
    );
  env.INBOX = process.namespace(
    "inbox",
    () => inboxObject((given) => wrap("inbox", inboxDeps(given))),
    () => env,
  );
  // Its steps are not counted: what it does not know is asked of the inboxes.
  env.DIRECTORY = process.namespace(
    "directory",
    () => directoryObject(directoryDeps),
    () => env,
  );
  env.LINE = process.namespace(
    "line",
    () => lineObject((given) => wrap("line", lineDeps(given))),
    () => env,
  );
  env.NOTARY = process.namespace(
    "notary",
    () => notaryObject((given) => wrap("notary", notaryDeps(given))),
    () => env,
  );
  env.TASK_RUNNER = process.namespace(
    "taskRunner",
    () =>
      taskRunnerObject((given) => {
        const runner = taskRunnerDeps(given);
        return { ...runner, log, ports: () => wrap("taskRunner", runner.ports()) };
      }),
    () => env,
  );
  const deps = doorDeps(env);
  const { outcomes } = deps;
  const door = createDoor(() => ({
    ...wrap("door", { ...deps, outcomes: null }),
    outcomes: {
      ...wrap("hear", { ...outcomes, webhooks: null }),
      webhooks: watched.port("hear.outcomes", outcomes.webhooks),
    },
  }));
  const context = { waitUntil: process.waitUntil, passThroughOnException: () => {}, props: {} };
  return {
    watch: watched,
    process,
    fetch: async (path, init) => await door.fetch(new Request(`http://hookline${path}`, init), env, context),
    async sweep() {
      // Fields are looked at last and of events of any run that are a minute old: no step of this one, and nothing waits for it.
      const { fields, ...deps } = sweepPorts(env, lane.app);
      await sweep({ ...wrap("sweep", deps), fields });
    },
    personPorts() {
      const { clock, defaultCountry, lines, notary, records, stores, taskRunner, close } = apiDeps(env, context);
      const { decisions, pauses, replays, sources, stops, tasks } = stores;
      const objects = { lines, notary, taskRunner };
      const ports = wrap("person", { clock, ...objects, decisions, pauses, replays, sources, stops, records });
      // A person begins and cancels a task by one transaction, without a flow.
      return { ...ports, tasks, defaultCountry, close };
    },
    async request(wanted, key) {
      const { clock, identity, inboxes, close } = apiDeps(env, context);
      const { sources } = inboxDeps(env);
      try {
        return (
          await requestCall(wrap("lookup", { clock, identity, inboxes, sources }), wanted, { holder: "test", key })
        ).ok;
      } finally {
        await close();
      }
    },
  };
}

async function asPerson(service: Service, what: (ports: PersonPorts) => Promise<unknown>): Promise<void> {
  const { close, ...ports } = service.personPorts();
  try {
    await what(ports);
  } finally {
    await close();
  }
}

/** Makes everything due that waits by Postgres' clock: leases, look-ups, polls, due times and fetches. */
async function makeTimePass({ owner }: Lane, { source, line }: Place): Promise<void> {
  await owner`update sources set fetch_not_before = null where slug = ${source} and fetch_not_before is not null`;
  await owner`update events set fetch_at = now() where source = ${source} and state = 'unplanned' and fetch_at > now()`;
  await owner`
    with line as (update lines set not_before = null where slug = ${line} and not_before is not null)
    update calls set slot_until = null, due_at = least(due_at, now()),
      lease_until = case when lease_until is not null then least(lease_until, now()) end,
      poll_at = case when poll_at is not null then least(poll_at, now()) end
    where line = ${line} and status in ('queued', 'dialing', 'unknown', 'placed')`;
}

function signed(body: string, id: string, type: string, forged: boolean): Record<string, string> {
  const preset = findPreset("generic");
  if (preset === null) throw new Error("there is no preset generic");
  return signedRequest({ preset, settings: {}, secret: forged ? "another" : laneSecret, body, id, type }).headers;
}

async function until(done: () => boolean): Promise<void> {
  const deadline = Date.now() + restMs;
  while (!done()) {
    if (Date.now() > deadline) throw new Error("a run does not come to rest");
    await pause(2);
  }
}

/** The notary writes nothing else under this name. */
function asHead(value: unknown): Head {
  return value as Head;
}

/** Parts whose ports are wrapped are what they were. */
function sameParts<Parts extends object>(deps: object): Parts {
  return deps as Parts;
}
