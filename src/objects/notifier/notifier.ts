/**
 * A notifier: one object for each hook. It opens the hook's secrets, signs a body and sends it. It stores nothing: what
 * it sends and what came of it is in Postgres. An object has six connections that wait for an answer, so a receiver that
 * never answers takes none from another hook.
 */
import { DurableObject } from "cloudflare:workers";
import type { Notify } from "../../flows/hooks/post.ts";
import { post } from "../../flows/hooks/post.ts";
import type { ClaimedDelivery, Posted } from "../../ports/hooks/deliveries.ts";

/** The notifier's methods as the dispatcher calls them. */
export type NotifierRpc = { post(deliveries: readonly ClaimedDelivery[]): Promise<Posted> };

/** @param wire makes an object's dependencies from its environment */
export function notifierObject(wire: (env: unknown) => Notify) {
  return class extends DurableObject implements NotifierRpc {
    readonly deps = wire(this.env);

    async post(deliveries: readonly ClaimedDelivery[]): Promise<Posted> {
      return await post(this.deps, deliveries);
    }
  };
}
