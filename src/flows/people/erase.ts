/**
 * Erase: everything that is known of a person, in all calls of a number or in one event → only that it happened.
 *
 * | the call is                                      | then                                                     |
 * | ------------------------------------------------ | -------------------------------------------------------- |
 * | over (`ended`, `skipped`, `canceled`, …)         | it is erased                                             |
 * | `queued`, `held`                                 | it is canceled with the reason `erased`, and erased      |
 * | `dialing`, `placed`, `unknown`, `review`         | it is named: somebody asks again once it is over         |
 * | erased before                                    | nothing                                                  |
 *
 * Safe to repeat, and to stop anywhere: each statement is whole, and the next request goes on.
 */
import type { ErasureStore, ErasureTarget, ErasureWaiting, Known } from "../../ports/people/erasures.ts";
import type { PersonAct } from "../../ports/person-act.ts";

/** Calls that one statement erases, and statements of one request. Numbers with more calls take several requests. */
const erasedPerStatementMax = 200;
const eraseStatementsMax = 20;

/** Calls that cannot be erased yet and are named in an answer. */
const eraseWaitingNamedMax = 50;

type ErasePorts = { erasures: ErasureStore };

/** What was erased and what could not be yet. `more`: ask again, there are more calls than one request erases. */
type Erased = {
  readonly calls: number;
  readonly canceled: number;
  readonly events: number;
  readonly waiting: ErasureWaiting;
  readonly more: boolean;
};

/**
 * Erases a person's traces. Each call and event has an entry that says who wanted it and why.
 *
 * An event that made no call to the number is not found by it, though its body may hold it: no index looks into bodies.
 */
export async function erase(ports: ErasePorts, target: ErasureTarget, act: PersonAct): Promise<Erased> {
  const sum = { calls: 0, canceled: 0, events: 0 };
  let more = true;
  for (let nth = 0; more && nth < eraseStatementsMax; nth++) {
    const batch = await ports.erasures.erase(target, erasedPerStatementMax, act);
    sum.calls += batch.calls;
    sum.canceled += batch.canceled;
    sum.events += batch.events;
    more = batch.more;
  }
  return { ...sum, more, waiting: await ports.erasures.waiting(target, eraseWaitingNamedMax) };
}

/**
 * Why nothing was erased: an event that was never there is a mistake of whoever asks, one that was erased before is not.
 *
 * @returns `known` also for a number, of which nothing has to be known
 */
export async function missing({ erasures }: ErasePorts, target: ErasureTarget, erased: Erased): Promise<Known> {
  const found = erased.calls + erased.events + erased.waiting.callsCount + erased.waiting.events.length;
  return found > 0 || "number" in target ? "known" : await erasures.knows(target);
}
