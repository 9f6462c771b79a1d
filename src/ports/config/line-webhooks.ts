/** Keys and secrets of outcome webhooks. Types only. */

/** Keys in the URLs of Mihu's webhooks. A line has one, and a second one while it is being connected. */
export type LineWebhooks = {
  /** Null if the line does not exist. */
  agentOf(line: string): Promise<string | null>;
  /** The line of every valid key, by the hash of the key. */
  webhookOwners(): Promise<ReadonlyMap<string, string>>;
  /** Stores a key and its secret beside the current ones. Replaces a key that was proposed before. */
  proposeWebhook(line: string, webhook: { keyHash: string; sealedSecret: string }, actor: string): Promise<void>;
  /** Mihu has this key, so the other one is no longer valid. @returns False if it is not a key of the line. */
  settleWebhook(line: string, keyHash: string, actor: string): Promise<boolean>;
  /** Replaces a line's key and secret. @returns False if the line does not exist. */
  setWebhook(line: string, webhook: { keyHash: string; sealedSecret: string }, actor: string): Promise<boolean>;
};
