import { eventTypeCharactersMax } from "../../domain/limits.ts";
import { sha256Hex } from "../../platform/hashes.ts";

/** Characters of an id. A longer one is hashed for the dedupe key and cut for display: an index entry of Postgres has at most 2,704 bytes. */
const idCharactersMax = 200;

/** Characters that a displayed or indexed name must not have: controls, and marks that change the direction of text. */
const odd = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The identity of an event within its source. */
export type EventIdentity = { readonly externalId: string | null; readonly dedupeKey: string };

/**
 * @param id The sender's id of the event, or null.
 * @param bodyHash SHA-256 of the event's own text, in hex.
 * @param window Number of the time window, for an event without an id: the same text in another window is another event. Null: the
 *   same text is always the same event.
 * @returns The dedupe key, equal for each redelivery. An id that is cleaned or cut for display is hashed as it arrived, so that two
 *   similar ids keep two keys.
 */
export function eventIdentity(id: string | null, bodyHash: string, window: number | null = null): EventIdentity {
  if (id === null)
    return { externalId: null, dedupeKey: `body-sha256:${bodyHash}${window === null ? "" : `:${window}`}` };
  const shown = showable(id, idCharactersMax);
  if (shown === id) return { externalId: id, dedupeKey: id };
  return { externalId: shown, dedupeKey: `id-sha256:${sha256Hex(JSON.stringify(id))}` };
}

/** @returns A type that can be displayed, matched and indexed; the default if nothing is left of it. */
export function typeName(found: string | null, typeDefault: string): string {
  const shown = showable(found ?? "", eventTypeCharactersMax).trim();
  return shown === "" ? typeDefault : shown;
}

/** Replaces odd characters, and cuts between characters, never inside of a surrogate pair. */
function showable(text: string, charactersMax: number): string {
  const clean = text.toWellFormed().replace(odd, "\ufffd");
  return clean.length <= charactersMax ? clean : clean.slice(0, charactersMax).replace(/[\ud800-\udbff]$/, "");
}
