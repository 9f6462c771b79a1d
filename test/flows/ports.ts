/** Ports of which a test gives only the methods that it needs. A call of any other method throws. */

/**
 * A port with the given methods.
 *
 * The cast is safe: each method that is not given throws an error with its name.
 */
export function port<T extends object>(given: Partial<T>): T {
  const parts = new Proxy(given, {
    get: (target, name, receiver) =>
      Reflect.get(target, name, receiver) ??
      (() => {
        throw new Error(`the test gives no ${String(name)}`);
      }),
  });
  return parts as T;
}
