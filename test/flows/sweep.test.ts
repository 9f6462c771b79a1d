import { describe, expect, it } from "vitest";
import { type SweepPorts, sweep } from "../../src/flows/sweep.ts";
import { port } from "./ports.ts";

function stage(
  waiting: Partial<Awaited<ReturnType<SweepPorts["sweep"]["waiting"]>>>,
  deaf: readonly string[] = [],
  removedParts = 1,
) {
  const poked: string[] = [];
  const told: (readonly string[] | null)[] = [];
  const deleted: string[] = [];
  const poke = (kind: string) => async (name: string) => {
    poked.push(`${kind} ${name}`);
    if (deaf.includes(name)) throw new Error("it does not answer");
  };
  const ports: SweepPorts = {
    sweep: {
      expire: async () => ({ leases: 2, late: 3 }),
      deleteOfRemovedHooks: async () => deleted.push("part") < removedParts,
      check: async () => 4,
      countFigures: async () => 0,
      tellTroubles: async (spilled) => 4 + told.push(spilled),
      waiting: async () => ({ lines: [], sources: [], paused: [], hooks: false, tasks: false, ...waiting }),
    },
    stops: {
      pending: async () => [7],
      advance: async () => ({ canceled: 0, reached: 0, claimed: [], over: true }),
      noteAdvance: async () => {},
    },
    stopFailed: () => {},
    fields: { unwatched: async () => [], watched: async () => {} },
    lines: port<SweepPorts["lines"]>({ poke: poke("line") }),
    inboxes: port<SweepPorts["inboxes"]>({ poke: poke("inbox"), spills: async () => [] }),
    dispatcher: { poke: async () => void poked.push("dispatcher") },
    taskRunner: { poke: async () => void poked.push("tasks") },
    notary: { poke: async () => void poked.push("notary") },
    directory: { confirm: async () => void poked.push("directory") },
  };
  return { poked, told, deleted, ports };
}

describe("a sweep", () => {
  it("moves what has timed out, and pokes every line and inbox that has work", async () => {
    const paused = [{ line: "c", agent: "agent-1", reason: "unauthenticated" }];
    const { poked, ports } = stage({ lines: ["a", "b"], sources: ["shop"], paused });
    expect(await sweep(ports)).toEqual({
      leases: 2,
      late: 3,
      lines: 3,
      sources: 1,
      pokesFailed: 0,
      gaps: 4,
      stopped: 0,
      stopsFailed: 0,
      watched: 0,
      counted: 0,
      troubles: 5,
    });
    expect(poked.sort()).toEqual(["directory", "inbox shop", "line a", "line b", "line c", "notary"]);
  });

  it("deletes the deliveries of removed hooks until none is left, and of millions a bounded number", async () => {
    const [few, many] = [stage({}, [], 3), stage({}, [], 1_000)];
    for (const { ports } of [few, many]) await sweep(ports);
    expect([few.deleted.length, many.deleted.length]).toEqual([3, 10]);
  });

  it("pokes the task runner while a task waits for its next step", async () => {
    const { poked, ports } = stage({ tasks: true });
    await sweep(ports);
    expect(poked.filter((one) => one === "tasks")).toHaveLength(1);
  });

  it("is not stopped by one that does not answer", async () => {
    const { poked, ports } = stage({ lines: ["a", "b"], sources: ["shop"] }, ["a", "shop"]);
    expect(await sweep(ports)).toMatchObject({ pokesFailed: 2 });
    expect(poked).toHaveLength(5);
  });

  it("knows of a source with events on its inbox's disk that it was heard, and of none while the inboxes do not answer", async () => {
    const { told, ports } = stage({});
    const spill = { source: "shop", shard: 0, events: 1, bytes: 1, oldestAt: 1 };
    const spills = async () => [spill, { ...spill, source: "desk" }];
    await sweep({ ...ports, inboxes: { ...ports.inboxes, spills } });
    await sweep({ ...ports, inboxes: { ...ports.inboxes, spills: () => Promise.reject(new Error("no answer")) } });
    expect(told).toEqual([["shop", "desk"], null]);
  });

  it("looks at fields last: one that cannot keeps nothing else from being done", async () => {
    const { poked, ports } = stage({ lines: ["a"], sources: ["shop"] });
    const unwatched = async () => {
      poked.push("fields");
      throw new Error("Postgres went away");
    };
    await expect(sweep({ ...ports, fields: { ...ports.fields, unwatched } })).rejects.toThrow("went away");
    expect(poked.at(-1)).toBe("fields");
    expect(poked).toHaveLength(5);
  });

  it("with nothing to do pokes the notary, which compares the chain with what it signed, and has the names of sources compared", async () => {
    const { poked, ports } = stage({});
    await sweep(ports);
    expect(poked).toEqual(["notary", "directory"]);
  });
});
