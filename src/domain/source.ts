import type { JsonValue } from "./json.ts";

/** How a source's webhooks are known to be its own, how its events are named, and what the verifier says. Types only. */

export type HashAlgorithm = "sha1" | "sha256" | "sha512";

/** How the text of a secret becomes key bytes. `whsec`: Standard Webhooks, base64 after `whsec_`. */
export type KeyEncoding = "utf8" | "base64" | "hex" | "whsec";

export type DigestEncoding = "hex" | "base64";

/** Where a signature's time stands: a header, an item of the signature's list, or a path of the signed body. */
export type TimestampPlace = { readonly header: string } | { readonly part: string } | { readonly path: string };

/** Of a timestamp with its unit: epoch seconds, epoch milliseconds, ISO 8601, or an HTTP date. */
export type TimestampFormat = "s" | "ms" | "iso" | "http-date";

/** One header that carries several named values: `t=1,v1=ab,v1=cd` is items by `,`, name and value by `=`. */
export type SignatureList = { readonly item: string; readonly pair: string; readonly signature: string };

/** An HMAC over a template of the request. */
export type HmacRecipe = {
  readonly family: "hmac";
  readonly algorithm: HashAlgorithm;
  readonly key: KeyEncoding;
  readonly digest: DigestEncoding;
  /** What is signed. Tokens: `{body}` (the bytes that arrived), `{timestamp}`, `{id}`, `{method}`, `{url}`. */
  readonly template: string;
  /** The signature's header, lower case. Several are spellings of one header: the first that came is the one. */
  readonly header: string | readonly string[];
  /** Text before the digest, such as `sha256=`. It must be there. */
  readonly prefix?: string;
  readonly list?: SignatureList;
  readonly timestamp?: {
    readonly from: TimestampPlace;
    readonly format: TimestampFormat;
    readonly toleranceSeconds: number;
  };
  /** The header behind `{id}`. */
  readonly idHeader?: string;
  /** The URL behind `{url}`: as registered with the sender, never taken from the request. */
  readonly url?: string;
};

/** Where a shared secret is presented. `path` is the `:key` of `/in/:source/:key`. */
export type SecretLocation =
  | { readonly in: "bearer" }
  | { readonly in: "basic" }
  | { readonly in: "header"; readonly name: string }
  | { readonly in: "query"; readonly name: string }
  | { readonly in: "path" };

/** A secret that is sent as it is: nothing of the request is signed. */
export type SecretRecipe = { readonly family: "secret"; readonly location: SecretLocation };

export type SignatureRecipe = HmacRecipe | SecretRecipe;

/**
 * Where a value of an event stands. `path` looks into the event's own payload, `envelope` into the whole body (the same
 * thing, unless the body is a batch), `header` into the request. `joined` is one value of several, all of which must be there.
 */
export type Place =
  | { readonly path: string }
  | { readonly envelope: string }
  | { readonly header: string }
  | { readonly joined: readonly Place[]; readonly by: string };

/** How events are read out of a verified request. The first place that holds a value wins. */
export type EventReading = {
  /** `""`: the body is one event. `"."`: it may be an array of events. Else the path of the array that holds them. */
  readonly split: string;
  readonly id: readonly Place[];
  readonly type: readonly Place[];
  /** The type of an event that names none. */
  readonly typeDefault: string;
  /** ISO 8601, or epoch seconds or milliseconds by magnitude. */
  readonly time: readonly Place[];
};

/** Whose account an event is of. `*` in a path means each element, all of which must be the tenant's. */
export type TenantReading = {
  readonly place: { readonly header: string | readonly string[] } | { readonly path: string };
  /** One key signs for many accounts: a source of this preset without a tenant accepts nothing. */
  readonly mandatory: boolean;
  readonly ignoreCase: boolean;
};

/** One setting that a preset understands. */
export type SettingSpec =
  | { readonly kind: "choice"; readonly about: string; readonly default: string; readonly choices: readonly string[] }
  | { readonly kind: "header" | "path" | "text"; readonly about: string; readonly default: string };

/** A source's settings as they were given: what is not there has the preset's default. */
export type SourceSettings = Readonly<Record<string, string>>;

/** Settings with every default in its place: what a preset's functions take. */
export type FullSettings = Readonly<Record<string, string>>;

/** The 2xx that a sender insists on. */
export type PresetAnswer = { readonly status: number; readonly contentType: string; readonly body: string };

/** How one CRM signs, batches and names its events: data, read by one engine. */
export type Preset = {
  readonly name: string;
  readonly title: string;
  readonly settings: Readonly<Record<string, SettingSpec>>;
  /** The one scheme of this source. It is chosen by the settings, never by what a request looks like. */
  readonly recipe: (settings: FullSettings) => SignatureRecipe;
  readonly reading: (settings: FullSettings) => EventReading;
  readonly tenant: TenantReading | null;
  /** Fields of an event that the signature does not cover: whoever replays a body can choose them. */
  readonly unsignedFields: readonly ("id" | "type" | "time" | "tenant")[];
  /** Keys that anybody knows, such as a published test secret. Never accepted. */
  readonly publicSecrets: readonly string[];
  /** `null`: Hookline's own 202. */
  readonly answer: PresetAnswer | null;
  /** A realistic payload and its type, if it is short. */
  readonly sample?: { readonly type: string; readonly body: JsonValue };
};

/** A request as the verifier sees it. */
export type WebhookRequest = {
  readonly method: string;
  /** The `:key` of `/in/:source/:key`. */
  readonly key: string | null;
  /** By lower-case name. A header that came twice is joined by `", "`, as `Headers` of fetch does it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** The bytes that arrived. */
  readonly body: Uint8Array;
};

/** One active secret of a source. Several may be active at once, for rotation. */
export type ActiveSecret = { readonly id: string; readonly value: string };

/** Why a request is not the source's own. */
export type RejectReason =
  | "signature_missing"
  | "signature_doubled"
  | "signature_malformed"
  | "signature_wrong"
  | "timestamp_missing"
  | "timestamp_malformed"
  | "timestamp_outside_tolerance"
  | "secret_missing"
  | "secret_wrong"
  | "tenant_missing"
  | "tenant_mismatch"
  | "no_secrets";

/** `detail` is one sentence for the operator. It holds no secret, and nothing of what a stranger presented. */
export type Rejected = { readonly ok: false; readonly reason: RejectReason; readonly detail: string };

export type VerifyResult = { readonly ok: true; readonly secretId: string } | Rejected;

/** One event as a request carried it. */
export type IncomingEvent = {
  /** The sender's own id, made fit to show (no control characters, at most 200 characters). */
  readonly externalId: string | null;
  /** Unique within the source: the sender's id, a hash of it if it is long or odd, or a hash of the body if there is none. */
  readonly dedupeKey: string;
  readonly type: string;
  /** Epoch milliseconds, by the sender's clock. */
  readonly occurredAt: number | null;
  readonly data: JsonValue;
  /** This one event's JSON text. */
  readonly body: string;
  /** SHA-256 of `body`, in hex. */
  readonly bodyHash: string;
  /** The signature covers the body and not the event's id: whoever has these bytes can send them under any other. */
  readonly idUnsigned?: true;
  /** Why this element of a batch cannot be read. The others are good. */
  readonly unreadable?: "not_an_object";
};

/** Why nothing could be read out of a request whose signature is right. */
export type UnreadableReason = "not_an_object" | "batch_missing" | "too_many_events";

export type ReadResult =
  | { readonly ok: true; readonly events: readonly IncomingEvent[] }
  | { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };
