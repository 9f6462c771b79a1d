/** A preset: how one CRM signs, batches and names its events. Types only; {@link Preset} is at the end. */
import type { NotNow, PresetAnswer } from "../../domain/events/webhook.ts";
import type { PresetApi } from "../../domain/fetch/sender-api.ts";
import type { SignatureRecipe } from "./recipe.ts";

/**
 * Location of one value of an event.
 *
 * - `path`: in the event's own payload.
 * - `envelope`: in the whole body, which differs from the payload in a batch.
 * - `header`: in the request's headers.
 * - `joined`: several values as one. All must be present.
 */
export type ValueLocation =
  /** `after`: takes the text after its first occurrence, if there is one. With `:`, `sf:Case` becomes `Case`. */
  | { readonly path: string; readonly after?: string }
  | { readonly envelope: string }
  | { readonly header: string }
  | { readonly joined: readonly ValueLocation[]; readonly by: string };

/**
 * Parts of an event's dedupe key:
 * - `id`: the sender's id alone. The sender documents the id as unique, or the id is joined from several fields that are
 *   unique together.
 * - `id_type`: id and type. The sender uses one id for several types, or a person writes the id into a template. Such an
 *   id may be the id of a record.
 * - `id_type_body`: id, type, and the hash of the body without `counters`. Only for a sender whose redeliveries are known
 *   to be identical. With any other sender, a redelivery that differs in one byte would ring a second time.
 *
 * Other bytes under the same key are a conflict. They are stored as an event of their own that makes no call.
 */
export type EventKey = {
  readonly of: "id" | "id_type" | "id_type_body";
  /** An id from a header is the whole key: the caller decides with it what counts as one event. */
  readonly headerAlone?: true;
  /** The sender's documentation or source code that shows it. */
  readonly source: string;
};

/** The sender's documented reaction to a response other than 2xx. */
type SenderRetries = {
  /** Number and duration of its retries, as a phrase. */
  readonly tries: string;
  /** Status for "retry later". The sender retries after it. */
  readonly notNow: NotNow;
  /**
   * Statuses that make the sender delete the webhook. The endpoint never answers them, except 404 for a removed source.
   */
  readonly ends: readonly number[];
  /** The sender's documentation; null if the person who configures the sender decides. */
  readonly source: string | null;
};

/** How events are read from a verified request. If there are several locations, the first with a value wins. */
export type EventReading = {
  /** Dedupe key of an event that has an id. */
  readonly key: EventKey;
  /**
   * `""`: the body is one event. `"."`: the body may be an array of events. Otherwise: the path of the array of events.
   */
  readonly split: string;
  readonly id: readonly ValueLocation[];
  readonly type: readonly ValueLocation[];
  /** Type of an event whose request names no type. */
  readonly typeDefault: string;
  /** Event time: ISO 8601, or epoch seconds or milliseconds by magnitude. */
  readonly time: readonly ValueLocation[];
  /**
   * For a batch of bare ids. Each id becomes an event whose payload is the envelope, with the id under this name
   * instead of the array.
   */
  readonly elementAs?: string;
  /** Fields of the envelope that are copied into each element's payload, under their own names. */
  readonly shared?: readonly string[];
  /**
   * For events without an id: the time for which identical bytes are the same event. Later ones are a new event,
   * because a sender without ids reports "reopened" twice in the same words. Absent: for ever.
   */
  readonly sameBodyMs?: number;
  /**
   * If the signature covers the body but not the id: the time for which identical bytes under another id are the same
   * event. This stops replays under a fresh id. Later ones are a new event, because a sender may report two changes in
   * the same words. Absent: for ever.
   */
  readonly replayMs?: number;
  /** Fields that change with each retry, such as its number. They are ignored when bodies are compared. */
  readonly counters?: readonly string[];
};

/**
 * The account that an event belongs to. `*` in a path is each element; all of them must belong to the tenant. If there
 * are several paths, at least one must be present, and each present path must name the tenant.
 */
export type TenantReading = {
  readonly place: { readonly header: string | readonly string[] } | { readonly path: string | readonly string[] };
  /**
   * Whether a source needs a tenant.
   * - `true`: one key signs for many accounts. A source without a tenant accepts nothing.
   * - `when_named`: a source without a tenant accepts only events that name no account. Such events belong to the
   *   source's account.
   */
  readonly mandatory: boolean | "when_named";
  readonly ignoreCase: boolean;
  /** The account is a Salesforce id, in 15 or 18 characters. */
  readonly isSalesforceId?: true;
  /** Form of the sender's account names. `words` is the message for a tenant in another form. */
  readonly form?: { readonly pattern: RegExp; readonly words: string };
};

/** One setting that a preset understands. */
export type SettingSpec =
  | { readonly kind: "choice"; readonly about: string; readonly default: string; readonly choices: readonly string[] }
  | {
      readonly kind: "header" | "path" | "text" | "url" | "name" | "template" | "separator" | "seconds";
      readonly about: string;
      readonly default: string;
    };

/** A mistake in one setting. `path` is its name; `""` is the whole. */
export type SettingMistake = { readonly path: string; readonly reason: string };

/** A source's settings as stored. A missing one has the preset's default. */
export type GivenSettings = Readonly<Record<string, string>>;

/** Settings with all defaults filled in. */
export type FullSettings = Readonly<Record<string, string>>;

/**
 * Format of a body. The content type selects one of the scheme's formats. Without a content type, the first format is
 * used.
 */
export type BodyFormat = "json" | "form" | "xml";

/** A request that a sender makes once, when its webhook is created. It carries no event. */
export type Handshake =
  /**
   * A JSON body that holds `field` as a text is answered with `{field: same}`. `when`: only if this path has this
   * value.
   */
  | {
      readonly kind: "echo_field";
      readonly field: string;
      readonly when?: { readonly path: string; readonly equals: string };
      readonly signed: boolean;
    }
  /** The header's value is the response body. */
  | { readonly kind: "header_to_body"; readonly header: string; readonly signed: true }
  /** The header is the secret itself. It is stored if the source has none, and echoed in the response. */
  | { readonly kind: "captured_header"; readonly header: string }
  /** The field of a JSON body is the secret itself. It is stored if the source has none. */
  | { readonly kind: "captured_field"; readonly field: string }
  /** An unsigned form of this one field. It is answered with 200 and has no other effect. */
  | { readonly kind: "unsigned_ping"; readonly field: string };

/** One way in which a CRM signs its webhooks, and the format of those webhooks. */
export type Scheme = {
  /** Its name in `settings.scheme`, such as `hubspot-v3`. */
  readonly name: string;
  readonly title: string;
  readonly recipe: (settings: FullSettings) => SignatureRecipe;
  readonly reading: (settings: FullSettings) => EventReading;
  readonly tenant: TenantReading | null;
  /**
   * Event fields that the signature does not cover: those from headers that are not in the recipe's template. An
   * attacker who replays a body can set them freely.
   */
  readonly unsignedFields: readonly ("id" | "type" | "time" | "tenant")[];
  readonly formats: readonly [BodyFormat, ...BodyFormat[]];
  /**
   * Set if the sender generates the secret and nobody can choose it. Absent: the user chooses it, unless the setting
   * `secret_by` differs.
   */
  readonly secretBy?: "sender";
  /** `null`: the default 202 response. */
  readonly answer: PresetAnswer | null;
  readonly handshakes?: readonly Handshake[];
  /** Properties that depend on the settings, for the generic preset. */
  readonly bySettings?: (settings: FullSettings) => Partial<Pick<Scheme, "tenant" | "unsignedFields">>;
  /** Names of body fields that are credentials, at any depth. They are removed before anything is stored. */
  readonly credentials?: readonly string[];
};

/** One CRM, as data for the verifier and the event reader. */
export type Preset = {
  readonly name: string;
  readonly title: string;
  /** Settings in addition to `scheme`, which every preset has. */
  readonly settings: Readonly<Record<string, SettingSpec>>;
  /** Mistakes in a combination of settings. Called if each setting by itself is valid. */
  readonly mistakes?: (settings: FullSettings) => readonly SettingMistake[];
  /** The first is the safest and the default. `settings.scheme` selects one; a request never does. */
  readonly schemes: readonly [Scheme, ...Scheme[]];
  /** Longest secret that the sender's form accepts, if it has a documented limit. */
  readonly secretCharactersMax?: number;
  readonly retries: SenderRetries;
  /** Set-up steps in the sender's product, one sentence each. `{url}` is the source's address. */
  readonly steps: readonly string[];
  readonly api?: PresetApi;
  /** All event types, if the sender documents them. A rule with another type causes a warning. */
  readonly topics?: readonly string[];
};

/** One active secret of a source. Several are active during a rotation. */
export type ActiveSecret = { readonly id: string; readonly value: string };
