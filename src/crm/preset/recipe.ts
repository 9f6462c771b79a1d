/** Recipes: how a sender authenticates its requests, in five families, as data for one verifier. */

import type { DigestEncoding, HashAlgorithm, KeyEncoding } from "../../platform/signature/encodings.ts";

/** Location of a signature's timestamp: a header, an item of the signature's list, or a path of the signed body. */
type TimestampPlace = { readonly header: string } | { readonly part: string } | { readonly path: string };

/** Format of a timestamp. `s-or-ms`: epoch seconds or milliseconds, told apart by magnitude. `iso`: ISO 8601. */
export type TimestampFormat = "s" | "ms" | "s-or-ms" | "iso" | "http-date";

/**
 * A header with several named values. `t=1,v1=ab,v1=cd` has items separated by `,`, each a name and value separated by
 * `=`.
 */
export type SignatureList = { readonly item: string; readonly pair: string; readonly signature: string };

/** Canonical string and location of the signature, for HMACs, plain hashes and asymmetric signatures. */
export type Templated = {
  /**
   * Template of the canonical string. Its tokens:
   * - `{body}`: the bytes that arrived
   * - `{form}`: names and values of a form-encoded body, sorted by name
   * - `{timestamp}`, `{id}`, `{method}`, `{url}`
   * - `{secret}`: plain hashes only
   */
  readonly template: string;
  readonly digest: DigestEncoding;
  /** The signature's header, in lower case. Several names are spellings of one header: the first one present counts. */
  readonly header: string | readonly string[];
  /** Text before the digest, such as `sha256=`. A signature without it is rejected as malformed. */
  readonly prefix?: string;
  readonly list?: SignatureList;
  readonly timestamp?: {
    readonly from: TimestampPlace;
    /** If there are several formats, the first that parses the value counts. */
    readonly format: TimestampFormat | readonly TimestampFormat[];
    /**
     * Maximum age of a signature. More than 300 s only if the event's id is signed, so that a replay is a duplicate.
     */
    readonly toleranceSeconds: number;
    /** Maximum time in the future. Absent: `toleranceSeconds`. */
    readonly aheadSeconds?: number;
  };
  /** Header with the value of the token `{id}`. */
  readonly idHeader?: string | readonly string[];
  /**
   * Meaning of `{body}` for a compressed body: `raw` is the bytes that arrived, which most senders sign; `inflated` is
   * the bytes before compression. Absent: `raw`.
   */
  readonly covers?: "raw" | "inflated";
  /** Spelling of `{url}`. `hubspot`: twelve escapes are decoded. `ports`: tried with and without the default port. */
  readonly url?: { readonly decode?: "hubspot"; readonly ports?: true };
  /** For templates without the body: the parameter of the signed URL that holds the body's digest. */
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

/** A plain hash over a template that contains the secret. */
export type HashRecipe = Templated & { readonly family: "hash"; readonly algorithm: HashAlgorithm };

/**
 * Encoding of a public key.
 * - `spki`: base64 of the DER, or a PEM
 * - `raw`: the key's bytes in hex or base64 (Ed25519)
 * - `whpk`: base64 after `whpk_` (Standard Webhooks)
 */
export type PublicKeyEncoding = "spki" | "raw" | "whpk";

/**
 * A signature by the sender's private key. The source's secrets are public keys, unless the sender uses one key for all
 * its customers.
 */
export type AsymmetricRecipe = Templated & {
  readonly family: "asymmetric";
  /** ECDSA signatures are DER-encoded. */
  readonly algorithm: "ed25519" | "rsa-pkcs1-sha256" | "ecdsa-p256-sha256";
  readonly key: PublicKeyEncoding;
  /**
   * The one key that the sender publishes for all its customers. The source needs no secret; only its tenant tells
   * customers apart.
   */
  readonly publishedKey?: string;
};

/** A JSON Web Token in a header. It does not cover the body, unless `bodyHashClaim` is set. */
export type JwtRecipe = {
  readonly family: "jwt";
  readonly header: string;
  /** Authentication scheme before the token, such as `Bearer`. `null`: the header holds the token alone. */
  readonly scheme: string | null;
  readonly algorithm: "HS256" | "HS384" | "HS512" | "RS256" | "ES256";
  /** Required `aud`: the URL as registered with the sender, or a fixed text. `null`: any. */
  readonly audience: { readonly url: true } | { readonly text: string } | null;
  /** Whether a token without `exp` is rejected. */
  readonly expiryRequired: boolean;
  readonly toleranceSeconds: number;
  /** Claim with the body's SHA-256 in hex. */
  readonly bodyHashClaim?: string;
};

/** Location of a shared secret. `path` is the `:key` of `/in/:source/:key`; `body` is a path of a JSON or form body. */
export type SecretLocation =
  | { readonly in: "bearer" }
  | { readonly in: "basic" }
  | { readonly in: "header"; readonly name: string }
  | { readonly in: "query"; readonly name: string }
  | { readonly in: "path" }
  | { readonly in: "body"; readonly path: string };

/** A secret that is sent in clear. The request is not signed. */
export type SecretRecipe = { readonly family: "secret"; readonly location: SecretLocation };

export type SignatureRecipe = HmacRecipe | HashRecipe | AsymmetricRecipe | JwtRecipe | SecretRecipe;

/** Tokens that a template may contain. */
export const templateTokens = ["body", "timestamp", "id", "method", "url", "form", "secret"] as const;
