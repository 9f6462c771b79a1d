/** A person who lets a call ring sees, before and after, that the call's rule or source would not make it now. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { eventStores } from "../world/events.ts";
import { draft, newEvent, numberOf, planOf } from "../world/world.ts";

let api: Beside["api"];
let owner: Beside["owner"];
let client: Beside["client"];
let beside: Beside;
beforeAll(async () => {
  beside = await serviceBeside({}, 1);
  ({ api, owner, client } = beside);
  await api.ask("PUT", "/v1/lines/sales", { agent: "a", countries: ["US"] });
});
afterAll(async () => {
  await beside.close();
});

const rule = { number: "{{ data.phone }}", about: "Order {{ data.id }}.", line: "sales", test_number: "+14155550199" };
let serial = 0;

/** A source whose live rule has held calls. */
async function shop(count = 1) {
  const source = `anyway-${++serial}`;
  const path = `/v1/sources/${source}`;
  const put = () =>
    api.ask("PUT", path, { preset: "generic", country: "US", secrets: ["a-secret-of-this-test-alone"] });
  const save = (mode: string) => api.ask("PUT", `${path}/rules/call-me`, { ...rule, mode });
  await put();
  expect((await save("live")).status).toBe(201);
  const events = eventStores(client, 5_000);
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const event = await newEvent({ id: randomUUID(), source });
    await events.accept(source, [event]);
    const held = draft({ line: "sales", number: numberOf(serial++), status: "held", reason: "burst" });
    await events.plan([planOf(event, held)]);
    const [row] = await owner`select id from calls where event_id = ${event.id}`;
    ids.push(row?.id);
  }
  const warnings = async (id = ids[0]) => (await api.ask("GET", `/v1/calls/${id}`)).json.warnings;
  const release = (body: object = { reason: "it is good" }) => api.ask("POST", `/v1/calls/${ids[0]}/release`, body);
  return { source, path, ids, put, save, warnings, release };
}
const warned = (reason: string, fact: string) => [{ reason, sentence: expect.stringContaining(fact) }];

describe("a held call whose rule or source makes no such calls any more", () => {
  test.each<[string, (at: Awaited<ReturnType<typeof shop>>) => Promise<unknown>, string, string]>([
    ["off", (at) => at.save("off"), "anyway_rule_off", 'The rule "call-me" is off.'],
    ["in shadow mode", (at) => at.save("shadow"), "anyway_rule_off", 'The rule "call-me" is in shadow mode.'],
    ["in test mode", (at) => at.save("test"), "anyway_rule_off", 'The rule "call-me" is in test mode.'],
    [
      "removed",
      (at) => api.ask("DELETE", `${at.path}/rules/call-me`),
      "anyway_rule_off",
      'The rule "call-me" was removed.',
    ],
    ["of a closed source", (at) => api.ask("DELETE", at.path), "anyway_closed", " is closed."],
  ])("is shown with a warning before and after its release: %s", async (_, change, reason, fact) => {
    const at = await shop();
    expect(await at.warnings()).toEqual([]);
    await change(at);
    expect(await at.warnings()).toEqual(warned(reason, fact));
    const [listed] = (await api.ask("GET", `/v1/calls?source=${at.source}`)).json.data;
    expect(listed.warnings).toEqual(warned(reason, fact));
    expect((await at.release({ reason: "x", dry_run: true })).json.warnings).toEqual(warned(reason, fact));
    const { status, json } = await at.release();
    expect([status, json.status, json.warnings]).toEqual([202, "queued", warned(reason, fact)]);
    expect(await at.warnings()).toEqual(warned(reason, fact));
  });

  test("has no warning once the rule is live again, or if something stops it after its release", async () => {
    const at = await shop();
    await at.save("off");
    await at.save("live");
    expect(await at.warnings()).toEqual([]);
    expect((await at.release()).json.warnings).toEqual([]);
    await at.save("off");
    expect(await at.warnings()).toEqual([]);
  });

  test("is counted by the bulk release, before and after", async () => {
    const at = await shop(3);
    await at.save("off");
    const counted = [{ ...warned("anyway_rule_off", 'The rule "call-me" is off.')[0], count: 3 }];
    const body = { filter: { source: at.source, status: "held" }, reason: "they are good" };
    const plan = await api.ask("POST", "/v1/calls/release", { ...body, dry_run: true });
    expect([plan.json.matching, plan.json.warnings]).toEqual([3, counted]);
    // By today's rule none of them rings, so nobody is warned.
    const newest = await api.ask("POST", "/v1/calls/release", { ...body, render: "newest", dry_run: true });
    expect(newest.json).toMatchObject({ skipped: [{ reason: "rule_off", count: 3 }], warnings: [] });
    const canceled = await api.ask("POST", "/v1/calls/cancel", { ...body, dry_run: true });
    expect(canceled.json.warnings).toBeUndefined();
    const done = await api.ask("POST", "/v1/calls/release", body);
    expect([done.json.done, done.json.warnings]).toEqual([3, counted]);
  });
});
