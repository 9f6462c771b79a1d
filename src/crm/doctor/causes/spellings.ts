/** Other spellings of a signature, of its header and of its timestamp. */

import { decodeLooseBase64 } from "../../../platform/bytes.ts";
import type { DigestEncoding, HashAlgorithm } from "../../../platform/signature/encodings.ts";
import type { SignatureRecipe, TimestampFormat } from "../../preset/recipe.ts";
import { headerOf } from "../../request/paths.ts";
import type { TemplatedRecipe } from "../../signature/signed-request.ts";
import type { Finding } from "../findings.ts";
import type { Axis } from "../trial.ts";

const formats: readonly TimestampFormat[] = ["s", "ms", "iso", "http-date"];
const hashOf: Readonly<Record<number, HashAlgorithm>> = { 20: "sha1", 32: "sha256", 64: "sha512" };

/** Quotation marks, a missing or extra prefix, another encoding or hash, as the header's own text suggests. */
export const otherSpellings: Axis = function* otherSpellings(_patient, base) {
  const { recipe, request } = base;
  if (!isTemplated(recipe)) return;
  const name = [recipe.header].flat().find((one) => headerOf(request.headers, one) !== null);
  const value = name === undefined ? null : headerOf(request.headers, name);
  if (name === undefined || value === null || value === "") return;
  const found = recipe.list === undefined ? readLoosely(recipe, value) : readListLoosely(recipe, value);
  if (found === null || found.findings.length === 0) return;
  yield {
    ...base,
    recipe: found.recipe,
    request: { ...request, headers: { ...request.headers, [name]: found.value } },
    findings: [...base.findings, ...found.findings],
  };
};

/** Another format of the timestamp. */
export const otherTimes: Axis = function* otherTimes(patient, base) {
  const { recipe } = base;
  if (!isTemplated(recipe) || recipe.timestamp === undefined || patient.reason !== "timestamp_malformed") return;
  const wants = [recipe.timestamp.format].flat();
  for (const is of formats.filter((format) => !wants.includes(format)))
    yield {
      ...base,
      recipe: { ...recipe, timestamp: { ...recipe.timestamp, format: is } },
      findings: [...base.findings, { kind: "time_form", is, wants: wants.join(" or ") }],
    };
};

/** @returns Whether a recipe signs a text built from the request. */
export function isTemplated(recipe: SignatureRecipe): recipe is TemplatedRecipe {
  return recipe.family !== "secret" && recipe.family !== "jwt";
}

type Loosely = { readonly recipe: TemplatedRecipe; readonly value: string; readonly findings: readonly Finding[] };

function readLoosely(recipe: TemplatedRecipe, given: string): Loosely | null {
  const findings: Finding[] = [];
  let value = given;
  if (/^(["']).*\1$/.test(value)) {
    value = value.slice(1, -1);
    findings.push({ kind: "quotes" });
  }
  const prefix = recipe.prefix ?? "";
  if (prefix !== "" && value.startsWith(prefix)) value = value.slice(prefix.length);
  else {
    const extra = /^(?:[A-Za-z][\w-]{0,15}[=: ] ?)(?=[\w+/-]{16})/.exec(value)?.[0];
    if (extra !== undefined) {
      value = value.slice(extra.length);
      findings.push({ kind: "prefix_extra", prefix: extra.trim() });
    } else if (prefix !== "") findings.push({ kind: "prefix_missing", prefix });
  }
  const read = anyDigest(recipe, value);
  if (read === null) return null;
  return { recipe: changed(recipe, read), value: read.value, findings: [...findings, ...read.findings] };
}

/** Rewrites each signature of a list. Other items stay as they are. */
function readListLoosely(recipe: TemplatedRecipe, given: string): Loosely | null {
  const { item, pair, signature } = recipe.list ?? { item: ",", pair: "=", signature: "" };
  let found: Digest | null = null;
  const items = given.split(item).map((one) => {
    const at = one.indexOf(pair);
    const read =
      at < 0 || one.slice(0, at).trim() !== signature ? null : anyDigest(recipe, one.slice(at + pair.length).trim());
    if (read === null || read.findings.length === 0) return one;
    found = read;
    return `${one.slice(0, at + pair.length)}${read.value}`;
  });
  return lastOf(found, recipe, items.join(item));
}

function lastOf(found: Digest | null, recipe: TemplatedRecipe, value: string): Loosely | null {
  return found === null ? null : { recipe: changed(recipe, found), value, findings: found.findings };
}

type Digest = {
  readonly digest: DigestEncoding;
  /** `null`: the recipe's own header. */
  readonly hash: HashAlgorithm | null;
  readonly value: string;
  readonly findings: readonly Finding[];
};

function changed(recipe: TemplatedRecipe, { digest, hash }: Digest): TemplatedRecipe {
  const bare = { prefix: "", digest };
  switch (recipe.family) {
    case "hmac":
      return { ...recipe, ...bare, algorithm: hash ?? recipe.algorithm };
    case "hash":
      return { ...recipe, ...bare, algorithm: hash ?? recipe.algorithm };
    case "asymmetric":
      return { ...recipe, ...bare };
  }
}

/** Infers a digest's encoding and hash from its characters and length. */
function anyDigest(recipe: TemplatedRecipe, text: string): Digest | null {
  const is = encodingOf(text, recipe);
  if (is === null) return null;
  const value = is === "hex" ? text.toLowerCase() : padded(text);
  const bytes = is === "hex" ? text.length / 2 : (decodeLooseBase64(value)?.length ?? 0);
  const findings: Finding[] = is === recipe.digest ? [] : [{ kind: "encoding", is, wants: recipe.digest }];
  const digest: DigestEncoding = is === "hex" ? "hex" : "base64";
  const hash = hashOf[bytes];
  if (recipe.family === "asymmetric" || hash === undefined || hash === recipe.algorithm)
    return { digest, hash: null, value, findings };
  return { digest, hash, value, findings: [...findings, { kind: "hash", is: hash, wants: recipe.algorithm }] };
}

function encodingOf(text: string, recipe: TemplatedRecipe): DigestEncoding | "base64url" | null {
  if (/^[0-9a-f]+$/i.test(text) && [40, 64, 128].includes(text.length)) return "hex";
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0) return "base64";
  if (/^[\w-]+={0,2}$/.test(text) && /^[A-Za-z0-9_-]{26,}/.test(text)) return "base64url";
  return /^[A-Za-z0-9+/]{26,}$/.test(text) && recipe.digest === "base64" ? "base64url" : null;
}

function padded(text: string): string {
  const bare = text.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  return bare.length % 4 === 1 ? "" : bare + "=".repeat((4 - (bare.length % 4)) % 4);
}
