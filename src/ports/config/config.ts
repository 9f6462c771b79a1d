/** The configuration: lines, sources, rules, suppressions. Moments are epoch milliseconds. Types only. */
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";

/** The keys that Mihu's webhooks come with. A line has one, and while it is connected another that is proposed to Mihu. */
export type LineWebhooks = {
  /** `null`: there is no such line. */
  agentOf(line: string): Promise<string | null>;
  /** Every key that is believed, by its hash, with its line. */
  webhookOwners(): Promise<ReadonlyMap<string, string>>;
  /** Stores a key and its secret beside those that hold; another that was proposed before is forgotten. */
  proposeWebhook(line: string, webhook: { keyHash: string; sealedSecret: string }, actor: string): Promise<void>;
  /** Mihu has this key: the other one is not believed any more. @returns `false`: it is not one of the line's */
  settleWebhook(line: string, keyHash: string, actor: string): Promise<boolean>;
};

/** Pausing a source. Its door stays open. */
export type SourcePauses = {
  /** A pause that stands keeps its reason. */
  pauseSource(slug: string, detail: string, actor: string): Promise<void>;
  /** @returns whether it was paused */
  resumeSource(slug: string, detail: string | undefined, actor: string): Promise<boolean>;
};

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

export type SuppressionRow = {
  number: string;
  reason: string;
  until: number | null;
  createdAt: number;
  createdBy: string;
};
