/** Whatever is stored sealed, as sealing it anew needs it. Types only. */

/** What a sealed value is of. */
type SealedKind = "secret" | "credential" | "line_webhook" | "line_webhook_next";

/** A sealed value. `key` names it among all of them, and orders them. */
export type SealedValue = { key: string; what: SealedKind; id: string; sealed: string };

/** A value that is sealed anew; `before` guards it. */
export type ResealedValue = { what: SealedKind; id: string; before: string; sealed: string; kid: string };

/** A secret that verifies, as it is stored. */
export type VerifyingSecret = { source: string; id: string; env: string | null; sealed: string };

export type SealedStore = {
  /** The secrets of one source, or of every source, that verify. */
  secrets(source: string | null): Promise<VerifyingSecret[]>;
  /** Values that another key than `kid` has sealed, or may have, in their order. */
  list(kid: string, limit: number, after: string | null): Promise<SealedValue[]>;
  /**
   * Writes values in one statement with one entry.
   *
   * @param unreadable keys of values that could not be opened: the entry names them
   * @returns how many it wrote, and the sources whose copies are old now
   */
  write(
    values: readonly ResealedValue[],
    unreadable: readonly string[],
    actor: string,
  ): Promise<{ count: number; sources: string[] }>;
};

/** Seals, and opens what older keys have sealed. */
export type Resealer = {
  /** The key that seals. */
  readonly kid: string;
  seal(text: string): Promise<string>;
  open(sealed: string): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false }>;
  /** Which key has sealed a text, as it says itself; `null`: it is none of ours. */
  sealedBy(sealed: string): string | null;
};
