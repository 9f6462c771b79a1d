import { describe, expect, it } from "vitest";
import { type AlarmLimits, objectAlarm } from "../../src/objects/alarm.ts";

const limits: AlarmLimits = { floorMs: 250, lateMs: 30_000 };

/**
 * An alarm at time 0. `there.set` has the times that its storage was given. `there.answer` is the runtime's answer to a new
 * time.
 *
 * @param stored the alarm that an earlier instance set
 */
function world(deviation: Partial<AlarmLimits> = {}, stored: number | null = null) {
  const there = { clock: 0, set: [] as number[], stored, answer: async (): Promise<void> => {} };
  const storage = {
    getAlarm: async () => there.stored,
    async setAlarm(at: number) {
      there.set.push(at);
      const before = there.stored;
      there.stored = at;
      await there.answer().catch((error) => {
        there.stored = before;
        throw error;
      });
    },
  };
  return { there, alarm: objectAlarm(storage, { now: () => there.clock }, { ...limits, ...deviation }) };
}

/** A wish of another moment; `fires` and `fails`: the alarm fires then, or the storage does not take the wish. */
type Step = { readonly now: number; readonly wish?: number; readonly fires?: true; readonly fails?: true };

/** Each row: an object's wishes, and the times that reach its storage. */
const cases: readonly [string, readonly Step[], readonly number[], Partial<AlarmLimits>?][] = [
  ["sets the first wish", [{ now: 0, wish: 1_000 }], [1_000]],
  [
    "does not put a sooner alarm off",
    [
      { now: 0, wish: 1_000 },
      { now: 0, wish: 60_000 },
    ],
    [1_000],
  ],
  [
    "does not set the same time twice",
    [
      { now: 0, wish: 1_000 },
      { now: 0, wish: 1_000 },
    ],
    [1_000],
  ],
  [
    "gives way to a sooner wish",
    [
      { now: 0, wish: 60_000 },
      { now: 0, wish: 1_000 },
    ],
    [60_000, 1_000],
  ],
  [
    "sets nothing for the year 9999, and wakes in 30 days instead",
    [{ now: 0, wish: 253_402_300_799_000 }],
    [2_592_000_000],
  ],
  ["sets nothing for ever", [{ now: 0, wish: Number.POSITIVE_INFINITY }], [2_592_000_000]],
  ["sets nothing for no time", [{ now: 0, wish: Number.NaN }], [2_592_000_000]],
  ["sets nothing before all time", [{ now: 5_000, wish: Number.NEGATIVE_INFINITY }], [5_250]],
  ["leaves a time of the next weeks as it is", [{ now: 0, wish: 2_591_999_999 }], [2_591_999_999]],
  [
    "gives way to a sooner wish after one for the year 9999",
    [
      { now: 0, wish: 253_402_300_799_000 },
      { now: 0, wish: 1_000 },
    ],
    [2_592_000_000, 1_000],
  ],
  ["sets nothing sooner than its floor", [{ now: 5_000, wish: 0 }], [5_250]],
  ["without a floor sets a time that has passed to now", [{ now: 5_000, wish: 0 }], [5_000], { floorMs: 0 }],
  [
    "does not put an alarm off that is due and has not fired",
    [
      { now: 0, wish: 1_000 },
      { now: 1_500, wish: 60_000 },
    ],
    [1_000],
  ],
  [
    "does not put an alarm off that is due by the wish to run at once",
    [
      { now: 0, wish: 1_000 },
      { now: 1_500, wish: 0 },
    ],
    [1_000],
  ],
  [
    "waits for a late alarm until its lateness is over",
    [
      { now: 0, wish: 1_000 },
      { now: 30_999, wish: 60_000 },
    ],
    [1_000],
  ],
  [
    "replaces an alarm that is lost",
    [
      { now: 0, wish: 1_000 },
      { now: 31_000, wish: 60_000 },
    ],
    [1_000, 60_000],
  ],
  [
    "has its own lateness",
    [
      { now: 0, wish: 1_000 },
      { now: 2_000, wish: 60_000 },
    ],
    [1_000, 60_000],
    { lateMs: 1_000 },
  ],
  [
    "forgets an alarm that fired",
    [
      { now: 0, wish: 1_000 },
      { now: 1_000, fires: true },
      { now: 1_000, wish: 60_000 },
    ],
    [1_000, 60_000],
  ],
  [
    "sets the next wish after one that failed, whatever its time",
    [
      { now: 0, wish: 1_000, fails: true },
      { now: 0, wish: 60_000 },
    ],
    [1_000, 60_000],
  ],
];

describe("an object's alarm", () => {
  it.each(cases)("%s", async (_, steps, set, deviation) => {
    const { there, alarm } = world(deviation);
    for (const { now, wish, fires, fails } of steps) {
      there.clock = now;
      there.answer = async () => {
        if (fails) throw new Error("no storage");
      };
      if (fires) alarm.fired();
      if (wish === undefined) continue;
      if (fails) await expect(alarm.arm(wish)).rejects.toThrow("no storage");
      else await alarm.arm(wish);
    }
    expect(there.set).toEqual(set);
  });

  /** The runtime's answer to a wish, given when the test says so. */
  function held(there: { answer: () => Promise<void> }) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    there.answer = () => promise;
    return { resolve, reject };
  }

  it("is not put off while the runtime has not answered yet", async () => {
    const { there, alarm } = world();
    const answer = held(there);
    const wishes = [alarm.arm(1_000), alarm.arm(60_000)];
    answer.resolve();
    await Promise.all(wishes);
    expect(there.set).toEqual([1_000]);
  });

  it.each([
    ["a sooner wish", 1_000],
    ["the same wish, made again once the alarm fired", 60_000],
  ])("remembers %s though the wish before it fails afterwards", async (_, next) => {
    const { there, alarm } = world();
    const first = held(there);
    const failing = alarm.arm(60_000);
    there.answer = async () => {};
    if (next === 60_000) alarm.fired();
    await alarm.arm(next);
    first.reject(new Error("no storage"));
    await expect(failing).rejects.toThrow("no storage");
    await alarm.arm(90_000);
    expect(there.set).toEqual([60_000, next]);
  });

  it.each([
    ["nothing is set", null, 0, 10_000, false],
    ["it stands before that time", 5_000, 0, 10_000, true],
    ["it stands at that time", 10_000, 0, 10_000, false],
    ["it stands after that time", 20_000, 0, 10_000, false],
    ["it is due and has not fired", 5_000, 6_000, 10_000, true],
    ["it is lost", 5_000, 35_000, 40_000, false],
  ])("says whether it fires before a time: %s", async (_, set, now, at, fires) => {
    const { there, alarm } = world();
    if (set !== null) await alarm.arm(set);
    there.clock = now;
    expect(alarm.firesBefore(at)).toBe(fires);
  });

  const before = { clock: 10_000, at: 12_000 };
  it.each([
    ["stands before a later wish", before.at, [60_000], [60_000, before.at]],
    ["gives way to a sooner wish", before.at, [11_000], [11_000]],
    ["is not set twice for the same wish", before.at, [before.at], [before.at]],
    ["stands before all wishes that are made together", before.at, [60_000, 50_000], [60_000, 50_000, before.at]],
    ["is set for now if it is due", 9_000, [60_000], [60_000, 10_250]],
    ["is set for now if it is long overdue", -600_000, [60_000], [60_000, 10_250]],
    ["is set for now if it is due, though a wish is soon", 9_000, [10_300], [10_300, 10_250]],
  ])("of an earlier instance %s", async (_, stored, wishes, set) => {
    const { there, alarm } = world({}, stored);
    there.clock = before.clock;
    await Promise.all(wishes.map((wish) => alarm.arm(wish)));
    expect([there.set, alarm.firesBefore(Math.min(...set) + 1)]).toEqual([set, true]);
  });

  it("of an earlier instance that fires makes room for any wish, and is read no more", async () => {
    const { there, alarm } = world({}, before.at);
    there.clock = before.at;
    alarm.fired();
    await alarm.arm(60_000);
    expect(there.set).toEqual([60_000]);
  });

  it("of an earlier instance is read again after a wish that failed", async () => {
    const { there, alarm } = world({}, before.at);
    there.clock = before.clock;
    there.answer = () => Promise.reject(new Error("no storage"));
    await expect(alarm.arm(60_000)).rejects.toThrow("no storage");
    there.answer = async () => {};
    await alarm.arm(50_000);
    expect(there.set).toEqual([60_000, 50_000, before.at]);
  });

  it("fires in time though its object begins anew more often than it may wait, each time with a wish", async () => {
    let stored: number | null = null;
    const fired: number[] = [];
    for (let now = 0; now < 20_000; now += 1_500) {
      const { there, alarm } = world({ floorMs: 0 }, stored);
      // The runtime's part: what is due fires while the object lives.
      for (there.clock = now; there.clock < now + 1_500; there.clock += 500) {
        if (there.stored !== null && there.stored <= there.clock) {
          there.stored = null;
          fired.push(there.clock);
          alarm.fired();
        }
        await alarm.arm(there.clock + 5_000);
      }
      stored = there.stored;
    }
    expect(fired).toEqual([5_000, 10_000, 15_000, 20_000]);
  });
});
