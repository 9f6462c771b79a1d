/** JSON that a template wrote: a helpdesk's administrator wrote the JSON, and the customer's text was put into it as it is. */

/**
 * Escapes what may not stand raw inside a JSON string: control characters (a message of two lines, a tab), and a backslash that
 * begins no escape. Where a string ends is not guessed: a raw quotation mark ends it, as it does for every parser, so a customer's
 * text gains no field by the repair that it would not have without.
 *
 * @param text A text that is no JSON.
 * @returns The repaired text, to be parsed; null if there was nothing to repair. One pass over the text.
 */
export function repairedJson(text: string): string | null {
  const parts: string[] = [];
  let kept = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) inString = !inString;
    else if (!inString) continue;
    else if (unit === 0x5c) {
      if (isEscape(text, at)) at++;
      else {
        parts.push(text.slice(kept, at), "\\\\");
        kept = at + 1;
      }
    } else if (unit < 0x20) {
      parts.push(text.slice(kept, at), shortEscapes[unit] ?? `\\u${unit.toString(16).padStart(4, "0")}`);
      kept = at + 1;
    }
  }
  return parts.length === 0 ? null : parts.join("") + text.slice(kept);
}

const shortEscapes: Readonly<Record<number, string>> = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" };

/** RFC 8259, section 7. */
function isEscape(text: string, at: number): boolean {
  const next = text.charAt(at + 1);
  if (next === "u") return /^[\da-f]{4}$/i.test(text.slice(at + 2, at + 6));
  return next !== "" && '"\\/bfnrt'.includes(next);
}
