import type { IncomingEvent } from "../../domain/events/webhook.ts";
import { eventTypeCharactersMax } from "../../domain/limits.ts";
import { sha256Hex } from "../../platform/hashes.ts";
import type { EventKey } from "../preset/preset.ts";

/**
 * Characters of an id. A longer one is hashed for the dedupe key and cut for display: Postgres limits an index entry to
 * 2,704 bytes.
 */
const idCharactersMax = 200;

/**
 * Characters that are removed from a displayed or indexed name: controls, and marks that change the direction of text.
 */
const odd = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Identity of an event within its source. */
type EventIdentity = Pick<IncomingEvent, "externalId" | "dedupeKey" | "formerKey">;

/** The inputs of an event's dedupe key. */
type Named = {
  /** The sender's id of the event, or null. */
  readonly id: string | null;
  /** The parts of the key beside the id. */
  readonly of: EventKey["of"];
  readonly type: string;
  /** SHA-256 of the event's own text without its counters, in hex. */
  readonly bodyHash: string;
  /**
   * Number of the time window, for an event without an id: the same text in another window is another event. Null: the
   * same text is always the same event.
   */
  readonly window: number | null;
};

/**
 * @returns The dedupe key, equal for every redelivery. An id that is sanitized or cut for display is hashed in its
 *   original form, so two similar ids have two keys. `formerKey` is the key by the id alone, under which earlier
 *   versions have stored the event.
 */
export function eventIdentity({ id, of, type, bodyHash, window }: Named): EventIdentity {
  if (id === null)
    return { externalId: null, dedupeKey: `body-sha256:${bodyHash}${window === null ? "" : `:${window}`}` };
  const externalId = shownId(id);
  const key = externalId === id ? id : `id-sha256:${sha256Hex(JSON.stringify(id))}`;
  switch (of) {
    case "id":
      return { externalId, dedupeKey: key };
    // JSON of a list is unambiguous: two different lists never have the same text.
    case "id_type":
      return { externalId, dedupeKey: JSON.stringify([key, type]), formerKey: { key, sameBody: false } };
    case "id_type_body":
      return { externalId, dedupeKey: JSON.stringify([key, type, bodyHash]), formerKey: { key, sameBody: true } };
  }
}

/** @returns An id that can be displayed. */
function shownId(id: string): string {
  return showable(id, idCharactersMax);
}

/** @returns A type that can be displayed, matched and indexed; the default if no character of it is left. */
export function typeName(found: string | null, typeDefault: string): string {
  const shown = showable(found ?? "", eventTypeCharactersMax).trim();
  return shown === "" ? typeDefault : shown;
}

/** Replaces odd characters and cuts to a length, never inside a surrogate pair. */
function showable(text: string, charactersMax: number): string {
  const clean = text.toWellFormed().replace(odd, "\ufffd");
  return clean.length <= charactersMax ? clean : clean.slice(0, charactersMax).replace(/[\ud800-\udbff]$/, "");
}
