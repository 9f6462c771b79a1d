import type { Confirmation, Untold } from "../flows/config/confirmation.ts";
import { iso } from "./moment.ts";

/** Sentences for unconfirmed changes. Each says what may happen until the given time. */
const sentences: Readonly<Record<Untold, string>> = {
  inbox:
    "An inbox did not answer. If Postgres is down, that inbox may use the old configuration until the time in `until`.",
  earlier_version:
    "A Worker or an inbox of an earlier version may use the old configuration until the time in `until`.",
  names: "The directory did not answer. Webhooks of a new source may get 404 or 503 until the time in `until`.",
  keys: "The directory did not answer. Until the time in `until`, Mihu's webhooks with a new key may be refused, and webhooks with an old key accepted. Hookline polls for outcomes too, so refused outcomes only come later.",
  asleep: "An object did not answer. Its waiting work continues at the latest at the time in `until`.",
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
