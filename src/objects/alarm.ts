/**
 * The alarm of an object. An object has one alarm, and setting it replaces the earlier time. This engine remembers the
 * time, so that a later wish never delays a sooner alarm, whichever instance of the object set it.
 *
 * | the alarm                | a later wish    | a sooner wish                                    |
 * | ------------------------ | --------------- | ------------------------------------------------ |
 * | is not set, or has fired | sets it         | sets it                                          |
 * | is in the future         | changes nothing | sets it                                          |
 * | is due and has not fired | changes nothing | impossible: no wish is set for a time before now |
 * | is overdue by `lateMs`   | sets it         | sets it                                          |
 * | could not be set         | sets it         | sets it                                          |
 *
 * A wish is for its time *or sooner*, and a sooner alarm swallows it. So an object's `alarm()` checks all of its work,
 * and makes a new wish for work that is not due yet. No code may rely on an earlier wish.
 *
 * A wish further ahead than {@link alarmAheadMsMax}, or without a valid time, is set for the end of that span.
 *
 * The storage outlives an instance, for example when the object is reset or gets a new version. With its first wish, a
 * new instance reads the stored alarm and repeats it as a wish of its own. Otherwise instances that end faster than an
 * alarm fires would delay it without end. A due alarm is set again for now, because the runtime may have lost it.
 *
 * Not guaranteed: the first wish is set before the stored alarm is known, since an answer must not leave before an
 * alarm is set. An instance that ends between the two leaves an alarm at the time of the wish.
 */
import type { Clock } from "../ports/runtime.ts";

/** Pause after an unexpected failure, before the object's alarm tries again. */
export const failurePauseMs = 5_000;

/**
 * The latest time for an alarm, counted from now. A call in the year 9999 must not become a time that the runtime
 * refuses, because the object would then fail repeatedly. The alarm fires early, finds nothing due, and is set again.
 */
const alarmAheadMsMax = 30 * 86_400_000;

export type AlarmLimits = {
  /** The earliest time for an alarm, counted from now, so that failing work is not retried in a tight loop. */
  readonly floorMs: number;
  /** An alarm that has not fired this long after its time counts as lost, and any wish replaces it. */
  readonly lateMs: number;
};

/**
 * Alarm methods of an object's storage. `getAlarm` returns the alarm that is set when it is called, and null while the
 * alarm runs.
 */
type AlarmStorage = { getAlarm(): Promise<number | null>; setAlarm(at: number): Promise<void> };

/** Times are epoch milliseconds. */
export type ObjectAlarm = {
  /**
   * Sets the alarm, unless a sooner one is set. Rejects if the storage does; the next wish is then set whatever its
   * time. Once it resolves, an alarm of the previous instance is kept or was replaced by a sooner one.
   */
  arm(wantedAt: number): Promise<void>;
  /** Notes that the alarm has fired. An object's `alarm()` calls it first. */
  fired(): void;
  /**
   * Whether an alarm is set that fires before this time. A lost alarm does not count, and before the first wish the
   * answer is false.
   */
  firesBefore(at: number): boolean;
};

/** @param storage the object's own storage */
export function objectAlarm(storage: AlarmStorage, clock: Clock, { floorMs, lateMs }: AlarmLimits): ObjectAlarm {
  let standing: { readonly at: number } | null = null;
  /** Whether this instance has read the stored alarm. */
  let known = false;
  const stands = (now: number): typeof standing => (standing !== null && standing.at > now - lateMs ? standing : null);

  async function arm(wantedAt: number): Promise<void> {
    const now = clock.now();
    const latest = now + alarmAheadMsMax;
    const wish = { at: Number.isNaN(wantedAt) ? latest : Math.min(Math.max(wantedAt, now + floorMs), latest) };
    if (wish.at >= (stands(now)?.at ?? Number.POSITIVE_INFINITY)) return;
    // Requested before the wish replaces it.
    const before = known ? null : storage.getAlarm();
    known = true;
    // Stored before the runtime answers: meanwhile the alarm may fire, or a sooner one be set.
    standing = wish;
    const [stored, set] = await Promise.allSettled([before, storage.setAlarm(wish.at)]);
    if (stored.status === "rejected" || set.status === "rejected") known = false;
    if (set.status === "rejected") {
      // Only if unchanged: a sooner alarm may have been set since.
      if (standing === wish) standing = null;
      throw set.reason;
    }
    if (stored.status === "rejected") throw stored.reason;
    // An alarm that fired meanwhile is set once more, and finds nothing due.
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
