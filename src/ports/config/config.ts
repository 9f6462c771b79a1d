/** The configuration: lines, sources and their rules. Types only. */
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";
import type { CallsStop } from "../calling/stops.ts";

/** The calls that one change concerns, because their rule rings nobody any more or their source is closed. */
export type CallsConcerned = {
  readonly source: string;
  /** `null`: every rule of the source. */
  readonly rule: string | null;
  /** The stop of those that wait, or what keeps them: they ring all the same, because whoever made the change wanted it so. */
  readonly ends:
    | { readonly kind: "stopped"; readonly stop: CallsStop }
    | { readonly kind: "kept"; readonly waiting: number };
};

/** A change that was made. */
type ConfigChanged<T> = { readonly answer: T; readonly calls: readonly CallsConcerned[] };

export type ConfigStore = {
  read(): Promise<StoredConfig>;
  /**
   * Reads the configuration, lets `decide` say what is to be written, and writes it: one transaction, one such change at a time.
   */
  change<T>(
    actor: string,
    decide: (stored: StoredConfig) => { writes: readonly ConfigWrite[]; answer: T },
  ): Promise<ConfigChanged<T>>;
  /** The number of waiting calls that each of these writes would stop. Nothing is written. */
  waiting(
    stops: readonly Extract<ConfigWrite, { do: "stop_calls" }>[],
  ): Promise<{ readonly source: string; readonly rule: string | null; readonly waiting: number }[]>;
};
