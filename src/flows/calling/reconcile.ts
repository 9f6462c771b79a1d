/**
 * Reconcile: a call whose answer was lost is adopted, looked up again later, or put under review. It is never dialled
 * again.
 *
 * | Mihu's list has                                       | the call                                                      |
 * | ----------------------------------------------------- | ------------------------------------------------------------- |
 * | one call that matches, and matches no other of ours   | `placed`, with that conversation                              |
 * | several matches, or more calls than one look-up reads | `review`, `several_found`                                     |
 * | no match                                              | looked up again; after the last look-up `review`, `not_found` |
 * | no readable answer                                    | stays `unknown`; looked up with growing pauses                |
 */

import { reconcileCall, type UnknownCall, unreadablePause } from "../../domain/calls/reconcile.ts";
import { looksAfterMs, looksRunMs } from "../../domain/limits.ts";
import type { ReconciliationStore } from "../../ports/calling/reconciliations.ts";
import type { Voice } from "../../ports/calling/voice.ts";
import type { Clock } from "../../ports/runtime.ts";

/** Unknown calls per run. */
const looksPerRunMax = 10;

export type ReconcilePorts = {
  clock: Clock;
  reconciliations: ReconciliationStore;
  voice: Pick<Voice, "find">;
};

/**
 * Looks up a line's unknown calls that are due.
 *
 * @returns Whether a call left `unknown`, which frees its number and perhaps a slot.
 */
export async function reconcile(ports: ReconcilePorts, line: string): Promise<boolean> {
  const beganAt = ports.clock.now();
  let moved = false;
  for (const call of await ports.reconciliations.openUnknown(line, looksPerRunMax)) {
    // The remaining calls stay due for the next run.
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
      // Another call has just adopted the same conversation. The next look-up sees this. A call that has left `unknown`
      // is not touched.
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
