/**
 * Seeded chance. Each draw depends only on the seed, its purpose and its number, so that the order in which concurrent
 * requests happen to be handled does not change what befalls the n-th of them.
 */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TWO_TO_32 = 4294967296;

function hashText(text: string): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  return hash;
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** A number in [0, 1) that is always the same for the same seed, purpose and number. */
export function draw(seed: number, purpose: string, number: number): number {
  return (mix(mix(mix(seed ^ 0x9e3779b9) ^ hashText(purpose)) ^ number) >>> 0) / TWO_TO_32;
}

/** A fixed number of milliseconds, or any between two bounds. */
export type Span = number | { min: number; max: number };

/** Milliseconds of a span for a draw in [0, 1). */
export function spanMs(span: Span, drawn: number): number {
  return typeof span === "number" ? span : Math.round(span.min + (span.max - span.min) * drawn);
}

/** The key that a draw in [0, 1) falls on, by weight; undefined when no weight is positive. */
export function pick<Key extends string>(weights: Partial<Record<Key, number>>, drawn: number): Key | undefined {
  const keys = weightedKeys(weights);
  const total = keys.reduce((sum, key) => sum + (weights[key] ?? 0), 0);
  let left = drawn * total;
  for (const key of keys) {
    left -= weights[key] ?? 0;
    if (left < 0) return key;
  }
  return undefined;
}

/** The cast holds because every own key of a `Partial<Record<Key, …>>` that we built is a `Key`. */
function weightedKeys<Key extends string>(weights: Partial<Record<Key, number>>): Key[] {
  return Object.keys(weights) as Key[];
}
