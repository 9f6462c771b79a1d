import { iso } from "./moment.ts";

/**
 * The end of an answer to a change of sources. The change holds in Postgres either way. `confirmed: false`: an inbox could not be
 * reached, and may use its older copy while Postgres is down, at the latest until `until`.
 */
export function confirmationView(
  one: { readonly confirmed: true } | { readonly confirmed: false; readonly untilMs: number },
): { confirmed: true } | { confirmed: false; until: string } {
  return one.confirmed ? { confirmed: true } : { confirmed: false, until: iso(one.untilMs) };
}
