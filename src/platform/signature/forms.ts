/** How a signature is computed and written. */

/** The hash of an HMAC or of a plain digest. */
export type DigestAlgorithm = "sha1" | "sha256" | "sha512";

export type DigestForm = "hex" | "base64";

/** How the text of a secret becomes key bytes. `whsec`: Standard Webhooks, base64 after `whsec_`. */
export type KeyForm = "utf8" | "base64" | "hex" | "whsec";
