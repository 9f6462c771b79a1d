/**
 * Scenarios: requests to a service while one of its steps is stopped. Together the scenarios reach every method of
 * every port of the flows.
 */

import { pauseNow, resumeNow } from "../../src/flows/calling/pause.ts";
import { stopCalls } from "../../src/flows/calling/stop-calls.ts";
import { decideMany, planMany } from "../../src/flows/people/bulk.ts";
import { callAgain } from "../../src/flows/people/call-again.ts";
import { cancelCall } from "../../src/flows/people/cancel.ts";
import { releaseCall } from "../../src/flows/people/release.ts";
import { type Resolution, resolveCall } from "../../src/flows/people/resolve.ts";
import { replay } from "../../src/flows/planning/replay.ts";
import type { CallBook } from "./books.ts";
import type { PlaceDeviation } from "./lane.ts";
import type { Run } from "./run.ts";

export type Scenario = {
  /** Name of the scenario in the test's name. */
  readonly name: string;
  readonly place?: PlaceDeviation;
  /** Goes before: no step of it is counted or stopped. */
  readonly stage?: (run: Run) => Promise<void>;
  readonly act: (run: Run) => Promise<void>;
  /** Final statuses of its calls if nothing is stopped, in the order of their creation. */
  readonly ends: readonly string[];
};

const by = { actor: "test", reason: "the customer asked for it" };
const is =
  (status: string, nth = 1) =>
  (call: CallBook) =>
    call.status === status && call.try === nth;

const didNotRing = (what: "dial" | "close"): Resolution => ({
  rang: false,
  // biome-ignore lint/suspicious/noThenProperty: a word of the API; nothing awaits it
  then: what,
  reason: by.reason,
});

/** Looks for a call that is being dialled, before its scenario continues without one. */
const looksMax = 1_000;

export const scenarios: readonly Scenario[] = [
  {
    name: "a webhook, its dial and its outcome",
    async act(run) {
      await run.deliver();
      await run.rest();
      await run.tell();
    },
    ends: ["ended completed"],
  },
  {
    name: "a sweep that finds an event without a plan, a call of which no line was told and an outcome of which nobody tells",
    async stage(run) {
      await pauseLine(run, true);
      await run.deliver();
      await run.rest();
      run.steps.lose("inbox.events.plan", "hangs until the process is killed");
      await run.deliver();
      await run.rest();
      run.restart();
      await pauseLine(run, false);
    },
    async act(run) {
      for (let minute = 0; minute < 3; minute++) await run.minute();
    },
    ends: ["ended completed", "ended completed"],
  },
  {
    name: "an event that only names its order, which cannot be had at first",
    place: { thin: true, rule: { fetch: ["order"], number: "{{ record.order.phone }}" } },
    async stage({ lane, place }) {
      lane.crm.records.set("/order", { phone: place.number });
      lane.crm.next = [{ status: 503, json: {} }];
    },
    async act(run) {
      await run.deliver();
      await run.rest();
      await run.minute();
      await run.tell();
    },
    ends: ["ended completed"],
  },
  {
    name: "a call that rang and whose answer was lost",
    async stage(run) {
      run.lane.mihu.setFaults({ next: ["drop_after"] });
      await run.deliver();
      await run.rest();
    },
    async act(run) {
      await run.minute();
      await run.minute();
    },
    ends: ["ended completed"],
  },
  {
    name: "a call that Mihu answers for with an id of the call alone",
    async stage(run) {
      run.lane.mihu.setFaults({ next: ["initiated_shape"] });
      await run.deliver();
      await run.rest();
    },
    async act(run) {
      await run.tell();
      await run.minute();
    },
    ends: ["ended completed"],
  },
  {
    name: "a call that is not to be found, and a person who has it dialled again",
    async stage(run) {
      run.lane.mihu.setFaults({ next: ["drop_before"] });
      await run.deliver();
      await run.rest();
      await run.minute();
    },
    async act(run) {
      await run.minute();
      await run.minute();
      await run.decide(is("review"), (ports, { id }) => resolveCall(ports, id, didNotRing("dial"), by.actor));
    },
    ends: ["canceled canceled", "ended completed"],
  },
  {
    name: "a call that may be either of two, and a person who knows which",
    async stage(run) {
      await someoneElseRings(run);
      run.lane.mihu.setFaults({ next: ["drop_after"] });
      await run.deliver();
      await run.rest();
    },
    async act(run) {
      await run.minute();
      await run.decide(is("review"), (ports, { id }) =>
        resolveCall(ports, id, { rang: true, conversation_uuid: run.rings()[0]?.conversation_uuid }, by.actor),
      );
    },
    ends: ["ended completed"],
  },
  {
    name: "a call that is not to be found, and a person who closes it",
    async stage(run) {
      run.lane.mihu.setFaults({ next: ["drop_before"] });
      await run.deliver();
      await run.rest();
      for (let look = 0; look < 3; look++) await run.minute();
    },
    async act(run) {
      await run.decide(is("review"), (ports, { id }) => resolveCall(ports, id, didNotRing("close"), by.actor));
    },
    ends: ["canceled canceled"],
  },
  {
    name: "a busy number and the further try that the rule names",
    place: { rule: { try_again: { on: ["busy"], after: ["1h"] } } },
    async stage(run) {
      run.lane.mihu.setFaults({ outcomes: { busy: 1 } });
      await run.deliver();
      await run.rest();
    },
    async act(run) {
      await run.tell();
      await run.minute();
    },
    ends: ["ended busy", "ended busy"],
  },
  {
    name: "an answer about us, the line's pause and its end by a harmless question",
    async stage(run) {
      run.lane.mihu.setFaults({ next: ["before_401"] });
    },
    async act(run) {
      await run.deliver();
      await run.rest();
      // What a line remembers of its last question is a matter of half a minute.
      run.restart();
      await run.minute();
    },
    ends: ["ended completed"],
  },
  {
    name: "a line that Mihu asks to wait",
    async stage(run) {
      run.lane.mihu.setFaults({ next: ["before_429"] });
    },
    async act(run) {
      await run.deliver();
      await run.rest();
      await run.minute();
    },
    ends: ["ended completed"],
  },
  {
    name: "a call that Mihu refuses, and a person who has it tried again",
    async stage(run) {
      run.lane.mihu.setFaults({ next: ["before_422"] });
      await run.deliver();
      await run.rest();
    },
    async act(run) {
      await run.decide(is("rejected"), (ports, { id }) => callAgain(ports, id, by));
    },
    ends: ["rejected refused", "ended completed"],
  },
  {
    name: "a call whose calling hours are over",
    place: { hours: { days: "mon-sun", from: "00:00", to: "24:00" } },
    async stage(run) {
      await pauseLine(run, true);
      await run.deliver();
      await run.rest();
      await run.lane.owner`update calls set closes_at = now() - interval '1 second' where line = ${run.place.line}`;
      await pauseLine(run, false);
      run.restart();
    },
    async act(run) {
      await run.minute();
    },
    ends: ["ended completed"],
  },
  {
    name: "a burst, and a person who releases what it holds",
    place: { rule: { burst: { calls: 1, in: "1h" } } },
    async stage(run) {
      await run.deliver();
      await run.rest();
      await run.tell();
    },
    async act(run) {
      await run.deliver();
      await run.rest();
      await run.decide(is("held"), (ports, { id }) => releaseCall(ports, id, by));
    },
    ends: ["ended completed", "ended completed"],
  },
  {
    name: "a later event that withdraws a waiting call",
    place: { rule: { withdraw: "data.solved == true" } },
    async stage(run) {
      await pauseLine(run, true);
      await run.deliver({ body: { solved: false } });
      await run.rest();
    },
    async act(run) {
      await run.deliver({ type: "order.solved", body: { solved: true } });
      await run.rest();
    },
    ends: ["canceled withdrawn"],
  },
  {
    name: "a person who cancels a waiting call",
    async stage(run) {
      await pauseLine(run, true);
      await run.deliver();
      await run.rest();
    },
    async act(run) {
      await run.decide(is("queued"), (ports, { id }) => cancelCall(ports, id, by));
    },
    ends: ["canceled canceled"],
  },
  {
    name: "a person who cancels a call that is being dialled, which cannot be called back",
    async stage(run) {
      run.lane.mihu.setFaults({ answer_latency_ms: 1_000 });
    },
    async act(run) {
      await run.deliver();
      // Looked for at once: a decision that finds no call waits for longer than Mihu's answer takes.
      for (let looks = 0, dialing = 0; dialing === 0 && looks < looksMax; looks++)
        dialing = (await run.lane.owner`select from calls where line = ${run.place.line} and status = 'dialing'`)
          .length;
      // Where a stop came first it may have gone further, and then it is only marked.
      await run.decide(
        ({ status }) => status !== "queued",
        async (ports, { id }) => {
          await cancelCall(ports, id, by);
          return { ok: true };
        },
      );
      await run.rest();
    },
    ends: ["ended completed"],
  },
  {
    name: "a person who cancels a call that rings, and with it the further try of its rule",
    place: { rule: { try_again: { on: ["busy"], after: ["1h"] } } },
    async stage(run) {
      run.lane.mihu.setFaults({ outcomes: { busy: 1 }, call_ms: 3_600_000 });
      await run.deliver();
      await run.rest();
    },
    async act(run) {
      await run.decide(is("placed"), (ports, { id }) => cancelCall(ports, id, by));
      await endCalls(run);
    },
    ends: ["ended busy", "canceled canceled"],
  },
  {
    name: "a person who looks at what waits and cancels all of it",
    async stage(run) {
      await pauseLine(run, true);
      await run.deliver();
      await run.deliver();
      await run.rest();
    },
    async act(run) {
      const { line } = run.place;
      await run.ask((ports) => planMany(ports, { verb: "cancel" }, { line }));
      await run.ask((ports) => decideMany(ports, { verb: "cancel" }, { line }, null, by));
    },
    ends: ["canceled canceled", "canceled canceled"],
  },
  {
    name: "a rule that is mended, and a person who replays what it did not want",
    async stage(run) {
      await run.deliver({ type: "order.forgotten" });
      await run.rest();
      const { owner } = run.lane;
      await owner`update rules set definition = definition || '{"on": ["order.issue", "order.forgotten"]}' where source = ${run.place.source}`;
    },
    async act(run) {
      const which = { filter: { source: run.place.source } };
      const asked = { which, after: null, rule: null, evenIfCalled: false };
      await run.ask((ports) => replay(ports, { ...asked, dryRun: true }, by));
      await run.ask((ports) => replay(ports, { ...asked, dryRun: false }, by));
      await run.minute();
      await run.tell();
    },
    ends: ["ended completed"],
  },
  {
    name: "a rule that is turned off while its calls wait, and a sweep that continues with it",
    async stage(run) {
      await pauseLine(run, true);
      for (let nth = 0; nth < 2; nth++) await run.deliver();
      await run.rest();
      await stopRule(run);
      await pauseLine(run, false);
    },
    async act(run) {
      await run.ask(async (ports) => {
        const ids = await ports.stops.pending(10);
        await stopCalls(
          ports,
          ids.map((id) => ({ id, lines: [run.place.line] })),
        );
      });
      await run.minute();
    },
    ends: ["canceled rule_off", "canceled rule_off"],
  },
  {
    name: "a person who stops the line, and lets it go on",
    async act(run) {
      const { line } = run.place;
      await run.ask((ports) => pauseNow(ports, line, by.reason, by.actor));
      await run.deliver();
      await run.rest();
      await run.ask((ports) => resumeNow(ports, line, by.reason, by.actor));
      await run.rest();
    },
    ends: ["ended completed"],
  },
  {
    name: "a database that went back to before the call was claimed, and a person who knows that it rang",
    async stage(run) {
      await run.deliver();
      await run.rest();
      await run.tell();
      await goBack(run);
    },
    async act(run) {
      await run.minute();
      await run.decide(is("review"), (ports, { id }) =>
        resolveCall(ports, id, { rang: true, conversation_uuid: run.rings()[0]?.conversation_uuid }, by.actor),
      );
    },
    ends: ["ended completed"],
  },
  {
    name: "an audit chain that went back, and a person who says that the database was restored",
    async stage(run) {
      await run.deliver();
      await run.rest();
      await run.tell();
      await run.minute();
      await cutChain(run);
    },
    async act(run) {
      await run.minute();
      await run.ask(({ notary }) => notary.state());
      await run.ask(({ notary }) => notary.restored(by.actor, by.reason));
    },
    ends: ["ended completed"],
  },
  {
    name: "a webhook that came while Postgres was away",
    async stage(run) {
      run.steps.lose("inbox.events.insert", "fails before it is done");
      await run.deliver();
      await run.rest();
    },
    async act(run) {
      await run.minute();
      await run.rest();
    },
    ends: ["ended completed"],
  },
  {
    name: "a call that is asked for directly",
    async act(run) {
      await run.request();
      await run.rest();
      await run.tell();
    },
    ends: ["ended completed"],
  },
  {
    name: "a call that continues for longer than a line waits before it asks",
    async stage(run) {
      run.lane.mihu.setFaults({ call_ms: 3_600_000 });
      await run.deliver();
      await run.rest();
      run.restart();
    },
    async act(run) {
      await run.pass();
      await run.sweep();
      await run.rest();
      await endCalls(run);
    },
    ends: ["ended completed"],
  },
  {
    name: "a webhook whose signature is not the source's",
    async act(run) {
      await run.deliver({ forged: true });
      await run.written();
    },
    ends: [],
  },
  {
    name: "an event that no rule wants",
    async stage(run) {
      await run.deliver();
      await run.rest();
      await run.tell();
    },
    async act(run) {
      await run.deliver({ type: "order.read" });
      await run.rest();
    },
    ends: ["ended completed"],
  },
];

/** Another system of the same workspace rings the same number with the same agent at this moment. */
async function someoneElseRings({ lane, place }: Run): Promise<void> {
  const answer = await fetch(`${lane.mihu.url}/__conversations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ agentId: place.agent, number: place.number }),
  });
  if (!answer.ok) throw new Error(`the simulator made no conversation: ${answer.status}`);
}

/** A backup of before the claim is put back: the call waits again, and nothing is known of what became of it. */
async function goBack({ lane, place }: Run): Promise<void> {
  const { owner } = lane;
  await owner`update calls set status = 'queued', outcome = null, outcome_raw = null, claimed_at = null, claim_seq = null,
    lease_until = null, slot_until = null, placed_at = null, ended_at = null, duration_s = null, summary = null,
    recording_url = null, conversation_uuid = null, contact_uuid = null, mihu_id = null, listen_url = null, record_url = null,
    poll_at = null, polls = 0 where line = ${place.line}`;
  await owner`delete from entries where subject = 'call' and action <> 'queued'
    and subject_id in (select id::text from calls where line = ${place.line})`;
  await owner`update lines set claim_seq = 0 where slug = ${place.line}`;
}

/** The newest link is gone, and the head that signed it. */
async function cutChain({ lane: { owner } }: Run): Promise<void> {
  const last = owner`select max(position) from links`;
  await owner`delete from heads where position >= (${last})`;
  await owner`delete from links where position >= (${last})`;
}

/** The rule is turned off: this much of it is committed at once. */
async function stopRule({ lane, place }: Run): Promise<void> {
  await lane.owner`insert into stops (source, rule, reason, actor, at)
    select distinct source, rule, 'rule_off', 'test', clock_timestamp() from calls where line = ${place.line}`;
}

async function endCalls({ lane }: Run): Promise<void> {
  const answer = await fetch(`${lane.mihu.url}/__end`, { method: "POST", body: "{}" });
  if (!answer.ok) throw new Error(`the simulator ended no call: ${answer.status}`);
}

async function pauseLine({ lane, place }: Run, paused: boolean): Promise<void> {
  await lane.owner`update lines set paused_at = ${paused ? lane.owner`now()` : null},
    pause_reason = ${paused ? "paused_by_person" : null} where slug = ${place.line}`;
}
