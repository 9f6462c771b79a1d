/** The one form in which order numbers are compared. They are shown as they came. */

import { sanitizeText } from "../json.ts";

/** Signs that people and shops write before a number. `№` must go before NFKC, which would turn it into the letters "No". */
const leadingSigns = /^[\s#№]+/u;
/** Characters without a shape of their own (zero-width, direction marks) that copying out of a mail or a page brings along. */
const invisible = /\p{Cf}/gu;
/** Folding can make new material for folding (a compatibility form of a form). Two rounds have always been enough. */
const roundsMax = 8;

/**
 * Normalises an order number for storing in an index and for looking it up.
 *
 * NFKC, trimmed, leading `#` or `№` stripped, case-folded; NUL and lone surrogates, which Postgres refuses, are replaced.
 * `n°` is no sign but text, and stays. Idempotent: a normalised number is its own normal form.
 *
 * @param raw the number as the CRM or a person wrote it
 * @returns the normal form; empty when nothing but signs and blanks was there
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

/** Upper case first: ß and SS, ς and σ fold to the same text, as in Unicode's full case folding. */
function foldOnce(text: string): string {
  const compatible = text.replace(invisible, "").replace(leadingSigns, "").normalize("NFKC").replace(invisible, "");
  return compatible.replace(leadingSigns, "").trim().toUpperCase().toLowerCase();
}
