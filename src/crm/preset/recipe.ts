/** How a signature is made, as data: one recipe per family. */
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

/** What a template may name. */
export const templateTokens = ["body", "timestamp", "id", "method", "url", "form", "secret"] as const;
