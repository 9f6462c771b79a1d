/**
 * Signatures over a canonical string built from the request: HMACs (RFC 2104), plain hashes and public-key signatures.
 *
 * Checks, in this order: the header's form, the URL, the signature, the digest of the body, and the timestamp last. The
 * timestamp comes last because it is trustworthy only once the signature that covers it is.
 *
 * Refused:
 * - a signature that no active secret produces, compared in constant time (OWASP ASVS 5.0, 11.2.4)
 * - a body whose digest is not the one in the signed URL
 * - a timestamp outside the tolerance, in the past or in the future (replay: RFC 9421, section 7.2.2)
 * - a scheme that signs the URL while the public URL is not configured. The request's `Host` is never used instead
 *
 * Not guaranteed:
 * - anything outside the template. Headers such as an event id or type can be changed without breaking the signature
 *   (RFC 9421, section 7.2.1). The preset lists those fields as unsigned, and the dedupe key does not rely on them
 *   alone
 * - freshness, if the scheme signs no timestamp. A captured request then stays valid until the secret is rotated
 */
import type { Rejected, VerifyResult, WebhookRequest } from "../../domain/events/webhook.ts";
import { valueAt } from "../../domain/json.ts";
import { equalDigests } from "../../platform/bytes.ts";
import { findSigner, type Prover, type SignedBytes } from "../../platform/signature/candidates.ts";
import { decodeDigest, hashBytes } from "../../platform/signature/digest.ts";
import { hmacProver } from "../../platform/signature/hmac.ts";
import type { ActiveSecret } from "../preset/preset.ts";
import { headerOf, nameOf } from "../request/paths.ts";
import { signedBytes, signs, type TokenValues } from "../request/signed-text.ts";
import { parameterOf, urlSpellings } from "../request/signed-url.ts";
import { outsideTolerance, readTimestamp } from "../request/timestamps.ts";
import { asymmetricProver } from "./asymmetric.ts";
import { hashProver } from "./hash.ts";
import { reject } from "./reject.ts";
import { readSignatureHeader } from "./signature-header.ts";
import type { SignedRequest, TemplatedRecipe } from "./signed-request.ts";

/**
 * Verifies a signature over a template of the request.
 *
 * @returns The secret that signed it, or the reason for the rejection. Never throws because of a request.
 */
export async function verifyTemplated(recipe: TemplatedRecipe, evidence: SignedRequest): Promise<VerifyResult> {
  const { request, url } = evidence;
  const header = readSignatureHeader(recipe, request.headers);
  if (!header.ok) return header;
  const timestamp = timestampBeforeBody(recipe, request, header.timestamp);
  if (typeof timestamp !== "string") return timestamp;
  const id = recipe.idHeader === undefined ? "" : headerOf(request.headers, recipe.idHeader);
  if (id === null || (id === "" && recipe.idHeader !== undefined))
    return reject("signature_missing", `No ${nameOfHeader(recipe.idHeader)} header came; the signature covers it.`);
  const urls = signedUrls(recipe, url);
  if (urls === null)
    return reject(
      "url_unknown",
      "The signature covers the URL, and Hookline does not know its own: set PUBLIC_URL or settings.url.",
    );

  const texts = urls.map((spelling) => textOf(recipe, request, { timestamp, id, url: spelling }));
  const signer = await signerOf(recipe, texts, header.signatures, evidence.secrets);
  if (!signer.ok) return signer;
  return digestRefusal(recipe, request, url) ?? timeRefusal(recipe, evidence, timestamp) ?? signer;
}

/** The canonical string, built once for all secrets unless the template contains the secret. */
function textOf(recipe: TemplatedRecipe, request: WebhookRequest, values: Omit<TokenValues, "secret">): SignedBytes {
  if (recipe.family === "hash") return (secret) => signedBytes(recipe, request, { ...values, secret });
  const bytes = signedBytes(recipe, request, { ...values, secret: "" });
  return () => bytes;
}

async function signerOf(
  recipe: TemplatedRecipe,
  texts: readonly SignedBytes[],
  signatures: readonly Uint8Array[],
  secrets: readonly ActiveSecret[],
): Promise<VerifyResult> {
  const signer = await findSigner(proverOf(recipe), { secrets, texts, signatures });
  if (signer === "no_key")
    return reject("no_secrets", `No active secret of this source can be read as ${keyForm(recipe)}.`);
  if (signer === "wrong")
    return reject(
      "signature_wrong",
      "No active secret verifies this signature: the sender uses another secret, or the request was changed.",
    );
  return { ok: true, secretId: signer.id };
}

function proverOf(recipe: TemplatedRecipe): Prover {
  switch (recipe.family) {
    case "hmac":
      return hmacProver(recipe);
    case "hash":
      return hashProver(recipe);
    case "asymmetric":
      return asymmetricProver(recipe);
  }
}

function keyForm(recipe: TemplatedRecipe): string {
  if (recipe.family === "asymmetric") return `a public key for ${recipe.algorithm}, written as ${recipe.key}`;
  return recipe.family === "hmac" ? recipe.key : "utf8";
}

/**
 * @returns Spellings of the URL that the sender may have signed; `[""]` if the signature does not cover the URL; null
 *   if it does and the URL is unknown.
 */
function signedUrls(recipe: TemplatedRecipe, url: string | null): readonly string[] | null {
  if (!signs(recipe, "url") && recipe.bodyDigest === undefined) return [""];
  return url === null ? null : urlSpellings(url, recipe.url);
}

/** Compares the body with the digest in the URL. Called after the signature over that URL has been verified. */
function digestRefusal({ bodyDigest }: TemplatedRecipe, request: WebhookRequest, url: string | null): Rejected | null {
  if (bodyDigest === undefined) return null;
  const { parameter, algorithm, encoding } = bodyDigest;
  const text = parameterOf(url ?? "", parameter);
  if (text === null) return reject("body_digest_wrong", `The signed URL has no parameter ${parameter}.`);
  const given = decodeDigest(text, encoding);
  if (given !== null && equalDigests(given, hashBytes(algorithm, request.body))) return null;
  return reject(
    "body_digest_wrong",
    `The signed URL's ${parameter} is not of this body: the body was changed on its way.`,
  );
}

/**
 * @returns The timestamp's text from a header or the list; `""` if the request has no timestamp, or if it is in the
 *   body, which is not verified yet.
 */
function timestampBeforeBody(
  recipe: TemplatedRecipe,
  request: WebhookRequest,
  inList: string | null,
): string | Rejected {
  if (recipe.timestamp === undefined || "path" in recipe.timestamp.from) return "";
  const { from, format } = recipe.timestamp;
  const text = "header" in from ? headerOf(request.headers, from.header) : inList;
  if (text === null || text === "") return reject("timestamp_missing", "The request has no signature timestamp.");
  return readTimestamp(text, format) === null ? malformedTimestamp(format) : text;
}

function timeRefusal(recipe: TemplatedRecipe, { body, nowMs }: SignedRequest, stamp: string): Rejected | null {
  if (recipe.timestamp === undefined) return null;
  const { from, format, toleranceSeconds, aheadSeconds = toleranceSeconds } = recipe.timestamp;
  const text = "path" in from ? nameOf(valueAt(body() ?? null, from.path)) : stamp;
  if (text === null) return reject("timestamp_missing", "The signed body has no timestamp.");
  const at = readTimestamp(text, format);
  if (at === null) return malformedTimestamp(format);
  const off = outsideTolerance(at, nowMs, toleranceSeconds, aheadSeconds);
  if (off === null) return null;
  const allowed = at > nowMs ? aheadSeconds : toleranceSeconds;
  return reject("timestamp_outside_tolerance", `The signature is valid, but ${off}; ${allowed} s are allowed.`);
}

function malformedTimestamp(format: string | readonly string[]): Rejected {
  const forms = typeof format === "string" ? [format] : format;
  return reject("timestamp_malformed", `The signature's timestamp is not of the form ${forms.join(" or ")}.`);
}

function nameOfHeader(header: string | readonly string[] | undefined): string {
  return (typeof header === "string" ? header : header?.[0]) ?? "";
}
