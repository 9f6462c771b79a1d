/** The configuration: lines, sources and their rules. Types only. */
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";
import type { LineWebhooks } from "./line-webhooks.ts";
import type { SourcePauses } from "./source-pauses.ts";
import type { SuppressionRow } from "./suppressions.ts";

export type ConfigStore = LineWebhooks &
  SourcePauses & {
    read(): Promise<StoredConfig>;
    /**
     * Reads the configuration, lets `decide` say what is to be written, and writes it: one transaction, one such change at a time.
     */
    change<T>(actor: string, decide: (stored: StoredConfig) => { writes: ConfigWrite[]; answer: T }): Promise<T>;
    /** A line's new key and secret for Mihu's webhooks. `false`: there is no such line. */
    setWebhook(line: string, webhook: { keyHash: string; sealedSecret: string }, actor: string): Promise<boolean>;
    suppressions(): Promise<SuppressionRow[]>;
    /** Also cancels what waits for the number, and says how many calls that were. */
    suppress(row: Omit<SuppressionRow, "createdAt">): Promise<{ canceled: number }>;
    /** `false`: it was not suppressed. */
    release(number: string, actor: string): Promise<boolean>;
  };
