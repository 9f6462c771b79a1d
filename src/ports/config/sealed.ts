/** Sealed values, for resealing. Types only. */

/** Kind of a sealed value. */
type SealedKind = "secret" | "credential" | "line_webhook" | "line_webhook_next" | "hook";

/** A sealed value. `key` identifies it among all of them, and orders them. */
export type SealedValue = { key: string; what: SealedKind; id: string; sealed: string };

/** A resealed value. `before` guards the write. */
export type ResealedValue = { what: SealedKind; id: string; before: string; sealed: string; kid: string };

/** An active secret, as stored. */
export type VerifyingSecret = { source: string; id: string; env: string | null; sealed: string };

export type SealedStore = {
  /** Active secrets of one source, or of every source. */
  secrets(source: string | null): Promise<VerifyingSecret[]>;
  /** Values that a key other than `kid` sealed, or may have sealed, in order. */
  list(kid: string, limit: number, after: string | null): Promise<SealedValue[]>;
  /**
   * Writes values in one statement with one entry.
   *
   * @param unreadable Keys of values that no key opens. The entry names them.
   * @returns The number of written values, and the sources whose copies are outdated now.
   */
  write(
    values: readonly ResealedValue[],
    unreadable: readonly string[],
    actor: string,
  ): Promise<{ count: number; sources: string[] }>;
};

/** Seals with the newest key, and opens values of older keys. */
export type Resealer = {
  /** Id of the key that seals. */
  readonly kid: string;
  seal(text: string): Promise<string>;
  open(sealed: string): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false }>;
  /** Id of the key that sealed a text, from its header; null if the text is not sealed by us. */
  sealedBy(sealed: string): string | null;
};
