/** What becomes of events whose records are fetched: the flow over ports that hold plain values. */
import { describe, expect, it } from "vitest";
import type { FetchAnswer } from "../../../src/domain/fetch/fetch.ts";
import type { EventPlan } from "../../../src/domain/plan/plan.ts";
import type { RuleDefinition } from "../../../src/domain/rules/rule.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { type FetchPorts, fetchDue } from "../../../src/flows/planning/fetch.ts";
import type { PlanView } from "../../../src/flows/planning/plan.ts";
import type { Postponed, WaitingEvent } from "../../../src/ports/planning/records.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";
import { port } from "../ports.ts";

const rule: RuleDefinition = {
  mode: "live",
  line: "support-en",
  number: "{{ record.ticket.phone }}",
  about: "A ticket.",
  fetch: ["ticket"],
};
const copy: SourceCopy = {
  ...{ slug: "crm", version: 1, shards: 1, preset: "generic", tenant: null, country: "US", zone: null, settings: {} },
  ...{ orderNumber: null, recordType: null, recordId: null, secrets: [], rules: [] },
};
const view = (fetch: string[] = ["ticket"]): PlanView => ({
  source: copy,
  rules: compileRules([{ name: "call-me", version: 1, definition: { ...rule, fetch } }]),
  lines: new Map(),
});

const status = (code: number, retryAfterMs: number | null = null): FetchAnswer => ({
  kind: "status",
  status: code,
  retryAfterMs,
});
const found: FetchAnswer = { kind: "found", value: { phone: "+14155550100" } };

/** Runs events, each with the answer to its GET; what was never asked for stays `null`. */
async function run(
  answers: FetchAnswer[],
  more: { problem?: "credential_missing"; stepMs?: number; view?: PlanView } = {},
) {
  const plans: EventPlan[] = [];
  const postponed: Postponed[] = [];
  const notes: unknown[] = [];
  const reports: unknown[] = [];
  const asked: string[] = [];
  const clock = { at: 1_000_000, now: () => clock.at };
  let left: WaitingEvent[] = answers.map((_, index) => ({
    ...{ id: String(index), source: "crm", externalId: null, type: "ticket", occurredAt: null, record: null },
    ...{ receivedAt: clock.at, body: JSON.stringify({ id: index }), fetchTries: 0 },
  }));
  const ports: FetchPorts = {
    clock,
    events: port<FetchPorts["events"]>({
      plan: async (some) => {
        plans.push(...some);
        return [];
      },
      refuses: () => false,
      claimFetches: async () => left.splice(0),
      postponeFetches: async (_, some) => void postponed.push(...some),
      nextFetch: async () => null,
      noteFetching: async (_, problem, holdMs, report) => {
        notes.push([problem, holdMs]);
        reports.push(report);
      },
    }),
    records: {
      open: async () =>
        more.problem === undefined
          ? {
              ok: true,
              api: {
                inOrder: (names) => [...names],
                get: async (_, { data }) => {
                  const { id } = data as { id: number };
                  asked.push(String(id));
                  clock.at += more.stepMs ?? 0;
                  return answers[id] ?? found;
                },
              },
            }
          : { ok: false, problem: more.problem },
    },
  };
  await fetchDue(ports, "crm", async () => more.view ?? view(), clock.at + 60_000);
  left = [];
  return { planned: plans.map(({ eventId }) => eventId), plans, postponed, notes, reports, asked };
}

describe("events whose records are fetched", () => {
  it("are planned when no rule wants anything fetched any more, and then the source has no problem with it either", async () => {
    const { planned, notes, asked } = await run([found, found], { view: view([]) });
    expect([planned, asked]).toEqual([["0", "1"], []]);
    expect(notes).toEqual([[null, 0]]);
  });

  it("are planned in the order in which they came, with what was fetched", async () => {
    const { planned, plans, postponed, notes } = await run([found, found, found]);
    expect(planned).toEqual(["0", "1", "2"]);
    expect(plans[0]?.fetched).toEqual({ ticket: { phone: "+14155550100" } });
    expect([postponed, notes]).toEqual([[], [[null, 0]]]);
  });

  it("stand in nobody's way while they are tried again", async () => {
    const { planned, postponed } = await run([status(500), found, { kind: "timeout" }, found]);
    expect(planned).toEqual(["1", "3"]);
    expect(postponed).toEqual([
      { id: "0", afterMs: 5_000, why: { fetch: "ticket", status: 500, problem: null } },
      { id: "2", afterMs: 5_000, why: { fetch: "ticket", status: null, problem: "timeout" } },
    ]);
  });

  it("wait together where the sender asks for time, and none of them has had its try", async () => {
    const { planned, postponed, notes, asked } = await run([
      status(429, 7_000),
      ...Array.from({ length: 20 }, () => found),
    ]);
    expect(asked.length).toBeLessThanOrEqual(4);
    expect(planned.length + postponed.length).toBe(21);
    expect(postponed.every(({ afterMs, why }) => afterMs === 0 && why === undefined)).toBe(true);
    expect(notes).toEqual([["fetch_limited", 7_000]]);
  });

  it("wait together where the credential is refused, and that is told", async () => {
    const { postponed, notes } = await run([status(401)]);
    expect([postponed, notes]).toEqual([[{ id: "0", afterMs: 0 }], [["credential_refused", 60_000]]]);
  });

  it("one record that is kept from us is its own affair, all of them are the source's", async () => {
    const one = await run([status(403), found]);
    expect([one.planned, one.notes]).toEqual([["1"], [["fetch_failing", 0]]]);
    expect(one.postponed).toMatchObject([{ id: "0", afterMs: 60_000 }]);
    const all = await run([status(403), status(403)]);
    expect(all.notes).toEqual([["credential_refused", 0]]);
  });

  it("wait where there is no credential, and nothing is asked", async () => {
    const { asked, planned, postponed, notes } = await run([found, found], { problem: "credential_missing" });
    expect([asked, planned, notes]).toEqual([[], [], [["credential_missing", 60_000]]]);
    expect(postponed).toEqual([
      { id: "0", afterMs: 0 },
      { id: "1", afterMs: 0 },
    ]);
  });

  it("that need nothing any more are planned without asking", async () => {
    const { asked, planned } = await run([found], { view: view([]), problem: "credential_missing" });
    expect([asked, planned]).toEqual([[], ["0"]]);
  });

  it("that there is no time for are let go of, and are not theirs to wait for", async () => {
    const { asked, planned, postponed } = await run(
      Array.from({ length: 30 }, () => found),
      { stepMs: 3_000 },
    );
    expect(asked.length).toBeLessThan(12);
    expect(planned.length + postponed.length).toBe(30);
  });

  it("are planned with a reason where the record is gone, or is one too many", async () => {
    const gone = await run([status(404)]);
    expect(gone.plans[0]?.calls[0]).toMatchObject({
      reason: "record_missing",
      detail: { fetch: "ticket", status: 404, tries: 1 },
    });
    const many = await run([found], { view: view(["ticket", "b", "c", "d"]) });
    expect(many.plans[0]?.calls[0]).toMatchObject({
      reason: "fetch_failed",
      detail: { fetch: "d", problem: "too_many" },
    });
  });
});

describe("what a round tells of the sender's API", () => {
  const timeout: FetchAnswer = { kind: "timeout" };
  const lost: FetchAnswer = { kind: "lost" };
  const page: FetchAnswer = { kind: "unreadable" };
  it.each<[string, FetchAnswer[], string | null, number, object | null]>([
    ["it gives all records", [found, found], null, 0, null],
    ["it fails", [status(500)], "fetch_failing", 1, { status: 500, problem: null }],
    ["it answers with its gateway's page", [page, page], "fetch_failing", 2, { status: null, problem: "unreadable" }],
    ["it cannot be reached", [lost], "fetch_failing", 1, { status: null, problem: "lost" }],
    ["it is silent", [timeout], "fetch_failing", 1, { status: null, problem: "timeout" }],
    ["it redirects", [status(302)], "fetch_failing", 1, { status: 302, problem: null }],
    ["one record fails and waits", [found, status(503)], "fetch_failing", 1, { status: 503, problem: null }],
    ["it refuses every request for good", [status(400)], "fetch_failing", 1, { status: 400, problem: null }],
    ["it refuses one request for good, and gives others", [status(400), found], null, 0, null],
    ["its answers are too large", [{ kind: "too_large" }], "fetch_failing", 1, { status: null, problem: "too_large" }],
    ["it is busy", [status(503, 9_000)], "fetch_limited", 1, { status: 503, problem: null }],
    ["it refuses the credential", [status(401)], "credential_refused", 1, { status: 401, problem: null }],
  ])("%s", async (_, answers, problem, failures, answer) => {
    const { notes, reports } = await run(answers);
    expect(notes).toEqual([[problem, expect.any(Number)]]);
    const said = answer === null ? null : { fetch: "ticket", ...answer };
    expect(reports).toEqual([{ problem, holdMs: expect.any(Number), failures, answer: said, sourceVersion: 1 }]);
  });

  it("records that it does not know are counted where it gave none, and are no problem by themselves", async () => {
    const answer = { fetch: "ticket", status: 404, problem: null };
    const none = await run([status(404), status(404)]);
    expect(none.reports).toMatchObject([{ problem: null, failures: 0, answer, missing: expect.any(Number) }]);
    const some = await run([status(404), found]);
    expect(some.reports).toEqual([{ problem: null, holdMs: 0, failures: 0, answer: null, sourceVersion: 1 }]);
  });

  it("an id that cannot be asked for tells nothing", async () => {
    expect((await run([{ kind: "id_invalid", path: "data.id" }])).notes).toEqual([]);
  });
});
