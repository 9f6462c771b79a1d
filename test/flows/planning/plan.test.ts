import { describe, expect, it } from "vitest";
import type { StoredEvent } from "../../../src/domain/events/event.ts";
import type { EventPlan } from "../../../src/domain/plan/plan.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { planEvents } from "../../../src/flows/planning/plan.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";
import { data, event, now, planSource, rule, support } from "../../domain/scene.ts";
import { sourceCopy } from "../../source-copy.ts";

const copy = sourceCopy(planSource);
const { data: _, ...facts } = event;
const stored = (id: string, body: string = JSON.stringify(data)): StoredEvent => ({ ...facts, id, body });

/** What Postgres says of a plan that it will never take. */
const refusal = new Error("a CHECK says no");

/** @param changedAfter statements after which the source has another version */
async function planned(
  events: readonly StoredEvent[],
  slug = "shop",
  withdraw = "false",
  changedAfter = Number.POSITIVE_INFINITY,
  closing: Pick<SourceCopy, "disconnected" | "reopenedAt"> = {},
) {
  const batches: EventPlan[][] = [];
  const { lines, left } = await planEvents(
    {
      clock: { now: () => now },
      events: {
        refuses: (error) => error === refusal,
        async plan(plans, by) {
          expect(by).toMatchObject({ slug, version: 1 });
          const named = plans.some(({ calls }) => calls.length > 0);
          expect(by.lines).toEqual(named ? [{ slug: "support", version: 1 }] : []);
          if (batches.length >= changedAfter) return "source_changed";
          if (plans.some(({ eventId, state }) => eventId === "refused" && state === "planned")) throw refusal;
          if (plans.some(({ eventId, state }) => eventId === "away" && state === "planned"))
            throw new Error("Postgres is away");
          batches.push(plans);
          return [{ line: `line-${batches.length}`, withdrawn: false }];
        },
      },
    },
    {
      source: { ...copy, slug, ...closing },
      rules: compileRules([{ name: "call-me", version: 1, definition: { ...rule, withdraw } }]),
      lines: new Map([["support", support]]),
    },
    events,
  );
  return {
    batches,
    pokes: lines.map(({ line }) => line),
    left: left.map(({ id }) => id),
    ids: batches.map((batch) => batch.map(({ eventId }) => eventId)),
  };
}

describe("events whose source was closed", () => {
  const came = facts.receivedAt;
  const cases: readonly (readonly [string, Pick<SourceCopy, "disconnected" | "reopenedAt">, boolean])[] = [
    ["is closed", { disconnected: true }, true],
    ["was opened again after they came", { disconnected: false, reopenedAt: came + 1 }, true],
    ["was opened again before they came", { disconnected: false, reopenedAt: came }, false],
    ["was never closed", { disconnected: false, reopenedAt: null }, false],
    ["does not say, as a copy of an older version", {}, false],
  ];
  it.each(cases)("ring nobody if the source %s: %j", async (_, closing, ends) => {
    const { batches } = await planned([stored("a")], "shop", "true", Number.POSITIVE_INFINITY, closing);
    expect(batches.flat().map(({ reason, calls, withdraw }) => [reason, calls.length, withdraw.length])).toEqual([
      ends ? ["source_closed_before", 0, 0] : [null, 1, 1],
    ]);
  });
});

describe("planning accepted events", () => {
  it("writes them in their order, in one statement", async () => {
    const { ids, pokes } = await planned([stored("a"), stored("b"), stored("c")]);
    expect(ids).toEqual([["a", "b", "c"]]);
    expect(pokes).toEqual(["line-1"]);
  });

  it("begins another statement with an event that withdraws, once a call stands before it", async () => {
    const gone = JSON.stringify({ ...data, total: 0, gone: true });
    const here = JSON.stringify({ ...data, gone: false });
    const { ids, pokes } = await planned(
      [
        stored("1", gone),
        stored("2", gone),
        stored("3", here),
        stored("4", here),
        stored("5", gone),
        stored("6", here),
      ],
      "shop",
      "data.gone",
    );
    expect(ids).toEqual([
      ["1", "2", "3", "4"],
      ["5", "6"],
    ]);
    expect(pokes).toEqual(["line-1", "line-2"]);
  });

  it.each([
    ["no JSON any more", "{", "ends too early"],
    ["a text", '"ring me"', "not an object"],
    ["a list", "[]", "not an object"],
    ["null", "null", "not an object"],
    ["nothing", "", "empty"],
    ["nested too deep", `{"a":${"[".repeat(64)}${"]".repeat(64)}}`, "nested"],
  ])("ends an element that is %s as unreadable, and plans the others", async (_, body, detail) => {
    const { batches } = await planned([stored("bad", body), stored("good")]);
    expect(batches.flat()).toMatchObject([
      { eventId: "bad", state: "ignored", reason: "unreadable", detail: { detail: expect.stringContaining(detail) } },
      { eventId: "good", state: "planned", calls: [{ status: "queued" }] },
    ]);
  });

  it("takes an event of the source `api` for the call that it asks for", async () => {
    const asked = JSON.stringify({ line: "support", number: "+14155550100", about: "Ring." });
    const { batches } = await planned([stored("direct", asked)], "api");
    expect(batches.flat()).toMatchObject([{ calls: [{ rule: "api", number: "+14155550100", about: "Ring." }] }]);
  });

  it("writes each for itself where Postgres refuses one, which ends with a reason", async () => {
    const { batches, pokes } = await planned([stored("a"), stored("refused"), stored("b")]);
    expect(batches.map((batch) => batch.map(({ eventId, state, reason }) => [eventId, state, reason]))).toEqual([
      [["a", "planned", null]],
      [["refused", "ignored", "plan_failed"]],
      [["b", "planned", null]],
    ]);
    expect(pokes).toHaveLength(3);
  });

  it("while Postgres is away ends no event: they are planned again later", async () => {
    await expect(planned([stored("a"), stored("away")])).rejects.toThrow("Postgres is away");
  });

  it("by an older version of the source leaves what is not planned yet, in its order", async () => {
    const many = Array.from({ length: 450 }, (_, nth) => stored(`event-${nth}`));
    const ids = many.map(({ id }) => id);
    expect((await planned(many, "shop", "false", 0)).left).toEqual(ids);
    const { left, pokes, batches } = await planned(many, "shop", "false", 1);
    expect([left, pokes, batches.length]).toEqual([ids.slice(200), ["line-1"], 1]);
    expect((await planned(many)).left).toEqual([]);
  });

  it("of no event writes nothing", async () => {
    expect(await planned([])).toMatchObject({ batches: [], pokes: [] });
  });
});
