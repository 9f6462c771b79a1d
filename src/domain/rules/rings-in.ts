import type { RuleMode } from "./rule.ts";

/** Modes of calls that a rule in each mode still rings. */
export const ringsIn = { live: ["live", "test"], test: ["test"], shadow: [], off: [] } as const satisfies Record<
  RuleMode,
  readonly string[]
>;
