/** A preset: how one CRM signs, batches and names its events. Types only; {@link Preset} stands at the end. */
import type { NotNow, PresetAnswer } from "../../domain/events/webhook.ts";
import type { PresetApi } from "../../domain/fetch/sender-api.ts";
import type { SignatureRecipe } from "./recipe.ts";

/**
 * Place of one value of an event. `path` looks into the event's own payload, `envelope` into the whole body (the same thing, unless
 * the body is a batch), `header` into the request. `joined` is one value of several, all of which must be present.
 */
export type ValueLocation =
  /** `after`: only the text behind its first occurrence, if there is one. `sf:Case` is `Case` after `:`. */
  | { readonly path: string; readonly after?: string }
  | { readonly envelope: string }
  | { readonly header: string }
  | { readonly joined: readonly ValueLocation[]; readonly by: string };

/**
 * The parts of an event's dedupe key beside the sender's id of it:
 * - `id`: nothing. The sender's documentation calls the id unique, or it is made of several fields that are so together.
 * - `id_type`: the type. One id comes under several types, or the id is one that a person writes into a template and may be a record's.
 * - `id_type_body`: the type and the body's hash without `counters`. Only for a sender whose redeliveries are known to be identical:
 *   elsewhere a redelivery with one other byte would ring a second time.
 *
 * Other bytes under the same key are a conflict: they are stored as an event of their own that makes no call.
 */
export type EventKey = {
  readonly of: "id" | "id_type" | "id_type_body";
  /** An id from a header is the whole key. Its caller says with it what is one event. */
  readonly headerAlone?: true;
  /** The sender's documentation, or its code. */
  readonly source: string;
};

/** The sender's own rules for an answer that is no 2xx, by its documentation. */
type SenderRetries = {
  /** How often it sends again and for how long, as a phrase. */
  readonly tries: string;
  /** The status of "not now". After it the sender sends again. */
  readonly notNow: NotNow;
  /** Statuses after which the sender forgets the webhook. The door answers none of them, except 404 for a source that was removed. */
  readonly ends: readonly number[];
  /** The sender's documentation; `null`: whoever set the sender up decides. */
  readonly source: string | null;
};

/** How events are read out of a verified request. The first place that holds a value wins. */
export type EventReading = {
  /** The parts of the dedupe key of an event that has an id. */
  readonly key: EventKey;
  /** `""`: the body is one event. `"."`: it may be an array of events. Else the path of the array that holds them. */
  readonly split: string;
  readonly id: readonly ValueLocation[];
  readonly type: readonly ValueLocation[];
  /** The type of an event that names none. */
  readonly typeDefault: string;
  /** ISO 8601, or epoch seconds or milliseconds by magnitude. */
  readonly time: readonly ValueLocation[];
  /**
   * For a batch of mere ids: each becomes an event of its own, whose payload is the envelope with the id under this name in place of
   * the array.
   */
  readonly elementAs?: string;
  /** Fields of the envelope that are copied into each element's payload, under their own names. */
  readonly shared?: readonly string[];
  /**
   * Time for which the same bytes without an id are one event. After it they are a new one: a sender without ids says "reopened" twice
   * in the same words. Absent: for ever.
   */
  readonly sameBodyMs?: number;
  /**
   * Time for which the same bytes under another id are one event, if the signature covers the body and not the id. After it they are a
   * new one, for senders that report two changes in the same words. Absent: for ever.
   */
  readonly replayMs?: number;
  /** Fields of a payload that a retry changes, such as its number of tries. Bodies that differ only in them are the same. */
  readonly counters?: readonly string[];
};

/**
 * The account that an event belongs to. `*` in a path means each element, all of which must be the tenant's. Of several paths at
 * least one must be present, and each that is present must be the tenant's.
 */
export type TenantReading = {
  readonly place: { readonly header: string | readonly string[] } | { readonly path: string | readonly string[] };
  /**
   * `true`: one key signs for many accounts, so a source without a tenant accepts nothing. `when_named`: such a source refuses events
   * that name an account; events that name none are its own.
   */
  readonly mandatory: boolean | "when_named";
  readonly ignoreCase: boolean;
  /** The account is named by a Salesforce id, in 15 or 18 characters. */
  readonly isSalesforceId?: true;
  /** How the sender writes its accounts; `words` says what to write to whoever writes something else. */
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

/** A source's settings as they were given. A missing one has the preset's default. */
export type GivenSettings = Readonly<Record<string, string>>;

/** Settings with every default in its place, as a preset's functions take them. */
export type FullSettings = Readonly<Record<string, string>>;

/** How a body is written. The content type chooses among the scheme's formats; if it says nothing, the first is used. */
export type BodyFormat = "json" | "form" | "xml";

/** A question that a sender asks once, when its webhook is set up. It carries no event. */
export type Handshake =
  /** A JSON body that holds `field` as a text is answered with `{field: same}`. `when`: only if this path has this value. */
  | {
      readonly kind: "echo_field";
      readonly field: string;
      readonly when?: { readonly path: string; readonly equals: string };
      readonly signed: boolean;
    }
  /** The value of this header is the answer's body. */
  | { readonly kind: "header_to_body"; readonly header: string; readonly signed: true }
  /** This header is the key itself: it is stored as the source's secret, if it has none, and comes back in the answer. */
  | { readonly kind: "captured_header"; readonly header: string }
  /** This field of a JSON body is the key: it is stored as the source's secret, if it has none. */
  | { readonly kind: "captured_field"; readonly field: string }
  /** An unsigned form of this one field: answered with 200, and nothing else. */
  | { readonly kind: "unsigned_ping"; readonly field: string };

/** One way in which a CRM signs its webhooks, and how those are written. */
export type Scheme = {
  /** Its name in `settings.scheme`, such as `hubspot-v3`. */
  readonly name: string;
  readonly title: string;
  readonly recipe: (settings: FullSettings) => SignatureRecipe;
  readonly reading: (settings: FullSettings) => EventReading;
  readonly tenant: TenantReading | null;
  /**
   * Fields of an event that the signature does not cover: those that a header names which the recipe's template does not contain. An attacker
   * who replays a body can choose them.
   */
  readonly unsignedFields: readonly ("id" | "type" | "time" | "tenant")[];
  readonly formats: readonly [BodyFormat, ...BodyFormat[]];
  /** The sender makes the secret, and nobody can choose it. Absent: its user does, unless the setting `secret_by` says otherwise. */
  readonly secretBy?: "sender";
  /** `null`: Hookline's own 202. */
  readonly answer: PresetAnswer | null;
  readonly handshakes?: readonly Handshake[];
  /** Properties that depend on the settings, for a preset of many settings. */
  readonly bySettings?: (settings: FullSettings) => Partial<Pick<Scheme, "tenant" | "unsignedFields">>;
  /** Fields of a body that are credentials, by their name at any depth. They are removed before anything is stored. */
  readonly credentials?: readonly string[];
};

/** One CRM: data that one engine reads. */
export type Preset = {
  readonly name: string;
  readonly title: string;
  /** Settings beside `scheme`, which every preset has. */
  readonly settings: Readonly<Record<string, SettingSpec>>;
  /** Mistakes that show only in several settings together. Asked once each setting by itself is right. */
  readonly mistakes?: (settings: FullSettings) => readonly SettingMistake[];
  /** The first is the safest, and the default. `settings.scheme` chooses, never a request. */
  readonly schemes: readonly [Scheme, ...Scheme[]];
  /** The most characters of a secret that the sender's form takes, where it says so. */
  readonly secretCharactersMax?: number;
  readonly retries: SenderRetries;
  /** Steps in the sender's product, a sentence each. `{url}` is the source's address. */
  readonly steps: readonly string[];
  readonly api?: PresetApi;
  /** Types of its events, where the sender documents all of them. A rule that names another one is warned about. */
  readonly topics?: readonly string[];
};

/** One active secret of a source. Several may be active at once, for rotation. */
export type ActiveSecret = { readonly id: string; readonly value: string };
