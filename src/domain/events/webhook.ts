import type { JsonValue } from "../json.ts";

/** How a source's webhooks are known to be its own, how its events are named, and what the verifier says. Types only. */

export type HashAlgorithm = "sha1" | "sha256" | "sha512";

/** How the text of a secret becomes key bytes. `whsec`: Standard Webhooks, base64 after `whsec_`. */
export type KeyEncoding = "utf8" | "base64" | "hex" | "whsec";

export type DigestEncoding = "hex" | "base64";

/** Where a signature's time stands: a header, an item of the signature's list, or a path of the signed body. */
export type TimestampPlace = { readonly header: string } | { readonly part: string } | { readonly path: string };

/**
 * Of a timestamp with its unit: epoch seconds, epoch milliseconds, either of them by its number of digits, ISO 8601, or an HTTP date.
 */
export type TimestampFormat = "s" | "ms" | "s-or-ms" | "iso" | "http-date";

/** One header that carries several named values: `t=1,v1=ab,v1=cd` is items by `,`, name and value by `=`. */
export type SignatureList = { readonly item: string; readonly pair: string; readonly signature: string };

/** What is signed, and where the signature stands: the same for HMACs, plain hashes and asymmetric signatures. */
export type Templated = {
  /**
   * What is signed. Tokens: `{body}` (the bytes that arrived), `{timestamp}`, `{id}`, `{method}`, `{url}`, `{form}` (each field of a
   * form-encoded body as name and value, sorted by name), `{secret}` (plain hashes only).
   */
  readonly template: string;
  readonly digest: DigestEncoding;
  /** The signature's header, lower case. Several are spellings of one header: the first that came is the one. */
  readonly header: string | readonly string[];
  /** Text before the digest, such as `sha256=`. It must be there. */
  readonly prefix?: string;
  readonly list?: SignatureList;
  readonly timestamp?: {
    readonly from: TimestampPlace;
    /** Several: whichever reads it. */
    readonly format: TimestampFormat | readonly TimestampFormat[];
    readonly toleranceSeconds: number;
  };
  /** The header behind `{id}`. */
  readonly idHeader?: string | readonly string[];
  /** How the sender writes `{url}`. `hubspot`: twelve escapes are decoded; `ports`: with and without the default port. */
  readonly url?: { readonly decode?: "hubspot"; readonly ports?: true };
  /** The body is not in the template: its digest stands in this parameter of the signed URL. */
  readonly bodyDigest?: {
    readonly parameter: string;
    readonly algorithm: HashAlgorithm;
    readonly encoding: DigestEncoding;
  };
};

/** An HMAC over a template of the request. */
export type HmacRecipe = Templated & {
  readonly family: "hmac";
  readonly algorithm: HashAlgorithm;
  readonly key: KeyEncoding;
};

/** A plain hash over a template that holds the secret itself. */
export type HashRecipe = Templated & { readonly family: "hash"; readonly algorithm: HashAlgorithm };

/**
 * How a public key is written. `spki`: base64 of the DER, or a PEM; `raw`: the key's bytes in hex or base64 (Ed25519);
 * `whpk`: Standard Webhooks, base64 after `whpk_`.
 */
export type PublicKeyEncoding = "spki" | "raw" | "whpk";

/** A signature by the sender's private key. The source's secrets are public keys, unless the sender has one key for everybody. */
export type AsymmetricRecipe = Templated & {
  readonly family: "asymmetric";
  /** ECDSA signatures come as DER. */
  readonly algorithm: "ed25519" | "rsa-pkcs1-sha256" | "ecdsa-p256-sha256";
  readonly key: PublicKeyEncoding;
  /** The sender's one key for all its customers, published: no secret is needed, and the tenant is all that tells them apart. */
  readonly publishedKey?: string;
};

/** A JSON Web Token in a header. It does not cover the body. */
export type JwtRecipe = {
  readonly family: "jwt";
  readonly header: string;
  /** The word before the token, such as `Bearer`; `null`: the token stands bare. */
  readonly scheme: string | null;
  readonly algorithm: "HS256" | "HS384" | "HS512" | "RS256" | "ES256";
  /** The `aud` that it must have: the URL as registered with the sender, a text, or `null`: any. */
  readonly audience: { readonly url: true } | { readonly text: string } | null;
  /** A token without `exp` is refused. */
  readonly expiryRequired: boolean;
  readonly toleranceSeconds: number;
  /** A claim that holds the body's SHA-256 in hex. */
  readonly bodyHashClaim?: string;
};

/** Where a shared secret is presented. `path` is the `:key` of `/in/:source/:key`; `body`, a path of a JSON or form body. */
export type SecretLocation =
  | { readonly in: "bearer" }
  | { readonly in: "basic" }
  | { readonly in: "header"; readonly name: string }
  | { readonly in: "query"; readonly name: string }
  | { readonly in: "path" }
  | { readonly in: "body"; readonly path: string };

/** A secret that is sent as it is: nothing of the request is signed. */
export type SecretRecipe = { readonly family: "secret"; readonly location: SecretLocation };

export type SignatureRecipe = HmacRecipe | HashRecipe | AsymmetricRecipe | JwtRecipe | SecretRecipe;

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

/** The 2xx that a sender insists on. */
export type PresetAnswer = { readonly status: number; readonly contentType: string; readonly body: string };

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

/** What a sender is told that asked something at its set-up. */
export type HandshakeAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

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

/** One thing that can be fetched where a webhook brings ids only. */
export type Fetchable = {
  /** A Liquid text of the path and query, over `event`, `data` and what was fetched before it (`record`). Values in it must be plain ids. */
  readonly path: string;
  /** The path within the answer that holds the thing; `""`: the whole. */
  readonly pick: string;
};

/** The sender's own API, as far as thin payloads need it. */
export type PresetApi = {
  /** `{tenant}` is the source's tenant, any other name in braces a setting. `null`: the source says it (`api.base_url`). */
  readonly baseUrl: string | null;
  /** The only hosts that may be asked: a name, or `.name` for whatever is below it. Empty: any public one. */
  readonly hosts: readonly string[];
  readonly auth: ApiAuth;
  readonly gets: Readonly<Record<string, Fetchable>>;
};

/** How a credential is presented. `basic`: the credential is `user:password`. */
export type ApiAuth =
  | { readonly as: "bearer" }
  | { readonly as: "basic" }
  | { readonly as: "header"; readonly name: string };

/** What a source says of its sender's API, as it is written: what its preset leaves open, and further things to fetch by template. */
export type SourceApi = {
  readonly base_url?: string | undefined;
  readonly auth?: "bearer" | "basic" | { readonly header: string } | undefined;
  readonly get?: Readonly<Record<string, string>> | undefined;
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

/** A request as the verifier sees it. */
export type WebhookRequest = {
  readonly method: string;
  /** As the sender was told it: the configured public address with the request's path and query. `null`: nobody has said it. */
  readonly url: string | null;
  /** The `:key` of `/in/:source/:key`. */
  readonly key: string | null;
  /** By lower-case name. A header that came twice is joined by `", "`, as `Headers` of fetch does it. */
  readonly headers: Readonly<Record<string, string>>;
  /** A parameter that came twice is joined as a header is. */
  readonly query?: Readonly<Record<string, string>>;
  /** The query as it was written, `?` included; `""`: none. Absent: the URL's. */
  readonly search?: string;
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
  | "url_unknown"
  | "body_digest_wrong"
  | "token_malformed"
  | "token_expired"
  | "token_wrong"
  | "audience_wrong"
  | "public_secret"
  | "handshake_refused"
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
  /** SHA-256 of `body`, in hex; without the sender's counters, where it has any. */
  readonly bodyHash: string;
  /** The signature covers the body and not the event's id: whoever has these bytes can send them under any other. */
  readonly idUnsigned?: true;
  /** The stretch of time in which these bytes are one event under any id. Absent: all time. */
  readonly replayWindow?: number;
  /** Why this element of a batch cannot be read. The others are good. */
  readonly unreadable?: "not_an_object";
};

/** Why nothing could be read out of a request whose signature is right. */
export type UnreadableReason =
  | "empty"
  | "not_json"
  | "not_xml"
  | "too_deep"
  | "too_many_fields"
  | "not_an_object"
  | "batch_missing"
  | "too_many_events"
  | "split_too_large";

export type ReadResult =
  | { readonly ok: true; readonly events: readonly IncomingEvent[] }
  | { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };
