/**
 * The signature of Mihu's outcome webhooks. Mihu documents that they are signed with the webhook's `secret_key`, and not how. So the
 * header, algorithm, encoding, prefix and signed bytes are settings. This file reads the headers; `platform/signature/` computes.
 *
 * Replays are not rejected: a signature may have no time, and a signed time has no tolerance. A webhook's content is read again from
 * Mihu before it counts.
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

/** `signature_malformed`: no digest of the algorithm's length, as of a repeated header. */
type MihuVerified =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: "no_secrets" | "signature_missing" | "signature_malformed" | "signature_wrong";
    };

const defaultHeaders = ["x-mihu-signature", "x-signature"];
const mihuTemplateTokens = ["body", "timestamp"] as const;
const signatureHeaderCharactersMax = 256;

/**
 * Verifies an HMAC over the body and, if the settings say so, a time.
 *
 * @returns Whether the secret's owner signed these bytes. No request makes it throw.
 */
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

/** The bytes that are signed; `null` if the time's header is missing. The body's bytes are not decoded. */
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

/** Reads a line's stored settings, which were checked before they were stored. Without settings the defaults apply. */
export function readSignatureSettings(stored: Record<string, unknown> | null): MihuSignatureSettings {
  return (stored as MihuSignatureSettings | null) ?? {};
}
