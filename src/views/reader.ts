/** Who asks: a token, or a person's session of one. */
export type Reader = { readonly jti: string; readonly name: string; readonly scopes: readonly string[] };

/** @returns whether numbers, texts and recordings are shown as they are. */
export function seesAll(reader: Reader): boolean {
  return reader.scopes.includes("pii:read");
}

/** How entries name whoever asked. */
export function actorOf(reader: Reader): string {
  return `token:${reader.jti}`;
}
