/** Normal form of order numbers, in which they are compared. They are shown as sent. */

import { sanitizeText } from "../json.ts";

/** Signs that may precede a number. `№` is stripped before NFKC, which would turn it into the letters "No". */
const leadingSigns = /^[\s#№]+/u;
/** Invisible characters (zero-width, direction marks) that are copied along from mails and pages. */
const invisible = /\p{Cf}/gu;
/**
 * Rounds of folding. Folding can produce text that folds further (a compatibility form of a compatibility form). Two
 * rounds suffice in all known cases.
 */
const roundsMax = 8;

/**
 * Normalizes an order number for the index and for look-ups: NFKC, trimmed, without a leading `#` or `№`, case-folded.
 * NUL and lone surrogates, which Postgres rejects, are replaced. `n°` is text and stays. Idempotent.
 *
 * @param raw The number as the CRM or a person wrote it.
 * @returns The normal form; empty for a text of only signs and blanks.
 */
export function normaliseOrderNumber(raw: string): string {
  let text = sanitizeText(raw);
  for (let round = 0; round < roundsMax; round++) {
    const folded = foldOnce(text);
    if (folded === text) break;
    text = folded;
  }
  return text;
}

/** Upper case, then lower case. Lower case alone would leave ß unequal to SS, and ς unequal to σ. */
function foldOnce(text: string): string {
  const compatible = text.replace(invisible, "").replace(leadingSigns, "").normalize("NFKC").replace(invisible, "");
  return compatible.replace(leadingSigns, "").trim().toUpperCase().toLowerCase();
}
