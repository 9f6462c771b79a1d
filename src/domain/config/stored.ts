/** The configuration as Postgres stores it. Times are epoch milliseconds. Types only. */
import type { MihuSignatureSettings } from "../calls/line.ts";
import type { FetchProblem } from "../fetch/fetch.ts";
import type { SourceApi } from "../fetch/sender-api.ts";
import type { FailedAnswer } from "../fetch/trouble.ts";
import type { RuleDefinition } from "../rules/rule.ts";

/** Calling hours as people write them. */
export type HoursDefinition = { days: string; from: string; to: string; closed?: string[] | undefined };

/** A line as it is configured. */
export type LineSettings = {
  slug: string;
  agent: string;
  callsPerMinute: number;
  callsAtOnce: number;
  callsPerDay: number;
  countries: string[] | null;
  hours: HoursDefinition | null;
  /** Signature of Mihu's outcome webhooks; `null`: the defaults. */
  webhookSettings: MihuSignatureSettings | null;
};

export type StoredLine = LineSettings & {
  pausedAt: number | null;
  pauseReason: string | null;
  pauseDetail: string | null;
  notBefore: number | null;
  /** Postgres took so long with the last claim that the line began no call of it. */
  claimsSlow: boolean;
  hasWebhook: boolean;
  /** Calls that it has claimed since midnight UTC; `callsPerDay` caps them. */
  callsToday: number;
  createdAt: number;
  updatedAt: number;
};

/** A source as it is configured, but for its secrets and rules. */
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
  /** The sender's API, but for the credential. */
  api: SourceApi | null;
};

export type StoredSecret = {
  id: string;
  env: string | null;
  fingerprint: string;
  kid: string;
  createdAt: number;
  /** Its end, after which it verifies nothing; `null`: none. */
  expiresAt: number | null;
  /** The sender handed it over at its set-up. */
  captured: boolean;
  /** A rotation added it, and no file has named it yet. */
  rotated: boolean;
};

/** A secret that a rotation gave an end, and that is retired since. */
export type EndedSecret = { env: string | null; fingerprint: string; endedAt: number };

/** Credential of the sender's API. `baseUrl`: the only address that sees it. */
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
  /** Since when its webhooks are refused; `null`: they are accepted. */
  disconnectedAt: number | null;
  /** Since when events are stored and not planned, and why; `null`: they are planned. */
  pausedAt: number | null;
  pauseDetail: string | null;
  createdAt: number;
  updatedAt: number;
  /** Why no record can be fetched, and since when. */
  fetchProblem: FetchProblem | null;
  fetchProblemAt: number | null;
  /** GETs that failed since, and the last answer of them. */
  fetchFailures: number;
  fetchAnswer: FailedAnswer | null;
  secrets: StoredSecret[];
  /** Absent from a source that has none. The newest only. */
  endedSecrets?: EndedSecret[];
  credential: StoredCredential | null;
  rules: StoredRule[];
};

/** All of the configuration: the built-in source `api` is no part of it. */
export type StoredConfig = { lines: StoredLine[]; sources: StoredSource[] };

/** One change of the configuration. Each is stored with its entry. */
export type ConfigWrite =
  /** New hours hold for calls that wait already: each is given its window anew. */
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
  /** A file names a secret: it is the file's from now on, no longer the rotation's that added it. */
  | { do: "name_secret"; source: string; id: string; env: string | null }
  | { do: "retire_secret"; source: string; id: string }
  /** `at`: when it ends, as epoch milliseconds; `null`: it has no end any more. */
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
  /** Calls that wait for a rule, or for a whole source (`rule: null`), ring no more. `modes`: of the calls; `null`: every mode. */
  | {
      do: "stop_calls";
      source: string;
      rule: string | null;
      modes: readonly string[] | null;
      reason: "rule_off" | "source_closed";
      /**
       * The change that should have stopped them was an earlier one, which kept them: `saved`, the rule as it is stored; `removed`, the
       * removal of any rule that the source does not have any more. Calls that were decided since then are not concerned.
       */
      since?: "saved" | "removed";
      /** `keep`: they are counted, and ring. */
      waiting: "cancel" | "keep";
    };
