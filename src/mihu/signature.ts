/**
 * Signatures of Mihu's outcome webhooks: HMACs over the body, and over a timestamp if the settings say so.
 *
 * Mihu documents that webhooks are signed with their `secret_key`, but not how. Header, algorithm, encoding, prefix and
 * canonical string are therefore settings.
 *
 * Refused: a missing signature, one that is no digest of the algorithm's length (a repeated header is none), and a
 * wrong one.
 *
 * Not guaranteed: replays are accepted, because a timestamp has no tolerance here. A webhook only names a conversation,
 * which is then read from Mihu, so a replay causes a look-up and nothing else.
 */
import type { MihuSignatureSettings } from "../domain/calls/line.ts";
import { utf8 } from "../platform/bytes.ts";
import { findSigner } from "../platform/signature/candidates.ts";
import { readDigest } from "../platform/signature/digest.ts";
import { hmacProver } from "../platform/signature/hmac.ts";
import { fillTemplate, parseTemplate } from "../platform/signature/template.ts";

type MihuSigned = {
  readonly secret: string;
  readonly settings: MihuSignatureSettings;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that arrived. */
  readonly body: Uint8Array;
};

/** `signature_malformed`: no digest of the algorithm's length, as in a repeated header. */
type MihuVerified =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: "no_secrets" | "signature_missing" | "signature_malformed" | "signature_wrong";
    };

const defaultHeaders = ["x-mihu-signature", "x-signature"];
const mihuTemplateTokens = ["body", "timestamp"] as const;
const signatureHeaderCharactersMax = 256;

/** @returns Whether the holder of the secret signed these bytes. Never throws because of a request. */
export async function verifyMihuSignature({ secret, settings, headers, body }: MihuSigned): Promise<MihuVerified> {
  if (secret === "") return { ok: false, reason: "no_secrets" };
  const value = signatureIn(headers, settings.header);
  if (value === null) return { ok: false, reason: "signature_missing" };
  const algorithm = settings.algorithm ?? "sha256";
  const text = withoutPrefix(value, settings.prefix ?? `${algorithm}=`);
  const digest = readDigest(text, settings.encoding ?? "hex", algorithm);
  if (digest === null) return { ok: false, reason: "signature_malformed" };
  const signed = signedBytes(settings, headers, body);
  if (signed === null) return { ok: false, reason: "signature_missing" };
  const candidates = { secrets: [{ value: secret }], texts: [() => signed], signatures: [digest] };
  const signer = await findSigner(hmacProver({ algorithm, key: "utf8" }), candidates);
  return typeof signer === "string" ? { ok: false, reason: "signature_wrong" } : { ok: true };
}

function signatureIn(headers: Readonly<Record<string, string>>, name: string | undefined): string | null {
  const names = name === undefined || name === "" ? defaultHeaders : [name.toLowerCase()];
  for (const header of names) {
    const value = Object.hasOwn(headers, header) ? headers[header]?.trim() : undefined;
    if (value !== undefined && value !== "") return value.slice(0, signatureHeaderCharactersMax);
  }
  return null;
}

/**
 * @returns The canonical string; null if the timestamp's header is missing. The body's bytes are used as they arrived.
 */
function signedBytes(
  { signed, timestamp_header }: MihuSignatureSettings,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Uint8Array | null {
  const template = parseTemplate(signed ?? "{body}", mihuTemplateTokens);
  const isTimed = template.includes("timestamp");
  if (isTimed && timestamp_header === undefined) return null;
  const time = isTimed ? signatureIn(headers, timestamp_header) : "";
  if (time === null) return null;
  return fillTemplate(template, (token) => (token === "body" ? body : utf8(time)));
}

function withoutPrefix(value: string, prefix: string): string {
  return value.startsWith(prefix) ? value.slice(prefix.length) : value;
}

/** @returns A line's settings as stored; they were checked before. `{}` gives the defaults. */
export function readSignatureSettings(stored: Record<string, unknown> | null): MihuSignatureSettings {
  return (stored as MihuSignatureSettings | null) ?? {};
}
