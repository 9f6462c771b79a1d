/** Tokens and sessions. Times are epoch milliseconds. Types only. */

export type TokenRow = {
  jti: string;
  name: string;
  scopes: string[];
  createdAt: number;
  createdBy: string | null;
  expiresAt: number;
  revokedAt: number | null;
};

/** A token in a list. Both further fields regard only valid tokens. */
export type ListedToken = TokenRow & {
  /** A token of the same name that is valid for longer. */
  replacedBy: string | null;
  /** Whether its end is near, and no token of the same name is valid for longer. */
  endsSoon: boolean;
};

/** A token that wants to renew itself. `successor`: the id of its successor. `scopes`: those that the successor gets. */
export type RenewalWish = { jti: string; successor: string; scopes: readonly string[]; nowMs: number };

/**
 * Result of a renewal.
 *
 * - `renewed`: the successor, and the end of the token itself.
 * - `ended`: the token is revoked or has expired.
 * - `admin`: the token has the scope `admin`.
 * - `too_early`: the token came from a renewal a short while ago.
 * - `successor_ended`: the token has a successor, which was revoked or has expired.
 */
export type Renewal =
  | {
      readonly kind: "renewed";
      readonly token: { jti: string; name: string; scopes: string[]; expiresAt: number };
      readonly endsAt: number;
    }
  | { readonly kind: "too_early"; readonly waitMs: number }
  | { readonly kind: "ended" | "admin" | "successor_ended" };

export type TokenStore = {
  /** Null if no such token was ever created. */
  find(jti: string): Promise<TokenRow | null>;
  list(): Promise<ListedToken[]>;
  /** Makes the successor of a token. A token that has one gets the same again. */
  renew(wish: RenewalWish, actor: string): Promise<Renewal>;
  /**
   * Adds a token. The granting token, `giver`, must be valid and have every scope of the new one. Without `giver` the
   * owner grants it.
   *
   * @returns False if the giver is revoked, expired or lacks a scope; then nothing is added.
   */
  add(
    token: { jti: string; name: string; scopes: string[]; expiresAt: number },
    actor: string,
    giver?: string,
  ): Promise<boolean>;
  /** Also ends the token's sessions. False if no such token can be revoked. */
  revoke(jti: string, actor: string): Promise<boolean>;
};

/** A person's session. Returned only while it and its token are valid. */
export type SessionRow = { jti: string; name: string; scopes: string[]; expiresAt: number };

export type SessionStore = {
  begin(session: { hash: string; jti: string; expiresAt: number }): Promise<void>;
  find(hash: string): Promise<SessionRow | null>;
  end(hash: string): Promise<void>;
};
