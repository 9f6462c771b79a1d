/** The configuration as Postgres stores it. Times are epoch milliseconds. Types only. */
import type { MihuSignatureSettings } from "../calls/line.ts";
import type { FetchProblem } from "../fetch/fetch.ts";
import type { SourceApi } from "../fetch/sender-api.ts";
import type { FailedAnswer } from "../fetch/trouble.ts";
import type { RuleDefinition } from "../rules/rule.ts";

/** Calling hours as written. */
export type HoursDefinition = { days: string; from: string; to: string; closed?: string[] | undefined };

/** A line as configured. */
export type LineSettings = {
  slug: string;
  agent: string;
  callsPerMinute: number;
  callsAtOnce: number;
  callsPerDay: number;
  countries: string[] | null;
  hours: HoursDefinition | null;
  /** Signature scheme of Mihu's outcome webhooks; null for the defaults. */
  webhookSettings: MihuSignatureSettings | null;
};

export type StoredLine = LineSettings & {
  pausedAt: number | null;
  pauseReason: string | null;
  pauseDetail: string | null;
  notBefore: number | null;
  /** The last claim took so long in Postgres that the line started no call of it. */
  claimsSlow: boolean;
  hasWebhook: boolean;
  /** Calls claimed since midnight UTC. `callsPerDay` limits them. */
  callsToday: number;
  createdAt: number;
  updatedAt: number;
};

/** A source as configured, without its secrets and rules. */
export type SourceSettings = {
  slug: string;
  preset: string;
  tenant: string | null;
  country: string | null;
  zone: string | null;
  settings: Record<string, unknown>;
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
  /** Inbox objects that share the source's events. */
  shards: number;
  /** Default `fetch` list for rules that do not set their own. */
  fetch: string[] | null;
  /** The sender's API, without the credential. */
  api: SourceApi | null;
  /** Time without an event after which the source is silent, as written: `4h`. */
  silentAfter: string | null;
};

export type StoredSecret = {
  id: string;
  env: string | null;
  fingerprint: string;
  kid: string;
  createdAt: number;
  /** Time from which the secret verifies nothing; null if the secret does not expire. */
  expiresAt: number | null;
  /** The sender handed it over during the set-up. */
  captured: boolean;
  /** A rotation added it, and no file has named it yet. */
  rotated: boolean;
};

/** A secret that a rotation has ended and that is now retired. */
export type EndedSecret = { env: string | null; fingerprint: string; endedAt: number };

/** Credential of the sender's API. `baseUrl`: the only URL that it is sent to. */
export type StoredCredential = {
  id: string;
  env: string | null;
  fingerprint: string;
  kid: string;
  baseUrl: string;
  createdAt: number;
};

export type StoredRule = {
  source: string;
  name: string;
  version: number;
  position: number;
  definition: RuleDefinition;
  createdAt: number;
  createdBy: string;
};

export type StoredSource = SourceSettings & {
  version: number;
  /** Time since which its webhooks are refused; null if they are accepted. */
  disconnectedAt: number | null;
  /** Time since which events are stored but not planned, with the reason; null if they are planned. */
  pausedAt: number | null;
  pauseDetail: string | null;
  createdAt: number;
  updatedAt: number;
  /** Time at which `silentAfter` was set. */
  silentAfterAt: number | null;
  /** Troubles that the sweep found, each with the time since which it lasts (domain/events/source-trouble.ts). */
  rejectingSince: number | null;
  silentSince: number | null;
  /** Reason why no record can be fetched, and since when. */
  fetchProblem: FetchProblem | null;
  fetchProblemAt: number | null;
  /** Number of failed GETs since that time, and the latest answer. */
  fetchFailures: number;
  fetchAnswer: FailedAnswer | null;
  secrets: StoredSecret[];
  /** Secrets that rotations ended, only the newest. Absent if there are none. */
  endedSecrets?: EndedSecret[];
  credential: StoredCredential | null;
  rules: StoredRule[];
};

/** The whole configuration, without the built-in source `api`. */
export type StoredConfig = { lines: StoredLine[]; sources: StoredSource[] };

/** One change of the configuration. Each is stored with its entry. */
export type ConfigWrite =
  /** New hours also apply to queued calls, whose windows are computed again. */
  | { do: "save_line"; line: LineSettings; created: boolean; hoursChanged: boolean }
  | { do: "remove_line"; slug: string }
  /** A disconnected source accepts webhooks again. */
  | { do: "save_source"; source: SourceSettings; created: boolean }
  | { do: "disconnect_source"; source: string }
  | {
      do: "add_secret";
      source: string;
      env: string | null;
      sealed: string;
      kid: string;
      fingerprint: string;
      rotated: boolean;
    }
  /** A file names a secret that a rotation had added. It now belongs to the file. */
  | { do: "name_secret"; source: string; id: string; env: string | null }
  | { do: "retire_secret"; source: string; id: string }
  /** `at`: its new end in epoch milliseconds; null clears the end. */
  | { do: "end_secret"; source: string; id: string; at: number | null }
  /** Replaces the stored one. */
  | {
      do: "set_credential";
      source: string;
      env: string | null;
      sealed: string;
      kid: string;
      fingerprint: string;
      baseUrl: string;
    }
  | { do: "name_credential"; source: string; env: string }
  /** `reason`: `base_url_changed` or `not_wanted`. */
  | { do: "remove_credential"; source: string; reason: string }
  | { do: "save_rule"; source: string; name: string; position: number; definition: RuleDefinition }
  | { do: "move_rule"; source: string; name: string; position: number }
  | { do: "remove_rule"; source: string; name: string }
  /**
   * Queued calls of a rule, or of a whole source (`rule: null`), no longer ring. `modes`: of the calls; null for every
   * mode.
   */
  | {
      do: "stop_calls";
      source: string;
      rule: string | null;
      modes: readonly string[] | null;
      reason: "rule_off" | "source_closed";
      /**
       * An earlier change should have stopped them but kept them: `saved`, the rule as it is stored; `removed`, any
       * rule that the source no longer has. Calls that were decided later are not affected.
       */
      since?: "saved" | "removed";
      /** `keep`: they are only counted, and ring. */
      waiting: "cancel" | "keep";
    };
