/** Limits of texts, with their units. Work is counted, because a Worker's clock stands still while it computes. */

/** Bytes (UTF-8) that one render may produce. */
export const textOutputBytesMax = 16_384;

/** Elements that one render may visit, in loops and in filters. */
export const textIterationsMax = 1_000;

/** Characters of one interpolated value, by use. Free text is allowed only in `about`. */
export const valueCharactersMax = { about: 500, prompt: 80, greeting: 80, value: 500, number: 500, path: 64 } as const;

/**
 * Whether a text is a plain value: a missing field is empty in it, and a value that is too long is rejected instead of
 * cut.
 */
export function isValueUse(use: keyof typeof valueCharactersMax): use is "value" | "number" {
  return use === "value" || use === "number";
}
