/** JSON that came as a text within a field: JotForm's `rawRequest`, a step of Make, a field that a template filled with JSON. Pure. */
import { readJson } from "../json.ts";
import { harmlessCopy } from "./context.ts";

/**
 * @returns The value, as the payload itself would have it in conditions and texts: without traps, no deeper than a payload may be.
 *   Undefined if the text is no JSON.
 */
export function parsedJson(text: string): unknown {
  const read = readJson(text);
  return read.ok ? harmlessCopy(read.value) : undefined;
}
