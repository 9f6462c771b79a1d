/** Claimed deliveries, as they are handed to the notifiers. */
import { claimedBytesMax } from "../../domain/hooks/limits.ts";
import type { ClaimedDelivery } from "../../ports/hooks/deliveries.ts";

/** Characters of the bodies of some deliveries. */
export const charactersOf = (deliveries: readonly ClaimedDelivery[]): number =>
  deliveries.reduce((sum, { body }) => sum + body.length, 0);

/** Characters of one claim from which on there may be more than it had room for. */
const fullClaimCharacters = claimedBytesMax / 4;

/** Whether more may be due than a claim had room for. */
export const isFull = (claimed: readonly ClaimedDelivery[], limit: number): boolean =>
  claimed.length === limit || charactersOf(claimed) >= fullClaimCharacters;

/** One POST for each delivery. Reviews of calls that go to people share one. */
export function posts(claimed: readonly ClaimedDelivery[]): (readonly ClaimedDelivery[])[] {
  const digests = new Map<string, ClaimedDelivery[]>();
  const single: ClaimedDelivery[][] = [];
  for (const one of claimed) {
    if (one.format === "webhook" || one.type !== "call.review") single.push([one]);
    else digests.set(one.hook, [...(digests.get(one.hook) ?? []), one]);
  }
  return [...single, ...digests.values()];
}
