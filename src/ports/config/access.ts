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

export type TokenStore = {
  /** Null if no such token was ever created. */
  find(jti: string): Promise<TokenRow | null>;
  list(): Promise<TokenRow[]>;
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
