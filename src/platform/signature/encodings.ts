/** How a signature is computed and written. */

/** The hash of an HMAC or of a plain digest. */
export type HashAlgorithm = "sha1" | "sha256" | "sha512";

export type DigestEncoding = "hex" | "base64";

/** How the text of a secret becomes key bytes. `whsec`: Standard Webhooks, base64 after `whsec_`. */
export type KeyEncoding = "utf8" | "base64" | "hex" | "whsec";
