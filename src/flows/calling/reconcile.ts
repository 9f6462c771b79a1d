/**
 * Reconcile: calls whose answer was lost → adopted, looked up again later, or put before a person. Never dialled again.
 *
 * | what Mihu's list says                                  | the call                                             |
 * | ------------------------------------------------------ | ---------------------------------------------------- |
 * | one call that can be this one and no other of ours     | `placed`, with that conversation                     |
 * | several, or more than are looked through               | `review`, `several_found`                            |
 * | none                                                   | looked up again; after the last look `review`, `not_found` |
 * | it cannot be read                                      | stays `unknown`; asked again, ever more rarely       |
 */

import { reconcileCall, type UnknownCall, unreadablePause } from "../../domain/calls/reconcile.ts";
import { looksAfterMs, looksRunMs } from "../../domain/limits.ts";
import type { ReconciliationStore } from "../../ports/calling/reconciliations.ts";
import type { Voice } from "../../ports/calling/voice.ts";
import type { Clock } from "../../ports/runtime.ts";

/** Unknown calls that one run looks up. */
const looksPerRunMax = 10;

export type ReconcilePorts = {
  clock: Clock;
  reconciliations: ReconciliationStore;
  voice: Pick<Voice, "find">;
};

/**
 * Looks up a line's unknown calls that are due.
 *
 * @returns whether any has left `unknown`: its number, and perhaps a slot, is free
 */
export async function reconcile(ports: ReconcilePorts, line: string): Promise<boolean> {
  const beganAt = ports.clock.now();
  let moved = false;
  for (const call of await ports.reconciliations.openUnknown(line, looksPerRunMax)) {
    // What is not reached stays due, and comes with the next run.
    if (ports.clock.now() - beganAt > looksRunMs) break;
    if (await lookUp(ports, line, call)) moved = true;
  }
  return moved;
}

async function lookUp(ports: ReconcilePorts, line: string, call: UnknownCall): Promise<boolean> {
  const actor = `line:${line}`;
  const found = await ports.voice.find(call.agent, call.number, call.claimedAt);
  if (found === null) {
    const waitMs = unreadablePause(call.claimedAt, ports.clock.now());
    await ports.reconciliations.lookLater(call.id, { read: false, waitMs }, actor);
    return false;
  }
  const others = found.calls.length === 0 ? [] : await ports.reconciliations.othersOf(call, found.calls);
  const decision = reconcileCall(call, found, others);
  switch (decision.kind) {
    case "adopt": {
      if (await ports.reconciliations.adopt(call.id, decision.adoption, actor)) return true;
      // Another call took the same at this moment: the next look sees that. A call that has left `unknown` is not touched.
      await ports.reconciliations.lookLater(call.id, { read: false, waitMs: looksAfterMs[0] }, actor);
      return false;
    }
    case "review":
      return await ports.reconciliations.toReview(call.id, decision.doubt, actor);
    case "later":
      await ports.reconciliations.lookLater(call.id, { read: true, waitMs: decision.waitMs }, actor);
      return false;
  }
}
