import { LRUCache } from "lru-cache";

/** A bounded map from text to values. If it is full, the least recently used entry is dropped. */
type Lru<Value> = {
  get(key: string): Value | undefined;
  /**
   * @param weight Weight of the entry, if the cache is bounded by weight: a positive integer. An entry heavier than the
   *   bound is not stored.
   */
  set(key: string, value: Value, weight?: number): void;
  delete(key: string): void;
};

/**
 * @param entriesMax Highest number of entries.
 * @param weightMax Highest total weight; if absent, entries are not weighed.
 * @returns A cache without a clock. A value that expires carries its own time.
 */
export function lru<Value extends object | string | number>(entriesMax: number, weightMax?: number): Lru<Value> {
  const cache = new LRUCache<string, Value>({
    max: entriesMax,
    ...(weightMax === undefined ? {} : { maxSize: weightMax }),
  });
  return {
    get: (key) => cache.get(key),
    set(key, value, weight) {
      // LRUCache weighs a value once, so setting the same value again would keep the old weight.
      if (weight !== undefined) cache.delete(key);
      cache.set(key, value, weight === undefined ? {} : { size: weight });
    },
    delete: (key) => void cache.delete(key),
  };
}
