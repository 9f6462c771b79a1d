import { eventTypeCharactersMax } from "../../domain/limits.ts";
import { sha256Hex } from "../../platform/hashes.ts";

/** A longer id is hashed for the dedupe key and cut for showing: an index entry of Postgres has at most 2,704 bytes. */
const idCharactersMax = 200;

/** Characters that neither a page nor Postgres should meet in a name: controls, and the marks that turn text around. */
const odd = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Who an event is, within its source. */
export type EventIdentity = { readonly externalId: string | null; readonly dedupeKey: string };

/**
 * @param id What the sender calls the event, or null.
 * @param bodyHash SHA-256 of the event's own text, in hex.
 * @param window Of an event that nobody names: the same text in another window is another event. Null: it is one event for ever.
 * @returns A key that is the same for each redelivery. An id that had to be cleaned or cut to be shown is hashed as it came, so
 *   that two ids which look alike stay two.
 */
export function eventIdentity(id: string | null, bodyHash: string, window: number | null = null): EventIdentity {
  if (id === null)
    return { externalId: null, dedupeKey: `body-sha256:${bodyHash}${window === null ? "" : `:${window}`}` };
  const shown = showable(id, idCharactersMax);
  if (shown === id) return { externalId: id, dedupeKey: id };
  return { externalId: shown, dedupeKey: `id-sha256:${sha256Hex(JSON.stringify(id))}` };
}

/** @returns A type fit to be shown, matched and indexed; the default if nothing is left of it. */
export function typeName(found: string | null, typeDefault: string): string {
  const shown = showable(found ?? "", eventTypeCharactersMax).trim();
  return shown === "" ? typeDefault : shown;
}

/** Cuts between characters, never inside of a surrogate pair. */
function showable(text: string, charactersMax: number): string {
  const clean = text.toWellFormed().replace(odd, "\ufffd");
  return clean.length <= charactersMax ? clean : clean.slice(0, charactersMax).replace(/[\ud800-\udbff]$/, "");
}
