/**
 * Erase: removes all personal data of a number's calls or of one event. `src/store/calls/erasures.ts` lists the
 * columns that stay, such as status, times and order number.
 *
 * | the call is                              | then                                                   |
 * | ---------------------------------------- | ------------------------------------------------------ |
 * | over (`ended`, `skipped`, `canceled`, …) | it is erased                                           |
 * | `queued`, `held`                         | it is canceled with the reason `erased`, and erased    |
 * | `dialing`, `placed`, `unknown`, `review` | it stays. The answer counts such calls and names 50   |
 * | erased before                            | nothing                                                |
 *
 * Safe to repeat and to stop at any point: each statement is complete, and the next request continues.
 */
import type { ErasureStore, ErasureTarget, ErasureWaiting, Known, ToldReceiver } from "../../ports/people/erasures.ts";
import type { PersonAct } from "../../ports/person-act.ts";

/** Calls per statement, and statements per request. Numbers with more calls take several requests. */
const erasedPerStatementMax = 200;
const eraseStatementsMax = 20;

/** Calls in flight that an answer names. */
const eraseWaitingNamedMax = 50;

type ErasePorts = { erasures: ErasureStore };

/**
 * Erased and remaining calls. `told`: receivers of hooks that were sent what is erased now, so that a person can ask them
 * too. `more`: repeat the request, since more calls remain than one request erases.
 */
type Erased = {
  readonly calls: number;
  readonly canceled: number;
  readonly events: number;
  readonly told: readonly ToldReceiver[];
  readonly waiting: ErasureWaiting;
  readonly more: boolean;
};

/**
 * Erases a person's data. Each call and event has an entry that says who asked for it, and why.
 *
 * An event that made no call to the number is not found by the number, even if its body contains it: no index covers
 * bodies.
 */
export async function erase(ports: ErasePorts, target: ErasureTarget, act: PersonAct): Promise<Erased> {
  const sum = { calls: 0, canceled: 0, events: 0 };
  const told = new Map<string, ToldReceiver>();
  let more = true;
  for (let nth = 0; more && nth < eraseStatementsMax; nth++) {
    const batch = await ports.erasures.erase(target, erasedPerStatementMax, act);
    sum.calls += batch.calls;
    sum.canceled += batch.canceled;
    sum.events += batch.events;
    for (const one of batch.told) {
      const deliveries = one.deliveries + (told.get(one.hook)?.deliveries ?? 0);
      told.set(one.hook, { ...one, deliveries });
    }
    more = batch.more;
  }
  return {
    ...sum,
    told: [...told.values()],
    more,
    waiting: await ports.erasures.waiting(target, eraseWaitingNamedMax),
  };
}

/**
 * Explains why nothing was erased. An event that never existed is the caller's mistake. An event that was erased before
 * is not.
 *
 * @returns `known` for any number, since a number needs no record.
 */
export async function missing({ erasures }: ErasePorts, target: ErasureTarget, erased: Erased): Promise<Known> {
  const found = erased.calls + erased.events + erased.waiting.callsCount + erased.waiting.events.length;
  return found > 0 || "number" in target ? "known" : await erasures.knows(target);
}
