/** What a preset may say of one CRM: its settings, schemes, readings and handshakes. Types only. */

import type { PresetAnswer } from "../../domain/events/webhook.ts";
import type { PresetApi } from "../../domain/fetch/sender-api.ts";
import type { SignatureRecipe } from "./recipe.ts";

/**
 * Where a value of an event stands. `path` looks into the event's own payload, `envelope` into the whole body (the same
 * thing, unless the body is a batch), `header` into the request. `joined` is one value of several, all of which must be there.
 */
export type ValueLocation =
  /** `after`: only what stands after the first of it, where it is there: `sf:Case` is `Case` after `:`. */
  | { readonly path: string; readonly after?: string }
  | { readonly envelope: string }
  | { readonly header: string }
  | { readonly joined: readonly ValueLocation[]; readonly by: string };

/** How events are read out of a verified request. The first place that holds a value wins. */
export type EventReading = {
  /** `""`: the body is one event. `"."`: it may be an array of events. Else the path of the array that holds them. */
  readonly split: string;
  readonly id: readonly ValueLocation[];
  readonly type: readonly ValueLocation[];
  /** The type of an event that names none. */
  readonly typeDefault: string;
  /** ISO 8601, or epoch seconds or milliseconds by magnitude. */
  readonly time: readonly ValueLocation[];
  /**
   * Elements of the batch that are mere ids: each becomes an event of its own, whose payload is the envelope with the element under
   * this name in place of the array.
   */
  readonly elementAs?: string;
  /** Fields of the envelope that each element's payload gets as well, under their own names. */
  readonly shared?: readonly string[];
  /**
   * The same bytes without an id are one event for this long, and another one later: a sender that gives no id says "reopened" twice
   * in the same words. Absent: they are one event for ever.
   */
  readonly sameBodyMs?: number;
  /**
   * Where the signature covers the body and not the event's id, the same bytes under another id are the same event: for this long, where
   * two things may be told of in the same words. Absent: for ever.
   */
  readonly replayMs?: number;
  /** Fields of a payload that a retry changes, such as its number of tries: with another value there it is not another body. */
  readonly counters?: readonly string[];
};

/**
 * Whose account an event is of. `*` in a path means each element, all of which must be the tenant's. Of several paths one at
 * least has to be there, and whatever is there has to be the tenant's.
 */
export type TenantReading = {
  readonly place: { readonly header: string | readonly string[] } | { readonly path: string | readonly string[] };
  /**
   * One key signs for many accounts: a source of this preset without a tenant accepts nothing; `when_named`: nothing that names an
   * account, for what names none is of the source's own.
   */
  readonly mandatory: boolean | "when_named";
  readonly ignoreCase: boolean;
};

/** One setting that a preset understands. */
export type SettingSpec =
  | { readonly kind: "choice"; readonly about: string; readonly default: string; readonly choices: readonly string[] }
  | {
      readonly kind: "header" | "path" | "text" | "url" | "name" | "template" | "separator" | "seconds";
      readonly about: string;
      readonly default: string;
    };

/** What is wrong with one setting. `path` is its name; `""` is the whole. */
export type SettingMistake = { readonly path: string; readonly reason: string };

/** A source's settings as they were given: what is not there has the preset's default. */
export type GivenSettings = Readonly<Record<string, string>>;

/** Settings with every default in its place: what a preset's functions take. */
export type FullSettings = Readonly<Record<string, string>>;

/** How a body is written. Chosen by its content type among those that the scheme knows; the first is taken where it says nothing. */
export type BodyFormat = "json" | "form" | "xml";

/** What a sender asks once, when its webhook is set up. It carries no event. */
export type Handshake =
  /** A JSON body that holds `field` as a text is answered with `{field: same}`. `when`: only where this path has this value. */
  | {
      readonly kind: "echo_field";
      readonly field: string;
      readonly when?: { readonly path: string; readonly equals: string };
      readonly signed: boolean;
    }
  /** The value of this header is the answer's body. */
  | { readonly kind: "header_to_body"; readonly header: string; readonly signed: true }
  /** This header is the key itself: it is kept as the source's secret, if it has none, and comes back in the answer. */
  | { readonly kind: "captured_header"; readonly header: string }
  /** This field of a JSON body is the key: it is kept as the source's secret, if it has none. */
  | { readonly kind: "captured_field"; readonly field: string }
  /** An unsigned form of this one field: answered with 200, and nothing else. */
  | { readonly kind: "unsigned_ping"; readonly field: string };

/** One way in which a CRM signs its webhooks, and how those are written. */
export type Scheme = {
  /** What `settings.scheme` says, such as `hubspot-v3`. */
  readonly name: string;
  readonly title: string;
  readonly recipe: (settings: FullSettings) => SignatureRecipe;
  readonly reading: (settings: FullSettings) => EventReading;
  readonly tenant: TenantReading | null;
  /** Fields of an event that the signature does not cover: whoever replays a body can choose them. */
  readonly unsignedFields: readonly ("id" | "type" | "time" | "tenant")[];
  readonly formats: readonly [BodyFormat, ...BodyFormat[]];
  /** `null`: Hookline's own 202. */
  readonly answer: PresetAnswer | null;
  readonly handshakes?: readonly Handshake[];
  /** What a preset of many settings says of itself only when those are known. */
  readonly bySettings?: (settings: FullSettings) => Partial<Pick<Scheme, "tenant" | "unsignedFields">>;
  /** Fields of a body that are credentials, by their name at any depth: they are taken out before anything is kept. */
  readonly credentials?: readonly string[];
};

/** How one CRM signs, batches and names its events: data, read by one engine. */
export type Preset = {
  readonly name: string;
  readonly title: string;
  /** Beside `scheme`, which every preset has. */
  readonly settings: Readonly<Record<string, SettingSpec>>;
  /** What no setting shows by itself: asked once each of them is right. */
  readonly mistakes?: (settings: FullSettings) => readonly SettingMistake[];
  /** The first is the safest, and the default. It is chosen by `settings.scheme`, never by what a request looks like. */
  readonly schemes: readonly [Scheme, ...Scheme[]];
  /** Keys that anybody knows, such as a published test secret. Never accepted at the door. */
  readonly publicSecrets: readonly string[];
  /** What to do in the sender's product, a sentence each. `{url}` is the source's address. */
  readonly steps: readonly string[];
  readonly api?: PresetApi;
};

/** One active secret of a source. Several may be active at once, for rotation. */
export type ActiveSecret = { readonly id: string; readonly value: string };
