/** A source as its inbox copies it. Types only. */

import type { SourceApi } from "../domain/fetch/sender-api.ts";
import type { RuleDefinition } from "../domain/rules/rule.ts";

/** A source as its inbox keeps a copy of it: all that the door and the plan need while Postgres is away. */
export type SourceCopy = {
  slug: string;
  version: number;
  /** Inbox objects that share the source's events. */
  shards: number;
  preset: string;
  tenant: string | null;
  country: string | null;
  zone: string | null;
  settings: Record<string, unknown>;
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
  /** Its door is closed, and events that it accepted before ring nobody. Copies of an older version do not say. */
  disconnected?: boolean;
  /**
   * When it was opened again after it was closed; events that came before ring nobody. `null`: it never was. Copies of an older version do
   * not say.
   */
  reopenedAt?: number | null;
  /** Its door is open, and nothing is planned. Copies of an older version do not say. */
  paused?: boolean;
  /** Sealed (JWE): opened only where a signature is checked. `expiresAt`: from then on, as epoch milliseconds, it verifies nothing. */
  secrets: { id: string; sealed: string; expiresAt?: number | null }[];
  rules: { name: string; version: number; definition: RuleDefinition }[];
  /** What rules have fetched that say nothing of it, and from where. Copies of an older version do not say. */
  fetch?: string[] | null;
  api?: SourceApi | null;
  /** What the sender's API wants to see, sealed, and the only address that may see it. */
  credential?: { id: string; sealed: string; baseUrl: string } | null;
};
