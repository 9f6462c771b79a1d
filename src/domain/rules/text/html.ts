/**
 * HTML in values: entities, and `strip_html`. Pure, one pass each.
 *
 * Rule: a text is spoken, so the entities of each value are decoded, exactly once. WordPress, form builders and help
 * desks send `O&#39;Brien`. After decoding once, "&amp;lt;" is "&lt;", as its author wrote it. Only references with a
 * semicolon are decoded, because "?a=1&copy=2" is a URL and contains no ©.
 */
import { decodeHTMLStrict } from "entities/decode";

/** Characters of a value that are decoded, far more than any text shows of one. */
const decodedCharactersMax = 32_768;

/** Characters that {@link decodeEntities} reads. */
export function decodingCost(text: string): number {
  return text.includes("&") ? Math.min(text.length, decodedCharactersMax) : 0;
}

/**
 * @returns The text with its character references decoded once. A no-break space becomes a space, because the text is
 *   spoken.
 */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  const made = decodeHTMLStrict(text.slice(0, decodedCharactersMax)).replaceAll("\u00a0", " ");
  return text.length <= decodedCharactersMax ? made : made + text.slice(decodedCharactersMax);
}

/**
 * `strip_html` as in Liquid: removes comments, `script` and `style` elements with their content, and everything else in
 * angle brackets. A `<` without a following `>` is text.
 *
 * Two deviations: names of elements are case-insensitive, and an unclosed element or comment extends to the end of the
 * text, as in a browser.
 *
 * @see https://shopify.github.io/liquid/filters/strip_html/
 */
export function withoutTags(value: string): string {
  let made = "";
  let at = 0;
  for (;;) {
    const open = value.indexOf("<", at);
    if (open < 0) return made + value.slice(at);
    const end = endOfTag(value, open);
    if (end === null) return made + value.slice(at);
    made += value.slice(at, open);
    at = end;
  }
}

const unseen = [
  { begins: /<script(?=[\s/>])/iy, ends: /<\/script\s*>/gi },
  { begins: /<style(?=[\s/>])/iy, ends: /<\/style\s*>/gi },
  { begins: /<!--/y, ends: /-->/g },
] as const;

/** @returns Offset after the construct that begins at an angle bracket; null if no construct begins there. */
function endOfTag(value: string, open: number): number | null {
  for (const { begins, ends } of unseen) {
    begins.lastIndex = open;
    if (!begins.test(value)) continue;
    ends.lastIndex = begins.lastIndex;
    return ends.test(value) ? ends.lastIndex : value.length;
  }
  const close = value.indexOf(">", open);
  return close < 0 ? null : close + 1;
}
