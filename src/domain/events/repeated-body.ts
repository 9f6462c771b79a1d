/**
 * Replay attacks: if a sender signs the bytes and not the event's id, one signed body can be sent again under any other id and type.
 * So the same bytes of one type count as one event, and calls of old bytes wait for a person. Pure.
 */

import { replayAgeMs } from "../limits.ts";
import type { RuleDefinition } from "../rules/rule.ts";
import type { PlannableEvent } from "./event.ts";

/** Event types that a source's rules ask for: by name, or all. */
export type AskedTypes = { readonly named: ReadonlySet<string>; readonly all: boolean };

/** @param rules the source's, as they are written; a rule that is off asks for nothing */
export function askedTypes(rules: readonly { readonly definition: RuleDefinition }[]): AskedTypes {
  const asking = rules.map(({ definition }) => definition).filter(({ mode }) => mode !== "off");
  return {
    named: new Set(asking.flatMap(({ on }) => on ?? [])),
    // A `withdraw` is asked of every type.
    all: asking.some(({ on, withdraw }) => on === undefined || withdraw !== undefined),
  };
}

/**
 * The identity of a body within its source: its hash, its type and its window. The type may be as unsigned as the id. If a rule accepts
 * any type, a type that no rule names is left out, so that an invented one makes no second event.
 *
 * @param window the period in which the bytes are one event; absent: for ever
 * @returns the text whose hash is unique within the source
 */
export function bodyIdentity({ named, all }: AskedTypes, type: string, bodyHash: string, window?: number): string {
  const told = all && !named.has(type) ? null : type;
  return JSON.stringify(window === undefined ? [told, bodyHash] : [told, bodyHash, window]);
}

/** @returns whether an event is too old to be trusted, because its bytes may be a replay; an event without a time never is */
export function isStale({ bodyOnce, occurredAt, receivedAt }: PlannableEvent): boolean {
  return bodyOnce === true && occurredAt !== null && receivedAt - occurredAt > replayAgeMs;
}
