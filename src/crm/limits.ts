/** Limits of the verifier and the reader. */

/** A longer id is hashed for the dedupe key and cut for showing: an index entry of Postgres ends at 2,704 bytes. */
export const idCharactersMax = 200;

/** An event type is shown, matched by rules and indexed. */
export const typeCharactersMax = 200;

/** Signatures that one list header may offer. Standard Webhooks sends one for each active key. */
export const signaturesPerHeaderMax = 16;

/** A signature header is no longer than this, sixteen SHA-512 digests in hex and their names included. */
export const signatureHeaderCharactersMax = 4_096;

/** An RSA key with fewer bits can be broken by whoever pays for it. */
export const rsaBitsMin = 2_048;

/** A JSON Web Token of a webhook is no longer than this. */
export const tokenCharactersMax = 8_192;

/** What a sender asks to have said back is no longer than this. */
export const echoCharactersMax = 1_000;

/** A handshake is looked for in bodies of this size at most. */
export const handshakeBytesMax = 8_192;

/** A secret that a sender hands over is one that nobody guesses, and no whole document. */
export const capturedCharactersMin = 16;
export const capturedCharactersMax = 512;

/** A signature's time may be off by this much at most, whatever a source says. */
export const toleranceSecondsMax = 86_400;

/** Characters of one setting. */
export const settingCharactersMax = 200;

/** Mistakes of one settings object that are told at once. */
export const settingMistakesMax = 20;

/** Steps of a path such as `data.object.id`. */
export const pathStepsMax = 16;

/** An event's own time outside of these is a mistake of the sender, not a time: 2000-01-01 to 2100-01-01, in milliseconds. */
export const earliestMomentMs = 946_684_800_000;
export const latestMomentMs = 4_102_444_800_000;

/** Fields of a form-encoded body. A CRM's record with all its own fields has some hundreds. */
export const formFieldsMax = 2_000;

/** Steps of a form's name such as `contact[fields][1]`. */
export const formStepsMax = 32;

/** Elements of an XML body: a hundred notifications of five hundred fields. Each takes some hundred bytes of memory. */
export const xmlElementsMax = 50_000;

/**
 * Characters of all events of one request together. What elements share is written into each of them, and must not make a
 * megabyte a thousand times as large.
 */
export const splitCharactersMax = 8_388_608;

/** Headers whose values are kept with a refused request, and characters of its URL. */
export const evidenceHeadersMax = 40;
export const evidenceUrlCharactersMax = 4_096;

/** Signatures that the doctor computes for one refused request, and bytes that it hashes for them. */
export const doctorTriesMax = 400;
export const doctorBytesMax = 16_777_216;

/** The same for all that are explained in one answer. */
export const doctorTriesTogetherMax = 4_000;
export const doctorBytesTogetherMax = 67_108_864;

/** Characters of one advice. */
export const adviceCharactersMax = 1_000;
