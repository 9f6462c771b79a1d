/**
 * The alarm of an object. An object has one alarm, and setting it replaces the time that it had: this engine remembers the time, so that
 * a later wish never puts off a sooner alarm, whichever instance of the object set it.
 *
 * | the alarm                | a later wish    | a sooner wish   |
 * | ------------------------ | --------------- | --------------- |
 * | is not set, or has fired | sets it         | sets it         |
 * | stands in the future     | changes nothing | sets it         |
 * | is due and has not fired | changes nothing | cannot be: no wish is set for a time before now |
 * | is overdue by `lateMs`   | sets it         | sets it         |
 * | could not be set         | sets it         | sets it         |
 *
 * A wish is for its time *or sooner*, and a sooner alarm swallows it. So an object's `alarm()` looks at all of its work, and work that it
 * passes over because its time has not come is wished for again then and there. Nothing may rely on a wish that it made before.
 *
 * A wish further ahead than {@link alarmAheadMsMax}, or for no time at all, is one for the end of that span.
 *
 * The storage outlives an instance, as when the object is reset or gets a new version. A new instance reads the alarm that stands there
 * with its first wish, and makes it one more wish of its own. Instances that end faster than an alarm fires would put it off without end
 * otherwise. One that is due is set again for now: nobody knows whether the runtime still has it.
 *
 * Not guaranteed: the first wish is set before the stored alarm is known, since an answer must not leave before an alarm is set. An instance
 * that ends between the two leaves an alarm at the time of the wish.
 */
import type { Clock } from "../ports/runtime.ts";

/** Pause after an unexpected failure, before the object's alarm tries again. */
export const failurePauseMs = 5_000;

/**
 * The latest that an alarm is set for, counted from now. A call of the year 9999 must not be a time that the runtime refuses, on which the
 * object would fail again and again: the alarm fires early, finds nothing due, and is set anew.
 */
const alarmAheadMsMax = 30 * 86_400_000;

export type AlarmLimits = {
  /** The earliest that an alarm is set for, counted from now: work that is due and fails must not run in a tight loop. */
  readonly floorMs: number;
  /** An alarm that has not fired this long after its time counts as lost, and any wish replaces it. */
  readonly lateMs: number;
};

/** The part of an object's storage that has its alarm. `getAlarm` gives what stands when it is called, and nothing while the alarm runs. */
type AlarmStorage = { getAlarm(): Promise<number | null>; setAlarm(at: number): Promise<void> };

/** Times are epoch milliseconds. */
export type ObjectAlarm = {
  /**
   * Sets the alarm, unless a sooner one stands. Rejects if the storage does; the next wish is then set whatever its time. Once it resolves,
   * an alarm of the instance before stands or has given way.
   */
  arm(wantedAt: number): Promise<void>;
  /** The alarm has fired: nothing is set any more. The first thing that an object's `alarm()` calls. */
  fired(): void;
  /** Whether an alarm stands that fires before this time. A lost one does not, and nothing is known before the first wish. */
  firesBefore(at: number): boolean;
};

/** @param storage the object's own storage */
export function objectAlarm(storage: AlarmStorage, clock: Clock, { floorMs, lateMs }: AlarmLimits): ObjectAlarm {
  let standing: { readonly at: number } | null = null;
  /** The storage has no alarm that this instance does not know. */
  let known = false;
  const stands = (now: number): typeof standing => (standing !== null && standing.at > now - lateMs ? standing : null);

  async function arm(wantedAt: number): Promise<void> {
    const now = clock.now();
    const latest = now + alarmAheadMsMax;
    const wish = { at: Number.isNaN(wantedAt) ? latest : Math.min(Math.max(wantedAt, now + floorMs), latest) };
    if (wish.at >= (stands(now)?.at ?? Number.POSITIVE_INFINITY)) return;
    // Asked for before the wish replaces it.
    const before = known ? null : storage.getAlarm();
    known = true;
    // Remembered before the runtime answers: the alarm may fire, or a sooner one be set, meanwhile.
    standing = wish;
    const [stored, set] = await Promise.allSettled([before, storage.setAlarm(wish.at)]);
    if (stored.status === "rejected" || set.status === "rejected") known = false;
    if (set.status === "rejected") {
      // Only its own memory: a sooner alarm may have been set since.
      if (standing === wish) standing = null;
      throw set.reason;
    }
    if (stored.status === "rejected") throw stored.reason;
    // One that has fired meanwhile is set once more, and finds nothing to do.
    if (stored.value !== null) await arm(stored.value);
  }

  return {
    arm,
    fired() {
      standing = null;
      known = true;
    },
    firesBefore(at) {
      return (stands(clock.now())?.at ?? Number.POSITIVE_INFINITY) < at;
    },
  };
}
