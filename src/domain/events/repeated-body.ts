/**
 * Replay attacks on senders that sign the body but not the event's id: a signed body can be sent again under any id and
 * type. So equal bytes of one type count as one event, and calls for old bytes wait for a person. Pure.
 */

import { replayAgeMs } from "../limits.ts";
import type { RuleDefinition } from "../rules/rule.ts";
import type { PlannableEvent } from "./event.ts";

/** Event types that a source's rules name, or all. */
export type AskedTypes = { readonly named: ReadonlySet<string>; readonly all: boolean };

/** @param rules The source's rules. A rule that is off does not count. */
export function askedTypes(rules: readonly { readonly definition: RuleDefinition }[]): AskedTypes {
  const asking = rules.map(({ definition }) => definition).filter(({ mode }) => mode !== "off");
  return {
    named: new Set(asking.flatMap(({ on }) => on ?? [])),
    // A `withdraw` condition is evaluated for every type.
    all: asking.some(({ on, withdraw }) => on === undefined || withdraw !== undefined),
  };
}

/**
 * Identity of a body within its source: hash, type and window. The type may be as unsigned as the id. If a rule accepts
 * any type, types that no rule names are left out, so that an invented type makes no second event.
 *
 * @param window Period in which equal bytes are one event. Absent: for ever.
 * @returns A text whose hash is unique within the source.
 */
export function bodyIdentity({ named, all }: AskedTypes, type: string, bodyHash: string, window?: number): string {
  const told = all && !named.has(type) ? null : type;
  return JSON.stringify(window === undefined ? [told, bodyHash] : [told, bodyHash, window]);
}

/** @returns Whether an event is so old that it may be a replay. An event without a time never is. */
export function isStale({ bodyOnce, occurredAt, receivedAt }: PlannableEvent): boolean {
  return bodyOnce === true && occurredAt !== null && receivedAt - occurredAt > replayAgeMs;
}
