/**
 * Parsing of signature headers: a bare signature, one after a prefix (`sha256=`), or a list (`t=1,v1=ab,v1=cd`).
 *
 * Refused:
 * - a missing or empty header, and `N/A`, which GoHighLevel sends when it has no signature
 * - a header that came twice. HTTP joins the lines with a comma (RFC 9110, section 5.3), and the verifier could read
 *   another value than a proxy did (RFC 9421, section 7.5.6)
 * - a text that the recipe's algorithm cannot have produced, more than 16 signatures, and over 4,096 characters
 *
 * Not decided here: whether a signature is valid. The headers of a request are unauthenticated until `templated.ts` has
 * verified it.
 */

import type { Rejected } from "../../domain/events/webhook.ts";
import { decodeDigest, readDigest } from "../../platform/signature/digest.ts";
import type { DigestEncoding } from "../../platform/signature/encodings.ts";
import { rsaBitsMin, signatureHeaderCharactersMax } from "../limits.ts";
import { headerOf, looksDoubled } from "../request/paths.ts";
import { rawEcdsa } from "./ecdsa-der.ts";
import { reject } from "./reject.ts";
import type { TemplatedRecipe } from "./signed-request.ts";

/** Signatures in one list header. Standard Webhooks sends one for each active key during a rotation. */
const signaturesPerHeaderMax = 16;

type Algorithm = TemplatedRecipe["algorithm"];

const ed25519Bytes = 64;

/** A parsed signature header: one or more well-formed signatures, and the timestamp if the list has one. */
type SignatureHeader = {
  readonly ok: true;
  readonly signatures: readonly Uint8Array[];
  readonly timestamp: string | null;
};

/**
 * Parses a request's signature header.
 *
 * @returns Its signatures, or the reason for the rejection. Never throws.
 */
export function readSignatureHeader(
  recipe: TemplatedRecipe,
  headers: Readonly<Record<string, string>>,
): SignatureHeader | Rejected {
  const name = typeof recipe.header === "string" ? recipe.header : (recipe.header[0] ?? "");
  const value = headerOf(headers, recipe.header);
  if (value === null) return reject("signature_missing", `No ${name} header came with the request.`);
  if (value === "") return reject("signature_missing", `The ${name} header is empty.`);
  // Senders without a secret write this instead of a signature.
  if (value.toUpperCase() === "N/A") return reject("signature_missing", `The ${name} header holds no signature.`);
  if (value.length > signatureHeaderCharactersMax) return malformed(name, "it is too long");
  return recipe.list === undefined ? readOne(recipe, name, value) : signaturesInList(recipe, name, value);
}

function readOne(recipe: TemplatedRecipe, name: string, value: string): SignatureHeader | Rejected {
  if (looksDoubled(value)) return reject("signature_doubled", `The ${name} header came more than once.`);
  const prefix = recipe.prefix ?? "";
  const digest = afterPrefix(value, prefix);
  if (digest === null) return malformed(name, `it does not begin with "${prefix}"`);
  const signature = decodeSignature(digest, recipe.digest, recipe.algorithm);
  if (signature === null) return malformed(name, `it is no ${recipe.digest} ${recipe.algorithm} signature`);
  return { ok: true, signatures: [signature], timestamp: null };
}

/**
 * Removes the prefix. `SHA256 = ab` equals `sha256=ab`: the prefix is not part of the digest, so its case and blanks
 * prove nothing.
 */
function afterPrefix(value: string, prefix: string): string | null {
  if (value.startsWith(prefix)) return value.slice(prefix.length).trim();
  const at = value.indexOf("=");
  const isSame = prefix.endsWith("=") && `${value.slice(0, at).trim()}=`.toLowerCase() === prefix.toLowerCase();
  return at > 0 && isSame ? value.slice(at + 1).trim() : null;
}

function signaturesInList(recipe: TemplatedRecipe, name: string, value: string): SignatureHeader | Rejected {
  const list = recipe.list ?? { item: ",", pair: "=", signature: "v1" };
  const parts = value.split(list.item).map((item) => splitPair(item.trim(), list.pair));
  const offered = parts.filter((part) => part.name === list.signature);
  if (offered.length === 0) return malformed(name, `it has no ${list.signature} signature`);
  if (offered.length > signaturesPerHeaderMax) return malformed(name, "it offers too many signatures");
  // A malformed item is skipped, like an item of an unknown version. Another item may still verify.
  const signatures = offered
    .map((part) => decodeSignature(part.value, recipe.digest, recipe.algorithm))
    .filter((signature) => signature !== null);
  if (signatures.length === 0) return malformed(name, `it has no ${recipe.digest} ${recipe.algorithm} signature`);
  const from = recipe.timestamp?.from;
  if (from === undefined || !("part" in from)) return { ok: true, signatures, timestamp: null };
  const times = parts.filter((part) => part.name === from.part);
  if (times.length > 1) return reject("signature_doubled", `The ${name} header has more than one timestamp.`);
  return { ok: true, signatures, timestamp: times[0]?.value ?? null };
}

/**
 * @returns The signature's bytes as WebCrypto takes them; null for a length or form that the algorithm cannot produce.
 */
function decodeSignature(text: string, encoding: DigestEncoding, algorithm: Algorithm): Uint8Array | null {
  if (algorithm === "sha1" || algorithm === "sha256" || algorithm === "sha512")
    return readDigest(text, encoding, algorithm);
  const bytes = decodeDigest(text, encoding);
  if (bytes === null) return null;
  if (algorithm === "ecdsa-p256-sha256") return rawEcdsa(bytes);
  if (algorithm === "rsa-pkcs1-sha256") return bytes.length >= rsaBitsMin / 8 ? bytes : null;
  return bytes.length === ed25519Bytes ? bytes : null;
}

function splitPair(item: string, pair: string): { readonly name: string; readonly value: string } {
  const at = item.indexOf(pair);
  return at < 0
    ? { name: "", value: "" }
    : { name: item.slice(0, at).trim(), value: item.slice(at + pair.length).trim() };
}

function malformed(name: string, why: string): Rejected {
  return reject("signature_malformed", `The ${name} header cannot be read: ${why}.`);
}
