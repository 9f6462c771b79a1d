/** Identity behind a request: a token, or a person's session of a token. */
export type Reader = { readonly jti: string; readonly name: string; readonly scopes: readonly string[] };

/** @returns Whether numbers, texts and recordings are shown unmasked. */
export function seesAll(reader: Reader): boolean {
  return reader.scopes.includes("pii:read");
}

/** The reader as the actor of an audit entry. */
export function actorOf(reader: Reader): string {
  return `token:${reader.jti}`;
}
