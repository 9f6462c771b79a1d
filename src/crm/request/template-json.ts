/**
 * Repair of JSON from a template: an administrator wrote the JSON in a helpdesk, and a customer's text was inserted
 * without escaping.
 *
 * Refused: guessing where a string ends. A raw quotation mark ends a string here as in every parser. So the repair adds
 * no field that the text would not have without it.
 *
 * Not guaranteed: a customer who types a quotation mark can still add fields. Only the sender can prevent that, by
 * escaping.
 */

/**
 * Escapes characters that are illegal inside a JSON string: control characters, and a backslash that begins no escape.
 *
 * @param text A text that does not parse as JSON.
 * @returns The repaired text, to be parsed again; null if there was nothing to repair.
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
