/** The configuration: lines, sources and their rules. Types only. */
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";
import type { ClaimedOn } from "../calling/stops.ts";

/** The calls that one change concerns, because their rule rings nobody any more or their source is closed. */
export type CallsConcerned = {
  readonly source: string;
  /** `null`: every rule of the source. */
  readonly rule: string | null;
  /** Calls that waited and were canceled. */
  readonly canceled: number;
  /** Calls that wait on, because whoever made the change wanted it so. */
  readonly kept: number;
  /** Calls that a line had claimed. They are canceled if they come back. */
  readonly claimed: readonly ClaimedOn[];
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
  /** Calls that wait and that these writes would stop. Nothing is written. */
  waiting(stops: readonly Extract<ConfigWrite, { do: "stop_calls" }>[]): Promise<CallsConcerned[]>;
};
