/** The inbox's copy of a source. Types only. */

import type { SourceApi } from "../domain/fetch/sender-api.ts";
import type { RuleDefinition } from "../domain/rules/rule.ts";

/** The inbox's copy of a source: all data for verifying and planning while Postgres is down. */
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
  /**
   * Whether the source is closed: webhooks are rejected, and events accepted before call nobody. Absent from copies of
   * an older version.
   */
  disconnected?: boolean;
  /**
   * Time of the last reopening. Earlier events call nobody. Null if never closed. Absent from copies of an older
   * version.
   */
  reopenedAt?: number | null;
  /** Whether planning is paused. Webhooks are accepted all the same. Absent from copies of an older version. */
  paused?: boolean;
  /**
   * Sealed (JWE): opened only to check a signature. `expiresAt`: from this time on (epoch milliseconds) the secret
   * verifies nothing.
   */
  secrets: { id: string; sealed: string; expiresAt?: number | null }[];
  rules: { name: string; version: number; definition: RuleDefinition }[];
  /**
   * Default `fetch` list for rules that do not set their own, and the API to fetch from. Absent from copies of an older
   * version.
   */
  fetch?: string[] | null;
  api?: SourceApi | null;
  /** Sealed credential of the sender's API, and the only base URL that may receive it. */
  credential?: { id: string; sealed: string; baseUrl: string } | null;
};
