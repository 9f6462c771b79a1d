import { describe, expect, it } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { planner } from "../../../src/objects/inbox/planner.ts";
import { eventId, sha256Hex } from "../../../src/platform/hashes.ts";
import type { PlannedBy } from "../../../src/ports/planning/plans.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";
import { support } from "../../domain/scene.ts";
import { port } from "../../flows/ports.ts";
import { sourceCopy } from "../../source-copy.ts";

type PlannerDeps = Parameters<typeof planner>[0];

const now = Date.parse("2026-01-05T18:00:00Z");
const rule = { mode: "live", line: "support", number: "{{ data.phone }}", about: "Hello." } as const;
const copy = (version: number, more: Partial<SourceCopy> = {}) => sourceCopy({ version, ...more });

const event: NewEvent = {
  id: eventId("shop", "a"),
  source: "shop",
  dedupeKey: "a",
  externalId: "a",
  type: "orders/updated",
  occurredAt: null,
  orderNumber: null,
  orderNumberKey: null,
  record: null,
  body: "{}",
  bodyHash: sha256Hex("{}"),
  headers: {},
};

/** An inbox's planner. Postgres' source is changed by `whilePlanning`, which is called before each plan is written. */
function stage(first: SourceCopy, whilePlanning: (nth: number, source: SourceCopy) => SourceCopy) {
  const there = {
    source: first,
    plans: [] as (PlannedBy & { reason: string | null })[],
    later: 0,
    /** The line's version, and how often the lines were read. */
    line: 1,
    read: 0,
    poked: [] as string[],
  };
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const deps: PlannerDeps = {
    clock: { now: () => now },
    events: port<PlannerDeps["events"]>({
      async plan([plan], by) {
        there.source = whilePlanning(there.plans.length, there.source);
        there.plans.push({ ...by, reason: plan?.reason ?? null });
        const holds = by.lines.every(({ version }) => version === there.line);
        return holds && by.version === there.source.version && there.source.paused !== true
          ? [{ line: "support", withdrawn: false }]
          : "source_changed";
      },
      refuses: () => false,
    }),
    sources: port<PlannerDeps["sources"]>({
      async lines() {
        there.read++;
        return { lines: [{ ...support, version: there.line }], version: `${there.line}` };
      },
    }),
    lines: port<PlannerDeps["lines"]>({ poke: async (line) => void there.poked.push(line) }),
    records: port<PlannerDeps["records"]>({}),
    log,
  };
  const made = planner(deps, {
    reload: async () => there.source,
    waitUntil: () => {},
    planLater: () => void there.later++,
    wakeIn: () => {},
  });
  const commit = async () => {
    const acceptances = [{ id: event.id, duplicate: false, conflict: false }];
    const committed = { acceptances, sourceVersion: there.source.version, linesVersion: "1", receivedAt: now };
    await made.afterCommit("shop", [event], committed, { sourceVersion: 0, ends: new Map() });
  };
  return { there, commit };
}

describe("events whose source is changed while they are planned", () => {
  it("are planned at once by what it is now, and not by the rules of before", async () => {
    const live = copy(1, { rules: [{ name: "call-me", version: 1, definition: rule }] });
    const { there, commit } = stage(live, (nth, source) => (nth === 0 ? copy(2) : source));
    await commit();
    expect(there.plans).toEqual([
      { slug: "shop", version: 1, lines: [{ slug: "support", version: 1 }], reason: null },
      { slug: "shop", version: 2, lines: [], reason: "no_rules" },
    ]);
    expect([there.later, there.poked]).toEqual([0, ["support"]]);
  });

  it("are planned at once by a line as it is now, although the source is the same", async () => {
    const live = copy(1, { rules: [{ name: "call-me", version: 1, definition: rule }] });
    const { there, commit } = stage(live, (nth, source) => {
      if (nth === 0) there.line = 2;
      return source;
    });
    await commit();
    expect(there.plans.map(({ lines }) => lines.map(({ version }) => version))).toEqual([[1], [2]]);
    expect([there.read, there.later]).toEqual([2, 0]);
  });

  it("stay without a plan if it is paused now", async () => {
    const { there, commit } = stage(copy(1), () => copy(2, { paused: true }));
    await commit();
    expect(there.plans).toHaveLength(1);
    expect([there.later, there.poked]).toEqual([0, []]);
  });

  it("wait for the alarm if it changes again and again", async () => {
    const { there, commit } = stage(copy(1), (_, source) => copy(source.version + 1));
    await commit();
    expect(there.plans.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
    expect([there.later, there.poked]).toEqual([1, []]);
  });
});
