/** Ports that hold plain values: a test says what it needs, and anything else that is asked is a mistake. */

/**
 * A port of which only the given part may be asked.
 *
 * The cast holds: whatever of the port is not given is a function that throws, named by what was asked.
 */
export function port<T extends object>(given: Partial<T>): T {
  const parts = new Proxy(given, {
    get: (target, name, receiver) =>
      Reflect.get(target, name, receiver) ??
      (() => {
        throw new Error(`nobody was to ask for ${String(name)}`);
      }),
  });
  return parts as T;
}
