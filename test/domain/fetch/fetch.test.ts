import { describe, expect, it } from "vitest";
import type { PlannableEvent } from "../../../src/domain/events/event.ts";
import { type FetchAnswer, fetchesOf, judgeFetch } from "../../../src/domain/fetch/fetch.ts";
import { foreseenEnd } from "../../../src/domain/plan/foreseen-end.ts";
import { contextOf, planEvent } from "../../../src/domain/plan/plan.ts";
import type { RuleDefinition } from "../../../src/domain/rules/rule.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";

const fetchSlowPausesMs = [60_000, 300_000, 900_000, 3_600_000, 7_200_000] as const;
const fetchPausesMs = [5_000, 30_000, 120_000, 600_000, 1_800_000] as const;
const now = Date.parse("2026-03-02T18:00:00Z");
const status = (code: number, retryAfterMs: number | null = null): FetchAnswer => ({
  kind: "status",
  status: code,
  retryAfterMs,
});
const failed = { do: "give_up", reason: "fetch_failed" };
const again = (afterMs: number, problem = false) => ({ do: "try_again", afterMs, problem });

describe("what an answer of the sender's API means", () => {
  it.each<[string, FetchAnswer, number, object]>([
    ["the record", { kind: "found", value: { id: 1 } }, 0, { do: "keep", value: { id: 1 } }],
    ["404", status(404), 0, { do: "give_up", reason: "record_missing" }],
    ["410", status(410), 3, { do: "give_up", reason: "record_missing" }],
    ["an id that is none", { kind: "id_invalid", path: "data.id" }, 0, { do: "give_up", reason: "fetch_id_invalid" }],
    ["a name that nobody knows", { kind: "unknown" }, 0, failed],
    ["an answer without end", { kind: "too_large" }, 0, failed],
    ["400", status(400), 0, failed],
    ["422", status(422), 0, failed],
    ["401", status(401), 0, { do: "hold", forMs: 60_000, problem: true }],
    ["401 after many", status(401), 99, { do: "hold", forMs: 60_000, problem: true }],
    ["403", status(403), 0, again(fetchSlowPausesMs[0], true)],
    ["403 at last", status(403), fetchSlowPausesMs.length, failed],
    ["429 with a wait", status(429, 7_000), 0, { do: "hold", forMs: 7_000, problem: false }],
    ["429 without one", status(429), 9, { do: "hold", forMs: 10_000, problem: false }],
    ["429 for a day", status(429, 86_400_000), 0, { do: "hold", forMs: 3_600_000, problem: false }],
    ["429 for no time", status(429, 0), 0, { do: "hold", forMs: 1_000, problem: false }],
    ["503 with a wait", status(503, 3_000), 0, { do: "hold", forMs: 3_000, problem: false }],
    ["503 without one", status(503), 0, again(fetchPausesMs[0])],
    ["500", status(500), 1, again(fetchPausesMs[1])],
    ["408", status(408), 0, again(fetchPausesMs[0])],
    ["a redirect", status(302), 0, again(fetchPausesMs[0])],
    ["a page of HTML", { kind: "unreadable" }, 2, again(fetchPausesMs[2])],
    ["nothing in time", { kind: "timeout" }, 3, again(fetchPausesMs[3])],
    ["a lost connection", { kind: "lost" }, 4, again(fetchPausesMs[4])],
    ["a lost connection at last", { kind: "lost" }, fetchPausesMs.length, failed],
    ["500 at last", status(500), fetchPausesMs.length, failed],
  ])("%s", (_, answer, tries, verdict) => {
    expect(judgeFetch(answer, tries, 0)).toEqual(verdict);
  });

  it("a limit that never ends is one at last", () => {
    expect(judgeFetch(status(429, 5_000), 0, 86_400_001)).toEqual(failed);
  });
});

const good: RuleDefinition = {
  mode: "live",
  on: ["ticket.propertyChange"],
  line: "support-en",
  number: "{{ record.contact.properties.phone }}",
  about: "Their ticket is {{ record.ticket.properties.subject }}.",
  fetch: ["ticket", "contact"],
};
const event: PlannableEvent = {
  id: "e1",
  source: "crm",
  externalId: "1",
  type: "ticket.propertyChange",
  occurredAt: null,
  receivedAt: now,
  record: { type: "ticket", id: "7" },
  data: { objectId: 7, propertyValue: "3" },
};
const rulesOf = (...definitions: RuleDefinition[]) =>
  compileRules(definitions.map((definition, index) => ({ name: `rule-${index}`, version: 1, definition })));
const wanted = (definition: Partial<RuleDefinition>, one: Partial<PlannableEvent> = {}) => {
  const whole = { ...event, ...one };
  return fetchesOf(rulesOf({ ...good, ...definition }), whole, () => contextOf(whole, "crm", whole.data));
};

describe("what is fetched for an event", () => {
  it.each<[string, Partial<RuleDefinition>, string[]]>([
    ["what its rule names", {}, ["ticket", "contact"]],
    ["nothing for a rule that names nothing", { fetch: [] }, []],
    ["nothing for a rule that is off", { mode: "off" }, []],
    ["nothing for a type that is not asked for", { on: ["deal.creation"] }, []],
    ["nothing where the event's own payload says no", { when: 'data.propertyValue == "4"' }, []],
    [
      "nothing where one part of the condition says no",
      { when: 'record.ticket.id == "7" && data.propertyValue == "4"' },
      [],
    ],
    [
      "all of it where that part says yes",
      { when: 'record.ticket.id == "8" && data.propertyValue == "3"' },
      ["ticket", "contact"],
    ],
    ["all of it where the condition needs it", { when: "has(record.ticket)" }, ["ticket", "contact"]],
    ["all of it where the payload's part cannot be decided", { when: "data.nothing == 1" }, ["ticket", "contact"]],
    [
      "all of it for a rule that withdraws by it",
      { when: 'data.propertyValue == "4"', withdraw: 'record.ticket.stage == "4"' },
      ["ticket", "contact"],
    ],
  ])("is %s", (_, definition, names) => {
    expect(wanted(definition)).toEqual(names);
  });

  it("is what the source's rules have fetched, where a rule says nothing", () => {
    const { fetch: _, ...silent } = good;
    const rules = compileRules([{ name: "one", version: 1, definition: silent }], ["ticket"]);
    expect(fetchesOf(rules, event, () => contextOf(event, "crm", event.data))).toEqual(["ticket"]);
  });

  it("is fetched once for all rules that want it", () => {
    const rules = rulesOf({ ...good, fetch: ["ticket"] }, { ...good, fetch: ["contact", "ticket"] });
    expect(fetchesOf(rules, event, () => contextOf(event, "crm", event.data))).toEqual(["ticket", "contact"]);
  });
});

describe("an end that is foreseen", () => {
  const foreseen = (definition: Partial<RuleDefinition>) =>
    foreseenEnd(rulesOf({ ...good, ...definition }), event, () => contextOf(event, "crm", event.data));
  it.each<[string, Partial<RuleDefinition>, string | null]>([
    ["not by what is still to be fetched", { when: "has(record.ticket)" }, null],
    ["not by a withdrawal that is", { when: 'data.propertyValue == "4"', withdraw: "has(record.ticket)" }, null],
    ["by the payload's own part", { when: 'has(record.ticket) && data.propertyValue == "4"' }, "no_rule_matched"],
    ["by the type", { on: ["deal.creation"] }, "no_rule_matched"],
  ])("is so %s", (_, definition, reason) => {
    expect(foreseen(definition)).toBe(reason);
  });
});

describe("a plan of an event whose record could not be fetched", () => {
  const line = { slug: "support-en", countries: ["US"], hours: null };
  const lines = new Map([["support-en", line as never]]);
  const source = { slug: "crm", country: "US", zone: null };
  const lost = { fetch: "contact", reason: "fetch_failed", status: 503, problem: null, path: null, tries: 6 } as const;
  const plan = (definitions: RuleDefinition[], one: Partial<PlannableEvent>) =>
    planEvent({ ...event, ...one }, rulesOf(...definitions), { source, lines, nowMs: now });

  it("is a call that was skipped, with what was asked and answered", () => {
    const [call] = plan([good], { fetched: { ticket: {} }, unfetched: [lost] }).calls;
    expect(call).toMatchObject({
      status: "skipped",
      reason: "fetch_failed",
      detail: { fetch: "contact", status: 503, tries: 6 },
    });
  });

  it("is nothing to a rule that the payload decides against, and takes the event from no other rule", () => {
    const other = { ...good, fetch: [], number: "+14155550100", about: "It is about a ticket." };
    const made = plan([good, { ...good, when: 'data.propertyValue == "4"' }, other], { unfetched: [lost] });
    expect(made.calls.map(({ rule, status }) => `${rule} ${status}`)).toEqual(["rule-0 skipped", "rule-2 queued"]);
  });

  it("reads what was fetched as `record`", () => {
    const fetched = {
      ticket: { properties: { subject: "Cracked lid" } },
      contact: { properties: { phone: "+14155550100" } },
    };
    const made = plan([good], { fetched });
    expect(made.calls[0]).toMatchObject({
      status: "queued",
      number: "+14155550100",
      about: expect.stringContaining("Cracked lid"),
    });
  });
});
