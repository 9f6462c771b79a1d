/**
 * A notifier: one object for each hook. It opens the hook's secrets, signs a body and sends it. It stores nothing: what
 * it sends and what came of it is in Postgres. An object has six connections that wait for an answer, so a receiver that
 * never answers takes none from another hook.
 */
import { DurableObject } from "cloudflare:workers";
import { postsAtOnceMax } from "../../domain/hooks/limits.ts";
import type { ClaimedDelivery, Posted } from "../../ports/hooks/deliveries.ts";

/** The notifier's methods as the dispatcher calls them. */
export type NotifierRpc = { post(deliveries: readonly ClaimedDelivery[]): Promise<Posted> };

/** The dependencies that the wiring gives a notifier. */
export type NotifierDeps = NotifierRpc;

/** @param wire makes an object's dependencies from its environment */
export function notifierObject(wire: (env: unknown) => NotifierDeps) {
  return class extends DurableObject implements NotifierRpc {
    readonly deps = wire(this.env);

    /** POSTs under way, and those that wait for their turn. */
    underWay = 0;
    readonly waiting: (() => void)[] = [];

    async post(deliveries: readonly ClaimedDelivery[]): Promise<Posted> {
      if (this.underWay >= postsAtOnceMax) await new Promise<void>((begin) => this.waiting.push(begin));
      else this.underWay += 1;
      try {
        return await this.deps.post(deliveries);
      } finally {
        const next = this.waiting.shift();
        if (next === undefined) this.underWay -= 1;
        else next();
      }
    }
  };
}
