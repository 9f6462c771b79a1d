/**
 * Rule: a change is true in Postgres once it is answered, and its answer says whether everybody who judges without Postgres has it. An object
 * that could not be told makes the answer unconfirmed, with the time after which nobody goes by what was before.
 */
import { sweepEveryMs } from "../../domain/limits.ts";
import type { Clock } from "../../ports/runtime.ts";

/**
 * What could not be told:
 *
 * | part              | until then                                                                       |
 * | ----------------- | -------------------------------------------------------------------------------- |
 * | `inbox`           | the inbox goes by its older copy of the source while Postgres is down            |
 * | `earlier_version` | a Worker or an inbox of an earlier version goes by its older copy                |
 * | `names`           | Workers do not know a new source: the directory could not be told of its name    |
 * | `keys`            | Workers judge Mihu's webhooks by older keys: the directory has not read the new  |
 * | `asleep`          | what waits does not go on: its object could not be woken, and the sweep wakes it |
 */
export type Untold = "inbox" | "earlier_version" | "names" | "keys" | "asleep";

/** `untilMs`: when the last of them has the change, as epoch milliseconds. */
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

/** Wakes an object, so that what waits goes on. The sweep does it where the object cannot be reached. */
export async function wake(clock: Clock, poke: () => Promise<void>): Promise<Confirmation> {
  try {
    await poke();
    return { confirmed: true };
  } catch (error) {
    return unconfirmed("asleep", clock.now() + sweepEveryMs, error);
  }
}

/** A change of which several were told: it is confirmed if each of them has it. */
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
