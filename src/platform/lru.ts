import { LRUCache } from "lru-cache";

/** A bounded map of texts to values. One entry too many drops the entry that was used least recently. */
type Lru<Value> = {
  get(key: string): Value | undefined;
  /** @param weight of this entry, where the cache is bounded by weight: a positive integer. An entry heavier than the bound is not stored */
  set(key: string, value: Value, weight?: number): void;
  delete(key: string): void;
};

/**
 * @param entriesMax entries at the most
 * @param weightMax weight of all entries together at the most; absent: entries are not weighed
 * @returns A cache without a clock: a value that expires has its own time beside it.
 */
export function lru<Value extends object | string | number>(entriesMax: number, weightMax?: number): Lru<Value> {
  const cache = new LRUCache<string, Value>({
    max: entriesMax,
    ...(weightMax === undefined ? {} : { maxSize: weightMax }),
  });
  return {
    get: (key) => cache.get(key),
    set(key, value, weight) {
      // LRUCache weighs a value once: the same one again would keep the weight that it had.
      if (weight !== undefined) cache.delete(key);
      cache.set(key, value, weight === undefined ? {} : { size: weight });
    },
    delete: (key) => void cache.delete(key),
  };
}
