import { describe, expect, it } from "vitest";
import { sweepEveryMs } from "../../../src/domain/limits.ts";
import { type PausePorts, pauseAllNow, pauseNow, resumeAllNow, resumeNow } from "../../../src/flows/calling/pause.ts";
import { port } from "../ports.ts";

function stage(halt: (line: string) => Promise<{ givenBack: number; inFlight: number }>) {
  const done: string[] = [];
  const note = (what: string) => void done.push(what);
  const ports: PausePorts = {
    clock: { now: () => 1_000 },
    pauses: port<PausePorts["pauses"]>({
      async pauseLine(line, reason, detail, actor) {
        note(`pause ${line}: ${reason}, ${detail}, ${actor}`);
        return true;
      },
      async pauseAll(detail, actor) {
        note(`pause all: ${detail}, ${actor}`);
        return ["a", "b"].map((line) => ({ line, reason: "all_paused" }));
      },
      async resumeLine(line, actor, byPerson, reason) {
        note(`resume ${line}: ${actor}, ${byPerson}, ${reason}`);
        return line !== "continues";
      },
      async resumeAll() {
        return ["a", "b"];
      },
    }),
    lines: {
      async halt(line) {
        note(`halt ${line}`);
        return await halt(line);
      },
      async poke(line) {
        note(`poke ${line}`);
        if (line === "a") throw new Error("the object is away");
      },
    },
  };
  return { done, ports };
}

/** Nobody knows the version of the object: an older one begins a POST at any time of the lease. */
const unconfirmed = {
  ...{ givenBack: 0, inFlight: 0, unconfirmedUntil: 76_000 },
  failures: [{ line: "a", error: new Error("the object is away") }],
};

describe("a person's pause", () => {
  it("is in Postgres before the line's object gives back what it holds", async () => {
    const { done, ports } = stage(async () => ({ givenBack: 7, inFlight: 2 }));
    expect(await pauseNow(ports, "a", "wrong script", "alice")).toEqual({
      ...{ givenBack: 7, inFlight: 2, unconfirmedUntil: null, failures: [] },
    });
    expect(done).toEqual(["pause a: paused_by_person, wrong script, alice", "halt a"]);
  });

  it("stands where the object does not answer, and says that it was not confirmed", async () => {
    const { done, ports } = stage(() => Promise.reject(new Error("the object is away")));
    expect(await pauseNow(ports, "a", "wrong script", "alice")).toEqual(unconfirmed);
    expect(done).toHaveLength(2);
  });

  it("of all lines asks each object, whatever another answers", async () => {
    const { done, ports } = stage(async (line) => {
      if (line === "a") throw new Error("the object is away");
      return { givenBack: 1, inFlight: 0 };
    });
    expect(await pauseAllNow(ports, "wrong script", "alice")).toEqual([
      { line: "a", reason: "all_paused", stopped: unconfirmed },
      { line: "b", reason: "all_paused", stopped: { givenBack: 1, inFlight: 0, unconfirmedUntil: null, failures: [] } },
    ]);
    expect(done).toEqual(["pause all: wrong script, alice", "halt a", "halt b"]);
  });
});

describe("a person's resume", () => {
  it("wakes the line, and says when it cannot", async () => {
    const { done, ports } = stage(() => Promise.reject(new Error("nobody is stopped")));
    const asleep = {
      ...{ confirmed: false, untilMs: 1_000 + sweepEveryMs, untold: ["asleep"] },
      errors: [new Error("the object is away")],
    };
    expect(await resumeNow(ports, "a", "mended", "alice")).toEqual(asleep);
    expect(await resumeNow(ports, "continues", undefined, "alice")).toEqual({ confirmed: true });
    expect(await resumeAllNow(ports, "mended", "alice")).toEqual([
      { line: "a", confirmation: asleep },
      { line: "b", confirmation: { confirmed: true } },
    ]);
    expect(done).toEqual([
      "resume a: alice, true, mended",
      "poke a",
      "resume continues: alice, true, undefined",
      "poke a",
      "poke b",
    ]);
  });
});
