/**
 * Rule: a change is committed to Postgres before it is answered. The answer also says whether every object that decides
 * without Postgres has the change. If an object could not be reached, the answer is unconfirmed, and names the time
 * after which no object uses the older state.
 */
import { sweepEveryMs } from "../../domain/limits.ts";
import type { Clock } from "../../ports/runtime.ts";

/**
 * The part of the service that could not be reached with the change:
 *
 * | part              | until then                                                                            |
 * | ----------------- | ------------------------------------------------------------------------------------- |
 * | `inbox`           | the inbox uses its older copy of the source while Postgres is down                    |
 * | `earlier_version` | a Worker or an inbox of an earlier version uses its older copy                        |
 * | `names`           | Workers do not know a new source: the directory could not be told its name            |
 * | `keys`            | Workers check Mihu's webhooks by older keys: the directory has not read the new ones  |
 * | `asleep`          | waiting work does not continue: its object could not be woken, and the sweep wakes it |
 */
export type Untold = "inbox" | "earlier_version" | "names" | "keys" | "asleep";

/** `untilMs`: the time at which the last of them has the change, in epoch milliseconds. */
export type Confirmation = { readonly confirmed: true } | Unconfirmed;

type Unconfirmed = {
  readonly confirmed: false;
  readonly untilMs: number;
  readonly untold: readonly Untold[];
  readonly errors: readonly unknown[];
};

export function unconfirmed(untold: Untold, untilMs: number, error: unknown): Unconfirmed {
  return { confirmed: false, untilMs, untold: [untold], errors: [error] };
}

/** Wakes an object to continue waiting work. If the object is unreachable, the sweep wakes it. */
export async function wake(clock: Clock, poke: () => Promise<void>): Promise<Confirmation> {
  try {
    await poke();
    return { confirmed: true };
  } catch (error) {
    return unconfirmed("asleep", clock.now() + sweepEveryMs, error);
  }
}

/** Combines the confirmations of one change. It is confirmed if all of them are. */
export function allConfirmed(parts: readonly Confirmation[]): Confirmation {
  const open = parts.filter((one) => !one.confirmed);
  if (open.length === 0) return { confirmed: true };
  return {
    confirmed: false,
    untilMs: Math.max(...open.map(({ untilMs }) => untilMs)),
    untold: [...new Set(open.flatMap(({ untold }) => untold))],
    errors: open.flatMap(({ errors }) => errors),
  };
}
