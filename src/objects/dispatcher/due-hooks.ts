/**
 * Hooks that are asked for deliveries at once: to ask a thousand hooks for a few deliveries each costs more than to send
 * them.
 */
const askedAtOnceMax = 256;

/** Hooks whose deliveries may be due, in the order in which they are asked. At first all are asked. */
type DueHooks = {
  /** All hooks may have due deliveries. */
  all(): void;
  add(hook: string): void;
  isEmpty(): boolean;
  /** Removes the hooks to ask next. @returns Null: all hooks. */
  take(): readonly string[] | null;
};

export function dueHooks(): DueHooks {
  /** Null: all. */
  let due: Set<string> | null = null;
  return {
    all: () => {
      due = null;
    },
    add: (hook) => void due?.add(hook),
    isEmpty: () => due?.size === 0,
    take() {
      const asked = due === null ? null : [...due].slice(0, askedAtOnceMax);
      due ??= new Set();
      for (const hook of asked ?? []) due.delete(hook);
      return asked;
    },
  };
}
