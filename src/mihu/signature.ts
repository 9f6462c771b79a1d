/**
 * The signature of Mihu's outcome webhooks. That they are signed with the webhook's `secret_key` is documented; how is not.
 * So all of it is configuration, and what is signed is the body as it came.
 *
 * A signature without a time can be sent again for ever: what a webhook says is read again from Mihu before it counts.
 */

/** How the signature is written. What is left out has its default. */
export type MihuSignatureSettings = {
  /** The header's name; by default `x-mihu-signature`, or `x-signature` where that did not come. */
  readonly header?: string;
  readonly algorithm?: "sha1" | "sha256" | "sha512";
  readonly encoding?: "hex" | "base64";
  /** Text before the digest, which may be there or not; by default `sha256=`, or as the algorithm is called. */
  readonly prefix?: string;
};

export type MihuSigned = {
  readonly secret: string;
  readonly settings: MihuSignatureSettings;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that arrived. */
  readonly body: Uint8Array;
};

/** `signature_malformed`: no digest of the algorithm's length, one header twice included. */
export type MihuVerified =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: "no_secrets" | "signature_missing" | "signature_malformed" | "signature_wrong";
    };

const defaultHeaders = ["x-mihu-signature", "x-signature"];
const headerCharactersMax = 256;
const hashes = { sha1: ["SHA-1", 20], sha256: ["SHA-256", 32], sha512: ["SHA-512", 64] } as const;

/**
 * Checks an HMAC over the body. WebCrypto compares, in constant time.
 *
 * @returns Whether the secret's owner signed these bytes. Never throws for anything that a request holds.
 */
export async function verifyMihuSignature({ secret, settings, headers, body }: MihuSigned): Promise<MihuVerified> {
  // An empty key is a key to WebCrypto, and one that anybody has.
  if (secret === "") return { ok: false, reason: "no_secrets" };
  const value = signatureIn(headers, settings.header);
  if (value === null) return { ok: false, reason: "signature_missing" };
  const algorithm = settings.algorithm ?? "sha256";
  const [hash, digestBytes] = hashes[algorithm];
  const digest = decode(withoutPrefix(value, settings.prefix ?? `${algorithm}=`), settings.encoding ?? "hex");
  if (digest === null || digest.length !== digestBytes) return { ok: false, reason: "signature_malformed" };
  const algorithmOfKey = { name: "HMAC", hash };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithmOfKey, false, ["verify"]);
  const signed = await crypto.subtle.verify("HMAC", key, digest, new Uint8Array(body));
  return signed ? { ok: true } : { ok: false, reason: "signature_wrong" };
}

function signatureIn(headers: Readonly<Record<string, string>>, name: string | undefined): string | null {
  const names = name === undefined || name === "" ? defaultHeaders : [name.toLowerCase()];
  for (const header of names) {
    const value = Object.hasOwn(headers, header) ? headers[header]?.trim() : undefined;
    if (value !== undefined && value !== "") return value.slice(0, headerCharactersMax);
  }
  return null;
}

function withoutPrefix(value: string, prefix: string): string {
  return value.startsWith(prefix) ? value.slice(prefix.length) : value;
}

/** The digest's bytes, or null if the text is anything else. */
function decode(text: string, encoding: "hex" | "base64"): Uint8Array<ArrayBuffer> | null {
  if (encoding === "hex") {
    if (text.length % 2 !== 0 || !/^[\da-f]+$/i.test(text)) return null;
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  if (text.length % 4 !== 0 || !/^[A-Za-z\d+/]+={0,2}$/.test(text)) return null;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
