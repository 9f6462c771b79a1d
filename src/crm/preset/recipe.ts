/** How a sender proves that a request is its own: five families of signature, as data for one engine. */

import type { DigestEncoding, HashAlgorithm, KeyEncoding } from "../../platform/signature/encodings.ts";

/** Place of a signature's time: a header, an item of the signature's list, or a path of the signed body. */
type TimestampPlace = { readonly header: string } | { readonly part: string } | { readonly path: string };

/** Format of a timestamp. `s-or-ms`: epoch seconds or milliseconds, told apart by the number of digits. `iso`: ISO 8601. */
export type TimestampFormat = "s" | "ms" | "s-or-ms" | "iso" | "http-date";

/** One header that carries several named values: `t=1,v1=ab,v1=cd` is items by `,`, name and value by `=`. */
export type SignatureList = { readonly item: string; readonly pair: string; readonly signature: string };

/** The signed text and the place of the signature. HMACs, plain hashes and asymmetric signatures share it. */
export type Templated = {
  /**
   * The signed text. Tokens: `{body}` (the bytes that arrived), `{timestamp}`, `{id}`, `{method}`, `{url}`, `{form}` (each field of a
   * form-encoded body as name and value, sorted by name), `{secret}` (plain hashes only).
   */
  readonly template: string;
  readonly digest: DigestEncoding;
  /** The signature's header, lower case. Several names are spellings of one header: the first that is present counts. */
  readonly header: string | readonly string[];
  /** Text before the digest, such as `sha256=`. A signature without it is malformed. */
  readonly prefix?: string;
  readonly list?: SignatureList;
  readonly timestamp?: {
    readonly from: TimestampPlace;
    /** Several formats: the first that reads the value counts. */
    readonly format: TimestampFormat | readonly TimestampFormat[];
    /** Age up to which a signature counts. Over 300 only where the event's id is among the signed bytes. */
    readonly toleranceSeconds: number;
    /** Time by which it may be ahead of the clock; absent: the tolerance. */
    readonly aheadSeconds?: number;
  };
  /** The header of the token `{id}`. */
  readonly idHeader?: string | readonly string[];
  /**
   * Which bytes of a compressed body `{body}` is: those that arrived, which is what most senders sign, or those before they were
   * compressed. Absent: `raw`.
   */
  readonly covers?: "raw" | "inflated";
  /** How the sender writes `{url}`. `hubspot`: twelve escapes are decoded. `ports`: with and without the default port. */
  readonly url?: { readonly decode?: "hubspot"; readonly ports?: true };
  /** The template lacks the body: its digest is this parameter of the signed URL. */
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
 * How a public key is written. `spki`: base64 of the DER, or a PEM. `raw`: the key's bytes in hex or base64 (Ed25519).
 * `whpk`: Standard Webhooks, base64 after `whpk_`.
 */
export type PublicKeyEncoding = "spki" | "raw" | "whpk";

/** A signature by the sender's private key. The source's secrets are public keys, unless the sender has one key for everybody. */
export type AsymmetricRecipe = Templated & {
  readonly family: "asymmetric";
  /** ECDSA signatures are DER. */
  readonly algorithm: "ed25519" | "rsa-pkcs1-sha256" | "ecdsa-p256-sha256";
  readonly key: PublicKeyEncoding;
  /** The sender's one key for all its customers, published. The source needs no secret; only its tenant tells customers apart. */
  readonly publishedKey?: string;
};

/** A JSON Web Token in a header. It does not cover the body. */
export type JwtRecipe = {
  readonly family: "jwt";
  readonly header: string;
  /** The word before the token, such as `Bearer`. `null`: the header holds the token alone. */
  readonly scheme: string | null;
  readonly algorithm: "HS256" | "HS384" | "HS512" | "RS256" | "ES256";
  /** The required `aud`: the URL as registered with the sender, or a text. `null`: any. */
  readonly audience: { readonly url: true } | { readonly text: string } | null;
  /** A token without `exp` is refused. */
  readonly expiryRequired: boolean;
  readonly toleranceSeconds: number;
  /** A claim that holds the body's SHA-256 in hex. */
  readonly bodyHashClaim?: string;
};

/** Place of a shared secret. `path` is the `:key` of `/in/:source/:key`; `body` is a path of a JSON or form body. */
export type SecretLocation =
  | { readonly in: "bearer" }
  | { readonly in: "basic" }
  | { readonly in: "header"; readonly name: string }
  | { readonly in: "query"; readonly name: string }
  | { readonly in: "path" }
  | { readonly in: "body"; readonly path: string };

/** A secret that is sent as it is. Nothing of the request is signed. */
export type SecretRecipe = { readonly family: "secret"; readonly location: SecretLocation };

export type SignatureRecipe = HmacRecipe | HashRecipe | AsymmetricRecipe | JwtRecipe | SecretRecipe;

/** What a template may name. */
export const templateTokens = ["body", "timestamp", "id", "method", "url", "form", "secret"] as const;
