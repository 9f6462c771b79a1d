/** Notes of people on orders. Types only. */

/** A new note. `commitment` is the text's HMAC under the salt, which its entry stores. */
export type NewNote = {
  readonly orderNumber: string;
  readonly orderNumberKey: string;
  readonly source: string | null;
  readonly text: string;
  readonly salt: string;
  readonly commitment: string;
  readonly actor: string;
};

/**
 * Why a note was not stored: there is no such source; no event and no call has the order number, or none of this source;
 * or the data of the order's customer was erased.
 */
export type NoteRefusal = "no_source" | "no_order" | "erased";

export type NoteStore = {
  /** Stores a note with its entry. */
  add(note: NewNote): Promise<{ id: string; at: number } | NoteRefusal>;
};
