/** Limits that several files of `crm/` share. A limit of a single file is declared in that file. */

/** Characters of a signature header: sixteen SHA-512 digests in hex, with their names. */
export const signatureHeaderCharactersMax = 4_096;

/** Bits of the smallest accepted RSA key (RFC 7518, section 3.3). */
export const rsaBitsMin = 2_048;

/** Characters of a webhook's JSON Web Token. */
export const presentedTokenCharactersMax = 8_192;
