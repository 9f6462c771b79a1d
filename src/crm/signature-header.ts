import type { DigestEncoding, HashAlgorithm, HmacRecipe, Rejected } from "../domain/source.ts";
import { decodeBase64, decodeHex } from "./bytes.ts";
import { signatureHeaderCharactersMax, signaturesPerHeaderMax } from "./limits.ts";
import { headerOf, looksDoubled } from "./places.ts";
import { reject } from "./reject.ts";

const digestBytes: Readonly<Record<HashAlgorithm, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** What a signature header says: at least one digest, each of the algorithm's length, and the list's timestamp if it has one. */
export type SignatureHeader = {
  readonly ok: true;
  readonly digests: readonly Uint8Array[];
  readonly timestamp: string | null;
};

/**
 * Takes a signature header apart: bare, after a prefix, or a list. Refuses what is missing, empty, doubled or cannot be a
 * digest. It decides nothing about whether a digest is right.
 *
 * @returns The digests that are offered, or why there are none. Never throws.
 */
export function readSignatureHeader(
  recipe: HmacRecipe,
  headers: Readonly<Record<string, string>>,
): SignatureHeader | Rejected {
  const name = typeof recipe.header === "string" ? recipe.header : (recipe.header[0] ?? "");
  const value = headerOf(headers, recipe.header);
  if (value === null) return reject("signature_missing", `No ${name} header came with the request.`);
  if (value === "") return reject("signature_missing", `The ${name} header is empty.`);
  if (value.length > signatureHeaderCharactersMax) return malformed(name, "it is too long");
  return recipe.list === undefined ? readOne(recipe, name, value) : readList(recipe, name, value);
}

function readOne(recipe: HmacRecipe, name: string, value: string): SignatureHeader | Rejected {
  if (looksDoubled(value)) return reject("signature_doubled", `The ${name} header came more than once.`);
  const prefix = recipe.prefix ?? "";
  if (!value.startsWith(prefix)) return malformed(name, `it does not begin with "${prefix}"`);
  const digest = decodeDigest(value.slice(prefix.length), recipe.digest, recipe.algorithm);
  if (digest === null) return malformed(name, `it is no ${recipe.digest} ${recipe.algorithm} digest`);
  return { ok: true, digests: [digest], timestamp: null };
}

function readList(recipe: HmacRecipe, name: string, value: string): SignatureHeader | Rejected {
  const list = recipe.list ?? { item: ",", pair: "=", signature: "v1" };
  const parts = value.split(list.item).map((item) => splitPair(item.trim(), list.pair));
  const offered = parts.filter((part) => part.name === list.signature);
  if (offered.length === 0) return malformed(name, `it has no ${list.signature} signature`);
  if (offered.length > signaturesPerHeaderMax) return malformed(name, "it offers too many signatures");
  // A text that is no digest cannot match: it is passed over, as an unknown version is.
  const digests = offered
    .map((part) => decodeDigest(part.value, recipe.digest, recipe.algorithm))
    .filter((digest) => digest !== null);
  if (digests.length === 0) return malformed(name, `it has no ${recipe.digest} ${recipe.algorithm} digest`);
  const from = recipe.timestamp?.from;
  if (from === undefined || !("part" in from)) return { ok: true, digests, timestamp: null };
  const times = parts.filter((part) => part.name === from.part);
  if (times.length > 1) return reject("signature_doubled", `The ${name} header has more than one timestamp.`);
  return { ok: true, digests, timestamp: times[0]?.value ?? null };
}

function decodeDigest(text: string, encoding: DigestEncoding, algorithm: HashAlgorithm): Uint8Array | null {
  const bytes = encoding === "hex" ? decodeHex(text) : decodeBase64(text);
  return bytes !== null && bytes.length === digestBytes[algorithm] ? bytes : null;
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
