import { describe, expect, it } from "vitest";
import type { Received, ToldCall } from "./receivers.ts";
import { judgeHooks } from "./told.ts";

const told: ToldCall[] = [{ call: "c", events: 3, status: "ended", finals: 1 }];
const event = (sequence: number, more: Partial<Received> = {}): Received => ({
  hook: "good",
  id: `msg_${sequence}`,
  call: "c",
  sequence,
  status: sequence === 3 ? "ended" : "queued",
  final: sequence === 3,
  ...more,
});
const both = (...events: Received[]) =>
  events.flatMap((one) => [one, { ...one, hook: "hostile" as const, id: `${one.id}h` }]);
const wrong = (received: readonly Received[]) => {
  const { came: _, ...judged } = judgeHooks(told, received);
  return Object.entries(judged).flatMap(([what, calls]) => (calls.length === 0 ? [] : [what]));
};

describe("hooks were told", () => {
  it.each<[string, readonly Received[], readonly string[]]>([
    ["all, in order", both(event(1), event(2), event(3)), []],
    ["all, one of them again under its id", both(event(1), event(2), event(1), event(3)), []],
    ["one of them again under another id", both(event(1), event(2), event(2, { id: "other" }), event(3)), ["ids"]],
    ["not the second", both(event(1), event(3)), ["missing"]],
    ["not the end", both(event(1), event(2)), ["missing", "finals"]],
    ["the second before the first", both(event(2), event(1), event(3)), ["disordered"]],
    ["two ends", both(event(1), event(2, { final: true }), event(3)), ["finals"]],
    ["an end of another status", both(event(1), event(2), event(3, { status: "canceled" })), ["finals"]],
    ["nothing", [], ["missing", "finals"]],
  ])("%s", (_, received, found) => {
    expect(wrong(received)).toEqual(found);
  });
});
