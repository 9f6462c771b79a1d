/**
 * HTML in values: entities, and `strip_html`. Pure, in one pass each.
 *
 * The rule: a text is read out, so the entities of each value are decoded, and once only. WordPress, form builders and help desks write
 * `O&#39;Brien`; "&amp;lt;" is "&lt;", which somebody wrote so. Only references that end with a semicolon are decoded: "?a=1&copy=2" is an
 * address and no ©.
 */
import { decodeHTMLStrict } from "entities/decode";

/** Characters of a value that are decoded: far more than any text shows of one value. */
const decodedCharactersMax = 32_768;

/** Characters that {@link decodeEntities} goes through. */
export function decodingCost(text: string): number {
  return text.includes("&") ? Math.min(text.length, decodedCharactersMax) : 0;
}

/** @returns the text with its character references decoded once; a no-break space is a space, because it is read out */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  const made = decodeHTMLStrict(text.slice(0, decodedCharactersMax)).replaceAll("\u00a0", " ");
  return text.length <= decodedCharactersMax ? made : made + text.slice(decodedCharactersMax);
}

/**
 * `strip_html` as Liquid has it: without comments, without `script` and `style` elements and what is in them, and without what else stands
 * in angle brackets. A `<` that no `>` follows is text. Two deviations: names of elements are read in any case, and an element or comment
 * that is cut off before its end goes to the end of the text, as in a browser.
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

/** @returns the offset behind what begins at an angle bracket; `null`: the bracket begins nothing */
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
