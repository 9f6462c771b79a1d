/** The limits of texts, with their units. Work is counted, because clocks stand still while a Worker computes. */

/** Bytes (UTF-8) of one template. */
export const textSourceBytesMax = 8_192;

/** Blocks (`if`, `unless`, `case`, `for`) that may stand within one another. */
export const textNestingMax = 2;

/** Bytes (UTF-8) that one render may give. */
export const textOutputBytesMax = 16_384;

/** Elements that one render may visit: by its loops, and by filters that go through a list. */
export const textIterationsMax = 1_000;

/** Nodes and filters that one render may run; a loop's body may be long. */
export const textStepsMax = 20_000;

/** Characters that the filters and comparisons of one render may go through: the largest payload, a few times. */
export const textWorkCharactersMax = 4_000_000;

/** Characters of a text that is searched for; longer ones make searching quadratic. */
export const textNeedleCharactersMax = 256;

/** Characters that one interpolated value may take, by use: free text belongs into `about` only. */
export const valueCharactersMax = { about: 500, prompt: 80, greeting: 80, value: 500, path: 64 } as const;

/** Code units of a value that are looked at to fill its characters, so that a megabyte of stripped characters costs nothing. */
export const valueScanFactor = 8;
