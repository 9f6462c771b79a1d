/** Dependencies of the API for one request. Types only; the wiring creates them. */

import type { PresetFacts } from "../domain/config/check.ts";
import type { JsonValue } from "../domain/json.ts";
import type { DirectCall } from "../domain/plan/direct-call.ts";
import type { CallDraft } from "../domain/plan/draft.ts";
import type { RequestedCall } from "../flows/planning/request-call.ts";
import type { Log } from "../platform/log.ts";
import type { Sealer } from "../platform/seal.ts";
import type { createSigner } from "../platform/sign.ts";
import type { Notary, ReceiptStore } from "../ports/audit/chain.ts";
import type { AgentWebhooks } from "../ports/calling/agent-webhooks.ts";
import type { LineObjects } from "../ports/calling/line-objects.ts";
import type { LinePauses } from "../ports/calling/line-pauses.ts";
import type { StopStore } from "../ports/calling/stops.ts";
import type { Transcripts } from "../ports/calling/transcripts.ts";
import type { SessionStore, TokenStore } from "../ports/config/access.ts";
import type { ConfigStore } from "../ports/config/config.ts";
import type { LineWebhooks } from "../ports/config/line-webhooks.ts";
import type { PresetGuide } from "../ports/config/presets.ts";
import type { SealedStore } from "../ports/config/sealed.ts";
import type { SourcePauses } from "../ports/config/source-pauses.ts";
import type { SuppressionStore } from "../ports/config/suppressions.ts";
import type { DeliveryStore } from "../ports/hooks/delivery-lookups.ts";
import type { Dispatcher } from "../ports/hooks/dispatcher.ts";
import type { HookStore } from "../ports/hooks/hooks.ts";
import type { OutboxStore } from "../ports/hooks/outbox.ts";
import type { NameDirectory } from "../ports/ingest/directory.ts";
import type { Doctor } from "../ports/ingest/doctor.ts";
import type { Inboxes } from "../ports/ingest/inboxes.ts";
import type { SourceStore } from "../ports/ingest/sources.ts";
import type { StoredRejectionStore } from "../ports/ingest/stored-rejections.ts";
import type { Webhooks } from "../ports/ingest/webhooks.ts";
import type { LookupStore } from "../ports/lookups/lookups.ts";
import type { ReadinessWord } from "../ports/lookups/readiness.ts";
import type { DecisionStore } from "../ports/people/decisions.ts";
import type { ErasureStore } from "../ports/people/erasures.ts";
import type { NoteStore } from "../ports/people/notes.ts";
import type { ReviewStore } from "../ports/people/review.ts";
import type { Records } from "../ports/planning/records.ts";
import type { RehearsalStore } from "../ports/planning/rehearsals.ts";
import type { ReplayStore } from "../ports/planning/replays.ts";
import type { Clock, Identity, SecretKey } from "../ports/runtime.ts";
import type { TaskWaker } from "../ports/tasks/steps.ts";
import type { TaskStore } from "../ports/tasks/tasks.ts";
import type { Reader } from "../views/reader.ts";

/** A preset's verdict about given settings. */
type SettingsAnswer =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly mistakes: readonly { readonly path: string; readonly reason: string }[] };

export type ApiDeps = {
  readonly mode: "local" | "production";
  /** The service's public address without a trailing slash; null if it is not configured. */
  readonly publicUrl: string | null;
  readonly defaultCountry: string | null;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly pause: (ms: number) => Promise<void>;
  readonly log: Log;
  readonly inboxes: Inboxes;
  readonly directory: Pick<NameDirectory, "add"> & {
    /**
     * Readiness without details, as shown to everybody; null before the first reading. Rejects if the object cannot be
     * reached.
     */
    readiness(): Promise<ReadinessWord | null>;
    /**
     * Reloads changed keys of outcome webhooks.
     *
     * @returns Milliseconds until every Worker uses them.
     */
    rereadWebhookKeys(): Promise<{ readonly knownInMs: number }>;
  };
  readonly lines: LineObjects;
  readonly dispatcher: Dispatcher;
  readonly taskRunner: TaskWaker;
  readonly notary: Notary;
  readonly webhooks: Webhooks;
  readonly doctor: Doctor;
  readonly agentWebhooks: AgentWebhooks;
  readonly transcripts: Transcripts;
  /** Time after which a call that waits for a person is overdue. */
  readonly reviewOverdueMs: number;
  readonly sealer: Sealer;
  readonly signer: ReturnType<typeof createSigner>;
  readonly tokenKeys: readonly SecretKey[];
  readonly sessionKeys: readonly SecretKey[];
  readonly stores: {
    readonly lookups: LookupStore;
    readonly config: ConfigStore;
    readonly lineWebhooks: LineWebhooks;
    readonly sourcePauses: SourcePauses;
    readonly suppressions: SuppressionStore;
    readonly stops: StopStore;
    readonly tokens: TokenStore;
    readonly sessions: SessionStore;
    readonly pauses: LinePauses;
    readonly decisions: DecisionStore;
    readonly erasures: ErasureStore;
    readonly notes: NoteStore;
    readonly review: ReviewStore;
    readonly receipts: ReceiptStore;
    readonly replays: ReplayStore;
    readonly hooks: HookStore;
    readonly deliveries: DeliveryStore;
    readonly tasks: TaskStore;
    readonly rejections: StoredRejectionStore;
    readonly rehearsals: RehearsalStore;
    readonly sealed: SealedStore;
    readonly outbox: OutboxStore;
    /** Sources as planning needs them. */
    readonly sources: SourceStore;
  };
  /** Whether a mail API is configured. */
  readonly sendsMail: boolean;
  readonly presetNames: readonly string[];
  /** Senders' APIs. */
  readonly records: Records;
  readonly presetGuide: PresetGuide;
  findPreset(name: string): PresetFacts | null;
  checkSettings(preset: string, settings: JsonValue | undefined): SettingsAnswer;
  requestCall(wanted: DirectCall, idempotency: { holder: string; key: string } | null): Promise<RequestedCall>;
  dryRunCall(wanted: DirectCall): Promise<CallDraft>;
  /** Whether a browser may be redirected to an external URL: https on one of Mihu's hosts. */
  allowLink(url: string): boolean;
  /** Whether a thrown value means that Postgres is unreachable or does not answer. Anything else is a bug. */
  isAway(error: unknown): boolean;
  /** Whether a statement of this request failed because migrations of this version have not run. */
  lacksMigrations(error: unknown): Promise<boolean>;
  /**
   * Keeps the request's Postgres client open until then, for an answer that is read from Postgres while it is sent.
   *
   * @param until Settles when the answer's body has ended, was broken off or failed.
   */
  holdOpen(until: Promise<void>): void;
  /** Closes the request's Postgres client, if one was opened, and once nothing holds it open. Called after the response. */
  close(): Promise<void>;
};

/** Creates a request's dependencies. Connections are opened on first use. */
export type Wire = (env: unknown, context: Pick<ExecutionContext, "waitUntil">) => ApiDeps;

/** Context of every handler. */
export type AppEnv = { Bindings: object; Variables: { deps: ApiDeps; reader: Reader } };
