/** JSON inside a text field: JotForm's `rawRequest`, a step of Make, a field that a template filled with JSON. Pure. */
import { readJson } from "../json.ts";
import { harmlessCopy } from "./context.ts";

/**
 * @returns The value as a payload would have it in conditions and texts: without prototypes, and with limited depth.
 *   Undefined if the text is no JSON.
 */
export function parsedJson(text: string): unknown {
  const read = readJson(text);
  return read.ok ? harmlessCopy(read.value) : undefined;
}

/**
 * Counts the values that parsing a text would create, without parsing it. Each value or key after the first of its list
 * or object follows a comma or a colon, and each list and object begins with a bracket. Signs inside strings are not
 * counted.
 *
 * @returns The number of values and keys, too low by at most two for each list and object. For a text that is no JSON,
 *   any number up to its length.
 */
export function valuesWritten(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) at = endOfString(text, at);
    else if (unit === 0x2c || unit === 0x3a || unit === 0x5b || unit === 0x7b) count += 1;
  }
  return count;
}

/** @returns Offset of the quotation mark that ends a string, or the end of the text. */
function endOfString(text: string, begin: number): number {
  for (let at = begin + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) return at;
    if (unit === 0x5c) at += 1;
  }
  return text.length;
}
