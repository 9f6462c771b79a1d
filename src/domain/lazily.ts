/**
 * Makes a value when it is first asked for, and gives that value from then on. For tables and registries that a start of the Worker should
 * not pay for. If `make` throws, the next call tries again.
 */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
