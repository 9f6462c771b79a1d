/** The configuration: lines, sources and their rules. Types only. */
import type { ConfigWrite, StoredConfig, StoredRule } from "../../domain/config/stored.ts";
import type { CallsStop } from "../calling/stops.ts";
import type { HookRow, HookWrite } from "../hooks/hooks.ts";

/** Calls affected by one change, because their rule is off now or their source is closed. */
export type CallsConcerned = {
  readonly source: string;
  /** Null means every rule of the source. */
  readonly rule: string | null;
  /** The stop of the waiting calls, or the reason why they still ring: the author of the change chose to keep them. */
  readonly ends:
    | { readonly kind: "stopped"; readonly stop: CallsStop }
    | { readonly kind: "kept"; readonly waiting: number };
};

/**
 * A committed change, with the hooks that it wrote. `refused`: the limit of hooks was reached, or another request was
 * first to change one of them. Then nothing was written.
 */
type ConfigChanged<T> = {
  readonly answer: T;
  readonly calls: readonly CallsConcerned[];
  readonly hooks: readonly HookRow[];
  readonly refused: HookRefusal | null;
};
export type HookRefusal = "too_many_hooks" | "hook_changed";

/** A version of a rule. A rule that is in force has one current version. */
export type RuleVersion = StoredRule & { readonly current: boolean };

export type ConfigStore = {
  read(): Promise<StoredConfig>;
  /** The newest versions of a rule, the newest first. Empty for a rule that never was. */
  ruleVersions(source: string, name: string): Promise<readonly RuleVersion[]>;
  /**
   * Reads the configuration, has `decide` return the writes, and writes them: one transaction, one such change at a
   * time.
   */
  change<T>(
    actor: string,
    decide: (stored: StoredConfig) => {
      readonly writes: readonly ConfigWrite[];
      readonly hooks?: readonly HookWrite[] | undefined;
      readonly answer: T;
    },
  ): Promise<ConfigChanged<T>>;
  /** Number of waiting calls that each of these writes would stop. Nothing is written. */
  waiting(
    stops: readonly Extract<ConfigWrite, { do: "stop_calls" }>[],
  ): Promise<{ readonly source: string; readonly rule: string | null; readonly waiting: number }[]>;
};
