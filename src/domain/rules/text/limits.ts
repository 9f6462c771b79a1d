/** The limits of texts, with their units. Work is counted, because clocks stand still while a Worker computes. */

/** Bytes (UTF-8) that one render may give. */
export const textOutputBytesMax = 16_384;

/** Elements that one render may visit: by its loops, and by filters that go through a list. */
export const textIterationsMax = 1_000;

/** Characters that one interpolated value may take, by use: free text belongs into `about` only. */
export const valueCharactersMax = { about: 500, prompt: 80, greeting: 80, value: 500, number: 500, path: 64 } as const;

/** Whether a text is a plain value: a missing field is empty in it, and one that is too long is refused instead of cut. */
export function isValueUse(use: keyof typeof valueCharactersMax): use is "value" | "number" {
  return use === "value" || use === "number";
}
