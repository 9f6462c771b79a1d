/**
 * What the pages need from the world. Types only.
 *
 * The shapes are the API's own, as far as the pages show them; what they hold is masked for the reader already.
 */
import type { CallStatus, CrmRecord, Outcome } from "../domain/calls/call.ts";
import type { WholeReadiness } from "../flows/readiness.ts";
import type { SpillCount } from "../ports/ingest/inbox.ts";
import type { Clock } from "../ports/runtime.ts";

/** Who is signed in: a token, under its name. */
export type Reader = { readonly jti: string; readonly name: string; readonly scopes: readonly string[] };

/** What a pasted token turned out to be. Every refusal is alike: the page does not help to guess. */
export type TokenAnswer = ({ readonly ok: true; readonly expiresAt: number } & Reader) | { readonly ok: false };

/** Sign-ins of people. */
export type Sessions = {
  /** @returns the cookie's value: 256 random bits, new each time */
  create(session: { jti: string; expiresAt: number }): Promise<string>;
  /** `null`: unknown, over, ended, or its token was revoked or has expired. */
  find(cookieValue: string): Promise<Reader | null>;
  end(cookieValue: string): Promise<void>;
};

/** A call as the API shows it. Times are ISO 8601 in UTC. */
export type CallView = {
  readonly id: string;
  readonly try: number;
  readonly again_of: string | null;
  readonly status: CallStatus;
  readonly outcome: Outcome | null;
  readonly outcome_raw: string | null;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
  readonly source: string;
  readonly rule: string;
  readonly rule_version: number;
  readonly mode: string;
  readonly event_id: string;
  readonly line: string | null;
  readonly order_number: string | null;
  readonly record: CrmRecord | null;
  readonly number: string | null;
  readonly about: string | null;
  readonly prompt: string | null;
  readonly prompt_overwrite: boolean;
  readonly greeting: string | null;
  readonly conversation_uuid: string | null;
  readonly contact_uuid: string | null;
  readonly mihu_id: string | null;
  readonly listen_url: string | null;
  readonly record_url: string | null;
  readonly recording_url: string | null;
  readonly created_at: string;
  readonly due_at: string | null;
  readonly expires_at: string | null;
  readonly placed_at: string | null;
  readonly ended_at: string | null;
  readonly erased_at: string | null;
  readonly duration_s: number | null;
  readonly summary: string | null;
};

/** An event as the API shows it. */
export type EventView = {
  readonly id: string;
  readonly source: string;
  readonly external_id: string | null;
  readonly type: string;
  readonly order_number: string | null;
  readonly received_at: string;
  readonly conflicts: number;
  readonly erased_at: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
};

/** One thing that happened to a call: an entry of the audit chain, or the verdict of a gate. */
export type EntryView = {
  readonly kind: "entry";
  readonly at: string;
  readonly action: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};
export type VerdictView = {
  readonly kind: "verdict";
  readonly at: string;
  readonly gate: string;
  readonly verdict: "pass" | "stop";
  readonly inputs: Readonly<Record<string, unknown>>;
};
export type TimelineView = EntryView | VerdictView;

/** One call with everything that is known of it. */
export type CallStory = {
  readonly call: CallView;
  readonly event: EventView | null;
  /** Oldest first. */
  readonly timeline: readonly TimelineView[];
  /** Mihu's record of calls with this person, and which calls of ours it holds. */
  readonly conversation: { readonly uuid: string; readonly calls: readonly string[] } | null;
};

/** Everything about one order number; two shops may share it, so each source stands for itself. */
export type OrderView = {
  readonly order_number: string;
  /** One sentence: was anybody called, and what became of it. */
  readonly answer: string;
  readonly sources: readonly {
    readonly source: string;
    readonly events: readonly EventView[];
    readonly calls: readonly CallView[];
  }[];
  /** Whether there is more than is listed. */
  readonly more: boolean;
};

/** Where the recording of a call is, or why nobody is sent there. */
export type Recording =
  | { readonly kind: "found"; readonly url: string }
  | { readonly kind: "may_not" | "no_call" | "no_recording" | "link_not_allowed" };

export type CallsPage = { readonly data: readonly CallView[]; readonly next_cursor: string | null };

/** Look-ups on behalf of one reader. */
export type Lookups = {
  /** Newest first. `null`: the cursor is not one of ours. */
  calls(filter: Record<string, never>, limit: number, cursor: string | null): Promise<CallsPage | null>;
  order(orderNumber: string): Promise<OrderView>;
  call(id: string): Promise<CallStory | null>;
  /** Notes who is sent there before it says where. */
  recording(id: string, mayLink: (url: string) => boolean): Promise<Recording>;
};

/** A source as the API shows it, as far as the pages do. */
export type SourceView = {
  readonly slug: string;
  readonly preset: string;
  readonly tenant: string | null;
  /** Only for administrators. Never their values. */
  readonly secrets?: readonly {
    readonly id: string;
    readonly env: string | null;
    readonly created_at: string;
    readonly expires_at: string | null;
  }[];
  readonly rules: readonly { readonly name: string; readonly mode: string; readonly version: number }[];
  readonly setup: { readonly url: string; readonly steps: readonly string[] };
  readonly heard: {
    readonly first_at: string | null;
    readonly last_at: string | null;
    readonly last_rejection_at: string | null;
    readonly events: number;
    readonly more: boolean;
  } | null;
  readonly paused: {
    readonly detail: string | null;
    readonly since: string;
    readonly events_waiting: number | null;
  } | null;
  readonly disconnected_at: string | null;
  readonly warnings: readonly string[];
};

/** One source with the newest of what came, and of what was refused at its door. */
export type SourceStory = {
  readonly source: SourceView;
  readonly rejections: readonly {
    readonly id: string;
    readonly at: string;
    readonly code: string;
    readonly detail: string;
  }[];
  readonly events: readonly EventView[];
};

/** Sources on behalf of one reader. */
export type Sources = {
  list(): Promise<readonly SourceView[]>;
  /** `null`: there is no such source. */
  story(slug: string): Promise<SourceStory | null>;
};

/** Everything that the pages need for one request. */
export type PageDeps = {
  readonly clock: Clock;
  /** `local`: `npm start` runs it, and the pages may say how to get a token and a sample event. */
  readonly mode: "local" | "production";
  /** Where the service is reached, if that is not what requests say (behind a proxy that ends TLS). */
  readonly publicUrl: string | null;
  readonly sessions: Sessions;
  verifyToken(token: string): Promise<TokenAnswer>;
  lookups(reader: Reader): Lookups;
  sources(reader: Reader): Sources;
  /** What everybody who looks has to know first: lines that are paused, migrations that have not run. */
  readiness(): Promise<WholeReadiness>;
  /** What waits on the inboxes' own disks; asks nothing of Postgres. */
  spills(): Promise<readonly SpillCount[]>;
  /** Whether a link may be offered: https, and a host that is Mihu's. */
  allowLink(url: string): boolean;
  /** Whether a thrown value means that Postgres cannot be reached. */
  isAway(error: unknown): boolean;
  /** Writes a bug to the log. */
  report(error: unknown): void;
};
