/** The configuration: lines, sources and their rules. Types only. */
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";

export type ConfigStore = {
  read(): Promise<StoredConfig>;
  /**
   * Reads the configuration, lets `decide` say what is to be written, and writes it: one transaction, one such change at a time.
   */
  change<T>(actor: string, decide: (stored: StoredConfig) => { writes: ConfigWrite[]; answer: T }): Promise<T>;
};
