/** A held call leaves by what was shown, or by today's version of its rule, once somebody has seen the difference. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { planEvents } from "../../../src/flows/planning/plan.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { eventStores } from "../world/events.ts";
import { newEvent, numberOf } from "../world/world.ts";

let api: Beside["api"];
let owner: Beside["owner"];
let client: Beside["client"];
let beside: Beside;
beforeAll(async () => {
  beside = await serviceBeside();
  ({ api, owner, client } = beside);
  await api.ask("PUT", "/v1/lines/wide", { agent: "a", countries: ["US"] });
});
afterAll(async () => {
  await beside.close();
});

const clock = { now: () => Date.now() };
const callMe = {
  mode: "live",
  line: "wide",
  number: "{{ data.phone }}",
  about: "Order {{ data.id }}.",
  on: ["orders/updated"],
};

let slugs = 0;
let numbers = 0;
/** A source of its own, with one rule. */
async function shop(rule: object | null = {}) {
  const source = `shop-${++slugs}`;
  await api.ask("PUT", `/v1/sources/${source}`, {
    preset: "generic",
    country: "US",
    secrets: ["a-secret-of-this-test-alone"],
  });
  const save = async (more: object, name = "call-me") => {
    const saved = await api.ask("PUT", `/v1/sources/${source}/rules/${name}`, { ...callMe, ...more });
    if (saved.status > 201) throw new Error(JSON.stringify(saved.json));
  };
  if (rule !== null) await save(rule);
  return {
    source,
    save,
    /** Accepts events and plans them by the rules of now. @returns their ids */
    async send(count = 1, more: Parameters<typeof newEvent>[0] = {}, planned = true) {
      const store = eventStores(client, 5_000);
      const events = await Promise.all(
        Array.from({ length: count }, () =>
          newEvent({
            id: randomUUID(),
            source,
            body: JSON.stringify({ id: 1, phone: numberOf(numbers++ % 8_900) }),
            ...more,
          }),
        ),
      );
      await store.accept(source, events);
      if (planned) await this.plan();
      return events.map(({ id }) => id);
    },
    async plan() {
      const store = eventStores(client, 5_000);
      const sources = sourceStore(client.sql);
      const [copy, { lines }] = [await sources.copy(source), await sources.lines()];
      if (copy === null) throw new Error("no source");
      const view = {
        source: copy,
        rules: compileRules(copy.rules),
        lines: new Map(lines.map((line) => [line.slug, line])),
      };
      await planEvents({ clock, events: store }, view, await store.unplanned(source, 1_000));
    },
    calls:
      () => owner`select id, event_id, rule, try, status, reason, again_of, again_reason from calls where source = ${source}
      order by created_at, event_id, rule, try`,
  };
}

const hold = { ...callMe, about: "Order {{ data.nmae }}.", burst: { calls: 1_000, in: "1h" } };
const mended = { about: "Order {{ data.id }}.", greeting: "Hello." };
/** A call that is held for a text that is incomplete, and its source. */
async function held(rule: object = {}) {
  const acme = await shop({ ...hold, ...rule });
  await acme.send();
  const [call] = await acme.calls();
  return { acme, id: String(call?.id), event: String(call?.event_id) };
}
const post = (id: string, body: object) => api.ask("POST", `/v1/calls/${id}/release`, body);
const newest = (rule_version: number) => ({ render: "newest", rule_version, reason: "mended" });

describe("a held call", () => {
  test("that lacks a text is not released as shown, and the answer says the way out", async () => {
    const { id } = await held();
    const answer = await post(id, {});
    expect([answer.status, answer.json.reason]).toEqual([409, "placeholder"]);
    expect(answer.json.detail).toContain("render `newest`");
  });

  test("shows the difference first, rings by the version that was seen, and both versions stand in its entry", async () => {
    const { acme, id } = await held();
    await acme.save(mended);
    const shown = await post(id, { render: "newest", dry_run: true });
    expect(shown.json).toMatchObject({ rule_version: 1, newest_version: 2, would: "ring", reason: null });
    expect(shown.json.differences).toEqual([
      { field: "rule_version", from: 1, to: 2 },
      { field: "about", from: null, to: expect.stringContaining("Order 1.") },
      { field: "greeting", from: null, to: "Hello." },
    ]);
    expect((await acme.calls())[0]).toMatchObject({ status: "held" });
    const before = await owner`select content from calls where id = ${id}`;
    const done = await post(id, newest(2));
    expect(done.status).toBe(202);
    expect(done.json).toMatchObject({ status: "queued", rule_version: 2, greeting: "Hello.", reason: null });
    const [entry] = await owner`select actor, data from entries where subject_id = ${id} and action = 'released'`;
    const [row] = await owner`select content from calls where id = ${id}`;
    expect(entry?.data).toMatchObject({
      ...{ render: "newest", rule_version: 2, rule_version_before: 1, reason: "mended" },
      ...{ content: row?.content, content_before: before[0]?.content },
    });
    expect(row?.content).not.toBe(before[0]?.content);
  });

  test("is not released by a version that is not today's: 409, and nothing is changed", async () => {
    const { acme, id } = await held();
    await acme.save(mended);
    await acme.save({ ...mended, greeting: "Hi." });
    for (const version of [1, 2, 4]) {
      const answer = await post(id, newest(version));
      expect([answer.status, answer.json.code]).toEqual([409, "rule_changed"]);
    }
    expect((await acme.calls())[0]).toMatchObject({ status: "held" });
    expect((await post(id, { render: "newest", reason: "x" })).status).toBe(422);
    expect((await post(id, { render: "oldest" })).status).toBe(422);
  });

  test.each([
    ["whose rule is off", { mode: "off" }, "rule_off"],
    ["whose rule only looks", { mode: "shadow" }, "shadow"],
    ["that still lacks a text", { about: "{{ data.other }}" }, "placeholder"],
    ["whose number cannot be read", { number: "{{ data.id }}" }, "no_number"],
    ["that the rule does not want any more", { when: "data.id == 2" }, "condition_false"],
    ["of a type that the rule does not name any more", { on: ["orders/paid"] }, "type_not_asked"],
  ])("%s by today's version stays held, with the reason", async (_, change, reason) => {
    const { acme, id } = await held();
    await acme.save({ ...mended, ...change });
    const answer = await post(id, newest(2));
    expect([answer.status, answer.json.reason]).toEqual([409, reason]);
    expect((await post(id, { render: "newest", dry_run: true })).json).toMatchObject({ would: "stay held", reason });
    expect((await acme.calls())[0]).toMatchObject({ status: "held" });
  });

  test("is asked once_per and suppression again, of the number that it would ring now", async () => {
    const { acme, id } = await held();
    const other = numberOf(8_950);
    await api.ask("POST", "/v1/suppressions", { number: other, reason: "asked us" });
    await acme.save({ ...mended, number: other });
    expect((await post(id, newest(2))).json.reason).toBe("suppressed");
    const once_per = { key: "{{ data.id }}", in: "30d" };
    await acme.save({ ...mended, once_per });
    await acme.send();
    expect((await post(id, newest(3))).json.reason).toBe("once_per");
  });

  test("whose rule is gone, or that a person asked for directly, says that there is nothing newer", async () => {
    const { acme, id } = await held();
    await api.ask("DELETE", `/v1/sources/${acme.source}/rules/call-me`);
    expect((await post(id, newest(1))).json.reason).toBe("rule_gone");
  });

  test("many are released so by one decision: the versions of the plan are given back, and one that is older releases none", async () => {
    const acme = await shop(hold);
    await acme.send(3);
    await acme.save(mended);
    const asked = { filter: { source: acme.source, status: "held" }, reason: "mended", render: "newest" };
    const plan = await api.ask("POST", "/v1/calls/release", { ...asked, dry_run: true });
    const name = `${acme.source}/call-me`;
    expect(plan.json).toMatchObject({ matching: 3, stopped: [], rule_versions: { [name]: 2 } });
    expect(plan.json.differences).toHaveLength(3);
    expect((await api.ask("POST", "/v1/calls/release", asked)).status).toBe(422);
    await acme.save({ ...mended, greeting: "Hi." });
    const late = await api.ask("POST", "/v1/calls/release", { ...asked, rule_versions: plan.json.rule_versions });
    expect(late.json).toMatchObject({ done: 0, skipped: [{ reason: "rule_changed", count: 3 }] });
    const done = await api.ask("POST", "/v1/calls/release", { ...asked, rule_versions: { [name]: 3 } });
    expect(done.json).toMatchObject({ done: 3, skipped: [] });
    expect((await acme.calls()).map(({ status }) => status)).toEqual(["queued", "queued", "queued"]);
  });
});
