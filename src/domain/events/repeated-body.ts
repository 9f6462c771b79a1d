/**
 * Replays: where a sender signs the bytes and not the event's id, whoever has one signed body can send it again under any other id
 * and type. So the same bytes of one type count as one event, and bytes that are old wait for a person. Pure.
 */

import { replayAgeMs } from "../limits.ts";
import type { RuleDefinition } from "../rules/rule.ts";
import type { PlannableEvent } from "./event.ts";

/** Which types a source's rules ask for: by name, or whatever comes. */
export type AskedTypes = { readonly named: ReadonlySet<string>; readonly all: boolean };

/** @param rules the source's, as they are written; one that is off asks for nothing */
export function askedTypes(rules: readonly { readonly definition: RuleDefinition }[]): AskedTypes {
  const asking = rules.map(({ definition }) => definition).filter(({ mode }) => mode !== "off");
  return {
    named: new Set(asking.flatMap(({ on }) => on ?? [])),
    // A `withdraw` is asked of every type.
    all: asking.some(({ on, withdraw }) => on === undefined || withdraw !== undefined),
  };
}

/**
 * What the same bytes are told apart by. The type may be as little signed as the id: where a rule takes any type, a type that no
 * rule names is nobody's word, and an invented one makes no other event.
 *
 * @param window the stretch of time in which the bytes are one event; absent: all time
 * @returns the text whose hash is unique within the source
 */
export function bodyIdentity({ named, all }: AskedTypes, type: string, bodyHash: string, window?: number): string {
  const told = all && !named.has(type) ? null : type;
  return JSON.stringify(window === undefined ? [told, bodyHash] : [told, bodyHash, window]);
}

/** @returns whether an event whose bytes may be sent again is too old to be believed as it comes; one that names no time is not */
export function isStale({ bodyOnce, occurredAt, receivedAt }: PlannableEvent): boolean {
  return bodyOnce === true && occurredAt !== null && receivedAt - occurredAt > replayAgeMs;
}
