/**
 * The signature of Mihu's outcome webhooks. That they are signed with the webhook's `secret_key` is documented; how is not.
 * So all of it is configuration: header, algorithm, encoding, prefix, and which bytes are signed.
 *
 * A signature without a time can be sent again for ever, and one with a time is not refused for its age: what a webhook says is read
 * again from Mihu before it counts.
 */
import type { MihuSignatureSettings } from "../domain/calls/line.ts";

export type { MihuSignatureSettings } from "../domain/calls/line.ts";

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
const bodyToken = "{body}";
const timeToken = "{timestamp}";
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
  const message = signedBytes(settings, headers, body);
  if (message === null) return { ok: false, reason: "signature_missing" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithmOfKey, false, ["verify"]);
  const signed = await crypto.subtle.verify("HMAC", key, digest, message);
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

/** The bytes that are signed; `null` when the header with the time did not come. The body's bytes are not decoded. */
function signedBytes(
  settings: MihuSignatureSettings,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> | null {
  const [before = "", after = ""] = (settings.signed ?? bodyToken).split(bodyToken);
  const needsTime = before.includes(timeToken) || after.includes(timeToken);
  const time = needsTime ? signatureIn(headers, settings.timestamp_header ?? "") : "";
  if (time === null || (needsTime && settings.timestamp_header === undefined)) return null;
  const encode = (text: string) => new TextEncoder().encode(text.replaceAll(timeToken, () => time));
  const parts = [encode(before), body, encode(after)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
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

/** How a line's webhooks are signed, as it is stored: it was checked before. None: the defaults. */
export function readSignatureSettings(stored: Record<string, unknown> | null): MihuSignatureSettings {
  return (stored as MihuSignatureSettings | null) ?? {};
}
