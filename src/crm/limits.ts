/** Limits that several files of `crm/` share. A limit of one file stands on top of that file. */

/** Characters of a signature header: sixteen SHA-512 digests in hex, with their names. */
export const signatureHeaderCharactersMax = 4_096;

/** Smallest RSA key. A key with fewer bits can be broken for money. */
export const rsaBitsMin = 2_048;

/** Characters of a webhook's JSON Web Token. */
export const presentedTokenCharactersMax = 8_192;
