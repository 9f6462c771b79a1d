import { describe, expect, it } from "vitest";
import { type CallStatus, callStatuses, erasable, transitions } from "../../../src/domain/calls/call.ts";

const terminal: readonly CallStatus[] = ["skipped", "ended", "rejected", "expired", "canceled"];

describe("the states of a call", () => {
  it("each have their moves, and lead to states only", () => {
    expect(Object.keys(transitions).sort()).toEqual([...callStatuses].sort());
    for (const to of Object.values(transitions).flat()) expect(callStatuses).toContain(to);
  });

  it("move as they are drawn, and in no other way", () => {
    const drawn: readonly string[] = [
      "held → queued",
      "held → canceled",
      "held → review",
      "queued → dialing",
      "queued → expired",
      "queued → canceled",
      "queued → review",
      "dialing → placed",
      "dialing → rejected",
      "dialing → queued",
      "dialing → canceled",
      "dialing → unknown",
      "dialing → review",
      "unknown → placed",
      "unknown → review",
      "review → placed",
      "review → canceled",
      "placed → ended",
    ];
    const allowed = callStatuses.flatMap((from) =>
      callStatuses.filter((to) => transitions[from].includes(to)).map((to) => `${from} → ${to}`),
    );
    expect(allowed.sort()).toEqual([...drawn].sort());
  });

  it.each(callStatuses.map((status) => [status, terminal.includes(status)] as const))(
    "%s: terminal, so that it may be erased, is %s",
    (status, is) => {
      expect(erasable.includes(status)).toBe(is);
    },
  );

  it("that nobody can know about never lead back to a dial", () => {
    const reach = (from: CallStatus, seen = new Set<CallStatus>()): Set<CallStatus> => {
      for (const to of transitions[from]) {
        if (seen.has(to)) continue;
        seen.add(to);
        reach(to, seen);
      }
      return seen;
    };
    for (const status of ["unknown", "review", "placed"] as const) {
      expect(reach(status)).not.toContain("dialing");
      expect(reach(status)).not.toContain("queued");
    }
  });

  it("can all be reached from what a plan makes", () => {
    const reached = new Set<CallStatus>(["skipped", "held", "queued"]);
    for (const status of reached) for (const to of transitions[status]) reached.add(to);
    expect([...reached].sort()).toEqual([...callStatuses].sort());
  });
});
