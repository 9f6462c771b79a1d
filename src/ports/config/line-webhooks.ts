/** Keys and secrets of the lines' outcome webhooks. Types only. */

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
  /** Replaces a line's key and secret. @returns `false`: there is no such line */
  setWebhook(line: string, webhook: { keyHash: string; sealedSecret: string }, actor: string): Promise<boolean>;
};
