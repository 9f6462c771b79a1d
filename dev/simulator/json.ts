/** True for a JSON object, not for a list or null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The parsed text, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A time as Laravel writes it: UTC with microseconds. */
export function laravelTime(atMs: number): string {
  return new Date(atMs).toISOString().replace("Z", "000Z");
}
