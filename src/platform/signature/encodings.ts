/** Algorithms and encodings of signatures. */

/** Hash of an HMAC or of a plain digest. */
export type HashAlgorithm = "sha1" | "sha256" | "sha512";

export type DigestEncoding = "hex" | "base64";

/** Conversion of a secret's text to key bytes. `whsec`: Standard Webhooks, base64 after `whsec_`. */
export type KeyEncoding = "utf8" | "base64" | "hex" | "whsec";
