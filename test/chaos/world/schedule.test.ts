import { describe, expect, test } from "vitest";
import { hashOf, makeSchedule } from "./schedule.ts";
import { faultKinds, type RunOptions } from "./size.ts";
import { eventKinds } from "./story.ts";

const asked: RunOptions = { events: 10_000, seed: 7, minutes: 10, quietMinutes: 9, hasten: false };

test("the same seed makes the same schedule, and another seed another", () => {
  const small = { ...asked, events: 300 };
  expect(hashOf(makeSchedule(small))).toBe(hashOf(makeSchedule(small)));
  expect(hashOf(makeSchedule({ ...small, seed: 8 }))).not.toBe(hashOf(makeSchedule(small)));
});

describe("at the full size", () => {
  const { requests, faults } = makeSchedule(asked);
  const events = requests.flatMap((request) => request.events);

  test("every event is sent once to four times, and every kind of event is among them", () => {
    expect(events).toHaveLength(asked.events);
    expect(new Set(events.map(({ token }) => token)).size).toBe(asked.events);
    expect(new Set(requests.map(({ deliveriesMs }) => deliveriesMs.length))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(eventKinds));
  });

  test("events come out of order, redeliveries late, and batches carry several", () => {
    const firsts = requests.map(({ deliveriesMs }) => deliveriesMs[0] ?? 0);
    const inOrder = firsts.filter((at, index) => at >= (firsts[index - 1] ?? 0)).length;
    expect(inOrder).toBeLessThan(firsts.length * 0.6);
    expect(requests.some(({ deliveriesMs: [first = 0, second = 0] }) => second - first > 60_000)).toBe(true);
    expect(requests.some(({ events }) => events.length > 4)).toBe(true);
  });

  test("all that is broken is broken while events come, in every kind", () => {
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(faultKinds));
    expect(faults.length).toBeGreaterThanOrEqual(150);
    expect(faults.every(({ atMs, lastsMs }) => atMs >= 0 && atMs <= 600_000 * 0.88 && lastsMs <= 60_000)).toBe(true);
  });
});
