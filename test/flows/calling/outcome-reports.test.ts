import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { settleReports } from "../../../src/flows/calling/outcome-reports.ts";
import { type ReportStorage, reportQueue } from "../../../src/objects/line/report-queue.ts";
import type { OutcomeReport, OutcomeReportStore } from "../../../src/ports/calling/outcome-reports.ts";
import type { OpenCall, Settlement, SettlementStore } from "../../../src/ports/calling/settlements.ts";
import type { Voice } from "../../../src/ports/calling/voice.ts";
import { now, support } from "../../domain/scene.ts";
import { port } from "../ports.ts";
import { open } from "./lines.ts";

const reportLooksAfterMs = [1_000, 4_000, 10_000, 20_000] as const;
/** SQLite as an object has it: a statement is run when it is given. */
function storage(): ReportStorage {
  const database = new DatabaseSync(":memory:");
  return {
    exec(query, ...bindings) {
      const rows = database.prepare(query).all(...bindings);
      return { toArray: () => rows };
    },
  };
}

const news = (key: string, conversationUuid: string | null = "conversation-1"): OutcomeReport => ({
  key,
  event: "conversation_end_report",
  conversationUuid,
  mihuId: null,
  body: "{}",
  receivedAt: now,
});

function stage(
  calls: readonly OpenCall[],
  given: Partial<SettlementStore & OutcomeReportStore> = {},
  conversation?: Voice["conversation"],
) {
  const world = { now, kept: [] as string[], settled: [] as Settlement[], asked: 0, calls: [...calls] };
  const box = reportQueue(storage());
  const ports = {
    clock: { now: () => world.now },
    queue: box,
    voice: port<Voice>({
      async conversation(uuid) {
        world.asked++;
        if (conversation !== undefined) return await conversation(uuid);
        const report = {
          callId: "mihu-1",
          ended: true,
          outcome: "completed",
          raw: "completed",
          durationS: 1,
          summary: null,
          recordingUrl: null,
          startedAt: now,
          number: open.number,
          agent: support.agent,
          elsewhere: false,
        } as const;
        return { reports: [report], complete: true };
      },
    }),
    reports: port<OutcomeReportStore>({
      refuses: () => false,
      async storeReports(_line, reports) {
        world.kept.push(...reports.map(({ key }) => key));
      },
      ...given,
    }),
    settlements: port<SettlementStore>({
      ofConversations: async () => world.calls,
      ruleOf: async () => null,
      pollNow: async () => false,
      async settle(settlements) {
        world.settled.push(...settlements);
        return { pokes: ["support"], left: [] };
      },
      ...given,
    }),
  };
  return { world, box, ports, look: () => settleReports(ports, "support") };
}

describe("news", () => {
  it("is kept, its call is settled, and nothing of it is left", async () => {
    const { world, box, look } = stage([open]);
    box.add([news("a"), news("b"), news("c", null)], now);
    expect(await look()).toEqual(["support"]);
    expect(world.kept).toEqual(["a", "b", "c"]);
    expect(world.settled.map(({ callId }) => callId)).toEqual(["call-1"]);
    expect(world.asked).toBe(1);
    expect([box.size(), box.nextAt()]).toEqual([0, null]);
  });

  it("of a conversation that is none of ours is looked at again for half a minute, kept once, and then done", async () => {
    const { world, box, look } = stage([]);
    box.add([news("a")], now);
    const waits: number[] = [];
    for (let nextAt = box.nextAt(); nextAt !== null; nextAt = box.nextAt()) {
      waits.push(nextAt - world.now);
      world.now = nextAt;
      await look();
    }
    expect(waits).toEqual([0, ...reportLooksAfterMs]);
    expect(world.kept).toEqual(["a"]);
    expect(world.asked).toBe(0);
  });

  it("that came before its call was recorded settles it as soon as that is so", async () => {
    const { world, box, look } = stage([]);
    box.add([news("a")], now);
    await look();
    world.calls.push(open);
    box.hurry(["conversation-1"], world.now);
    expect(box.nextAt()).toBe(world.now);
    await look();
    expect(world.settled).toHaveLength(1);
  });

  it("waits while Mihu cannot be read, and not longer than half a minute: the polls go on", async () => {
    const { world, box, look } = stage([open], {}, async () => null);
    box.add([news("a")], now);
    for (let nextAt = box.nextAt(); nextAt !== null; nextAt = box.nextAt()) {
      world.now = nextAt;
      await look();
    }
    expect(world.asked).toBe(1 + reportLooksAfterMs.length);
    expect(world.settled).toEqual([]);
  });

  it("waits while Postgres is away, whole", async () => {
    const { world, box, ports, look } = stage([open], { storeReports: () => Promise.reject(new Error("away")) });
    box.add([news("a")], now);
    await expect(look()).rejects.toThrow("away");
    expect(box.due(now, 10)).toMatchObject([{ conversationUuid: "conversation-1", report: { key: "a" }, looks: 0 }]);
    ports.reports.storeReports = async () => {};
    await look();
    expect([world.settled.length, box.size()]).toEqual([1, 0]);
  });

  it("that Postgres refuses keeps no other from being looked at", async () => {
    const kept: string[] = [];
    const { world, box, look } = stage([open], {
      refuses: () => true,
      async storeReports(_line, reports) {
        if (reports.some(({ key }) => key === "bad")) throw new Error("refused");
        kept.push(...reports.map(({ key }) => key));
      },
    });
    box.add([news("a"), news("bad"), news("b")], now);
    await look();
    expect([kept, world.settled.length, box.size()]).toEqual([["a", "b"], 1, 0]);
  });

  it("that came while its conversation was read is looked at again", async () => {
    const { world, box, look } = stage([open], {}, async () => {
      if (world.asked === 1) box.add([news("late")], now);
      return { reports: [], complete: true };
    });
    box.add([news("a")], now);
    await look();
    expect(box.due(now, 10)).toMatchObject([{ report: { key: "late" } }]);
  });
});

describe("the box", () => {
  it("takes the same report once", () => {
    const box = reportQueue(storage());
    expect(box.add([news("a"), news("a")], now)).toBe(true);
    expect(box.add([news("a")], now)).toBe(true);
    expect(box.size()).toBe(1);
  });

  it("is bounded in rows, and what does not fit is refused whole", () => {
    const box = reportQueue(storage());
    const many = (from: number, count: number) => Array.from({ length: count }, (_, n) => news(String(from + n)));
    expect(box.add(many(0, 19_999), now)).toBe(true);
    expect(box.add(many(20_000, 2), now)).toBe(false);
    expect(box.size()).toBe(19_999);
    expect(box.add(many(20_000, 1), now)).toBe(true);
    box.done(box.due(now, 10));
    expect(box.add(many(30_000, 10), now)).toBe(true);
  });

  it("is bounded in bytes, and a report that is kept elsewhere takes none", () => {
    const box = reportQueue(storage());
    const large = (key: string) => ({ ...news(key), body: "x".repeat(1_000_000) });
    let taken = 0;
    while (taken < 100 && box.add([large(String(taken))], now)) taken++;
    expect(taken).toBe(67);
    box.stored(box.due(now, 200));
    expect(box.add([large("more")], now)).toBe(true);
  });

  it("finds after a restart what was there before, and counts on", () => {
    const sql = storage();
    reportQueue(sql).add([news("a"), news("b", null)], now);
    const box = reportQueue(sql);
    expect(box.size()).toBe(2);
    box.done(box.due(now, 10));
    expect([box.size(), reportQueue(sql).size()]).toEqual([0, 0]);
  });
});
