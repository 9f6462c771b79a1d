/** Calls that an inbox of an earlier version queues by a rule as it was before a stop, after the stop was answered. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { olderCopyMs } from "../../../src/domain/limits.ts";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import { advanceStops } from "../../../src/flows/calling/stop-calls.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { callStores } from "../world/calls.ts";
import { eventStores } from "../world/events.ts";
import { draft, newEvent, numberOf, planOf } from "../world/world.ts";

let api: Beside["api"];
let owner: Beside["owner"];
let client: Beside["client"];
let beside: Beside;
beforeAll(async () => {
  beside = await serviceBeside({}, 1);
  ({ api, owner, client } = beside);
  const line = { agent: "a", countries: ["US"], calls_per_minute: 1_000, calls_at_once: 1_000 };
  expect((await api.ask("PUT", "/v1/lines/line-a", line)).status).toBe(201);
});
afterAll(async () => {
  await beside.close();
});

let source = "";
let serial = 0;
const put = () =>
  api.ask("PUT", `/v1/sources/${source}`, {
    preset: "generic",
    country: "US",
    secrets: ["a-secret-of-this-test-alone"],
  });
/** Saves a version of the rule. */
const save = (mode: string) =>
  api.ask("PUT", `/v1/sources/${source}/rules/call-me`, {
    ...{ number: "{{ data.phone }}", about: "Order {{ data.id }}.", line: "line-a" },
    mode,
  });
beforeEach(async () => {
  source = `late-${++serial}`;
  await put();
  expect((await save("live")).status).toBe(201);
});

/** Queues a call as an inbox does that plans by this version of the rule. @returns its number */
async function planBy(ruleVersion: number, deviation: Partial<CallDraft> = {}): Promise<string> {
  const number = numberOf(++serial);
  const event = await newEvent({ id: randomUUID(), source });
  const events = eventStores(client, 5_000);
  await events.accept(source, [event], { sourceVersion: 0, ends: new Map() });
  await events.plan([planOf(event, draft({ number, ruleVersion, ...deviation }))]);
  return number;
}
async function claimed(): Promise<string[]> {
  const calls = callStores(() => client.sql());
  return (await calls.claim("line-a", (await calls.claimSeq("line-a")) ?? 0, 64)).calls.map(({ number }) => number);
}
const stateOf = async (number: string) =>
  (await owner`select status, reason from calls where number = ${number} order by created_at desc limit 1`)[0];
const sweep = () => advanceStops(stopStore(api.sql), () => {});
const rows = async () => (await owner`select from stops where source = ${source}`).length;

test("a call that is planned by a rule as it was before it was turned off is not rung, and is canceled", async () => {
  expect((await save("off")).status).toBe(200);
  const late = await planBy(1);
  expect(await claimed()).toEqual([]);
  await sweep();
  expect(await stateOf(late)).toEqual({ status: "canceled", reason: "rule_off" });
});

test("it is not rung after the rule is turned on again, and those of the new version are", async () => {
  await save("off");
  const late = await planBy(1);
  await save("live");
  const later = await planBy(3);
  expect(await claimed()).toEqual([later]);
  await sweep();
  expect(await stateOf(late)).toEqual({ status: "canceled", reason: "rule_off" });
  // An edit of the rule stops nothing of the version before it.
  const before = await planBy(3);
  await save("live");
  await sweep();
  expect(await claimed()).toEqual([before]);
});

test("a held call that a person releases after the stop rings", async () => {
  await save("off");
  const number = await planBy(1);
  await owner`update calls set released_at = now() where number = ${number}`;
  await sweep();
  expect(await claimed()).toEqual([number]);
});

test("a source that is closed stops such a call while it is closed, and none after it is open again", async () => {
  expect((await api.ask("DELETE", `/v1/sources/${source}`)).status).toBe(200);
  // The inbox of an earlier version does not know that it is closed.
  await owner`update sources set disconnected_at = null where slug = ${source}`;
  const late = await planBy(1);
  await owner`update sources set disconnected_at = now() where slug = ${source}`;
  expect(await claimed()).toEqual([]);
  await sweep();
  expect(await stateOf(late)).toEqual({ status: "canceled", reason: "source_closed" });
  await put();
  const [rule] = await owner<[{ version: number }]>`
    select version from rules where source = ${source} and name = 'call-me' and current`;
  const after = await planBy(rule?.version ?? 1);
  expect(await claimed()).toEqual([after]);
});

test("the stop's row goes when no inbox can have such a rule any more", async () => {
  await save("off");
  await sweep();
  expect(await rows()).toBe(1);
  await owner`update stops set at = at - ${2 * olderCopyMs} * interval '1 millisecond' where source = ${source}`;
  await sweep();
  expect(await rows()).toBe(0);
});
