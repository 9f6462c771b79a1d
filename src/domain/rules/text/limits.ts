/** The limits of texts, with their units. Work is counted, because clocks stand still while a Worker computes. */

/** Bytes (UTF-8) that one render may give. */
export const textOutputBytesMax = 16_384;

/** Elements that one render may visit: by its loops, and by filters that go through a list. */
export const textIterationsMax = 1_000;

/** Characters that one interpolated value may take, by use: free text belongs into `about` only. */
export const valueCharactersMax = { about: 500, prompt: 80, greeting: 80, value: 500, path: 64 } as const;
