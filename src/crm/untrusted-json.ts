import { type JsonValue, readJson } from "../domain/json.ts";

/**
 * Reads a body of which only the signature is known: for a timestamp or a tenant that stands inside it.
 *
 * @returns The value, or undefined if the bytes are no JSON in UTF-8. Never throws.
 */
export function jsonOf(body: Uint8Array): JsonValue | undefined {
  const text = textOf(body);
  if (text === null) return undefined;
  const read = readJson(text);
  return read.ok ? read.value : undefined;
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    return null;
  }
}
