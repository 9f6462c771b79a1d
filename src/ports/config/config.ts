/** The configuration: lines, sources and their rules. Types only. */
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";
import type { CallsStop } from "../calling/stops.ts";

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

/** A committed change. */
type ConfigChanged<T> = { readonly answer: T; readonly calls: readonly CallsConcerned[] };

export type ConfigStore = {
  read(): Promise<StoredConfig>;
  /**
   * Reads the configuration, has `decide` return the writes, and writes them: one transaction, one such change at a
   * time.
   */
  change<T>(
    actor: string,
    decide: (stored: StoredConfig) => { writes: readonly ConfigWrite[]; answer: T },
  ): Promise<ConfigChanged<T>>;
  /** Number of waiting calls that each of these writes would stop. Nothing is written. */
  waiting(
    stops: readonly Extract<ConfigWrite, { do: "stop_calls" }>[],
  ): Promise<{ readonly source: string; readonly rule: string | null; readonly waiting: number }[]>;
};
