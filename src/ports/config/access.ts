/** Who may do what: tokens and sessions. Moments are epoch milliseconds. Types only. */

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
  /** `null`: no such token was ever made. */
  find(jti: string): Promise<TokenRow | null>;
  list(): Promise<TokenRow[]>;
  /**
   * Adds a token. `giver`, the token that gives it, must be valid and have every scope of the new one; without it the owner gives.
   *
   * @returns `false`: the giver was revoked, has expired or lacks a scope, and nothing was added
   */
  add(
    token: { jti: string; name: string; scopes: string[]; expiresAt: number },
    actor: string,
    giver?: string,
  ): Promise<boolean>;
  /** Ends its sessions as well. `false`: there is none that could be revoked. */
  revoke(jti: string, actor: string): Promise<boolean>;
};

/** A person's sign-in. Found only while it and its token are valid. */
export type SessionRow = { jti: string; name: string; scopes: string[]; expiresAt: number };

export type SessionStore = {
  begin(session: { hash: string; jti: string; expiresAt: number }): Promise<void>;
  find(hash: string): Promise<SessionRow | null>;
  end(hash: string): Promise<void>;
};
