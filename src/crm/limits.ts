/** Limits of the verifier and the reader. */

/** A longer id is hashed for the dedupe key and cut for showing: an index entry of Postgres ends at 2,704 bytes. */
export const idCharactersMax = 200;

/** An event type is shown, matched by rules and indexed. */
export const typeCharactersMax = 200;

/** Signatures that one list header may offer. Standard Webhooks sends one for each active key. */
export const signaturesPerHeaderMax = 16;

/** A signature header is no longer than this, sixteen SHA-512 digests in hex and their names included. */
export const signatureHeaderCharactersMax = 4_096;

/** Imported keys that one isolate keeps. */
export const cachedKeysMax = 256;

/** Characters of one setting. */
export const settingCharactersMax = 200;

/** Mistakes of one settings object that are told at once. */
export const settingMistakesMax = 20;

/** Steps of a path such as `data.object.id`. */
export const pathStepsMax = 16;

/** An event's own time outside of these is a mistake of the sender, not a time: 2000-01-01 to 2100-01-01, in milliseconds. */
export const earliestMomentMs = 946_684_800_000;
export const latestMomentMs = 4_102_444_800_000;
