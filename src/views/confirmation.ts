import type { Confirmation, Untold } from "../flows/config/confirmation.ts";
import { iso } from "./moment.ts";

/** Sentences for unconfirmed changes. Each says what may happen until the given time. */
const sentences: Readonly<Record<Untold, string>> = {
  inbox: "An inbox could not be reached: it may go by what was before if Postgres is down.",
  earlier_version: "A Worker or an inbox of an earlier version may go by what was before.",
  names: "The directory could not be told: webhooks of a new source may be answered with 404 or 503.",
  keys: "The directory could not be told: Mihu's webhooks with a new key may be refused, and those with an older one taken. Outcomes are also asked for, and come later.",
  asleep: "An object could not be woken: what waits goes on by then.",
};

/**
 * Confirmation fields in the response to a change. The change holds in Postgres in any case. `confirmed: false`: a part
 * of the service that works without Postgres may use the previous state, at the latest until `until`. `detail` names
 * the part.
 */
export function confirmationView(
  one: Confirmation,
): { confirmed: true } | { confirmed: false; until: string; detail: string } {
  if (one.confirmed) return { confirmed: true };
  return { confirmed: false, until: iso(one.untilMs), detail: one.untold.map((who) => sentences[who]).join(" ") };
}
