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

export type NoteStore = {
  /** Stores a note with its entry. Null: no event and no call has this order number. */
  add(note: NewNote): Promise<{ id: string; at: number } | null>;
};
