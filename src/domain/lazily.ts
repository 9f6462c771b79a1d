/**
 * Creates a value on the first call and returns the same value afterwards, for tables and registries that must not slow
 * down a Worker's start. If `make` throws, the next call tries again.
 */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
