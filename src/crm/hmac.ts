import { valueAt } from "../domain/json.ts";
import type { ActiveSecret, HmacRecipe, Rejected, VerifyResult, WebhookRequest } from "../domain/source.ts";
import { concatBytes, utf8 } from "./bytes.ts";
import { hmacKey } from "./keys.ts";
import { readTimestamp } from "./moments.ts";
import { headerOf, nameOf } from "./places.ts";
import { reject } from "./reject.ts";
import { readSignatureHeader } from "./signature-header.ts";
import { jsonOf } from "./untrusted-json.ts";

/** What the template's tokens stand for, the body aside. */
type Tokens = { readonly timestamp: string; readonly id: string; readonly method: string; readonly url: string };

/**
 * Verifies an HMAC over a template of the request: header, key, digest, and only then the time. The digests are compared by
 * WebCrypto, in constant time. An HMAC says nothing of what its template leaves out: see `unsignedFields` of the preset.
 *
 * @param secrets Only those that may be used; every one is tried.
 * @param nowMs Epoch milliseconds.
 * @returns Which secret signed it, or why it is refused. Never throws for anything that a request holds.
 */
export async function verifyHmac(
  recipe: HmacRecipe,
  request: WebhookRequest,
  secrets: readonly ActiveSecret[],
  nowMs: number,
): Promise<VerifyResult> {
  const header = readSignatureHeader(recipe, request.headers);
  if (!header.ok) return header;
  const stamp = timestampBeforeBody(recipe, request, header.timestamp);
  if (typeof stamp !== "string") return stamp;
  const id = recipe.idHeader === undefined ? "" : headerOf(request.headers, recipe.idHeader);
  if (id === null) return reject("signature_missing", `No ${recipe.idHeader} header came; the signature covers it.`);

  const signed = signedBytes(recipe.template, request, {
    timestamp: stamp,
    id,
    method: request.method,
    url: recipe.url ?? "",
  });
  const signer = await signerOf(recipe, signed, header.digests, secrets);
  if (!signer.ok) return signer;
  return outsideTolerance(recipe, request, stamp, nowMs) ?? signer;
}

async function signerOf(
  recipe: HmacRecipe,
  signed: Uint8Array,
  digests: readonly Uint8Array[],
  secrets: readonly ActiveSecret[],
): Promise<VerifyResult> {
  let usable = 0;
  for (const secret of secrets) {
    const key = await hmacKey(secret.value, recipe.key, recipe.algorithm);
    if (key === null) continue;
    usable++;
    for (const digest of digests) {
      if (await crypto.subtle.verify("HMAC", key, digest, signed)) return { ok: true, secretId: secret.id };
    }
  }
  if (usable === 0) return reject("no_secrets", `No active secret of this source can be read as ${recipe.key}.`);
  return reject("signature_wrong", "No active secret gives this signature: another secret, or the body was changed.");
}

/** The timestamp as text where it is known before the body is trusted; `""` where the scheme has none, or has it in the body. */
function timestampBeforeBody(recipe: HmacRecipe, request: WebhookRequest, inList: string | null): string | Rejected {
  if (recipe.timestamp === undefined || "path" in recipe.timestamp.from) return "";
  const from = recipe.timestamp.from;
  const text = "header" in from ? headerOf(request.headers, from.header) : inList;
  if (text === null || text === "") return reject("timestamp_missing", "The signature's timestamp did not come.");
  if (readTimestamp(text, recipe.timestamp.format) === null) return malformedTimestamp(recipe.timestamp.format);
  return text;
}

function outsideTolerance(recipe: HmacRecipe, request: WebhookRequest, stamp: string, nowMs: number): Rejected | null {
  if (recipe.timestamp === undefined) return null;
  const { from, format, toleranceSeconds } = recipe.timestamp;
  const text = "path" in from ? timestampInBody(request, from.path) : stamp;
  if (text === null) return reject("timestamp_missing", "The signed body has no timestamp.");
  const at = readTimestamp(text, format);
  if (at === null) return malformedTimestamp(format);
  const off = Math.round((nowMs - at) / 1_000);
  if (Math.abs(nowMs - at) <= toleranceSeconds * 1_000) return null;
  const side = off > 0 ? `${off} s old` : `${-off} s in the future`;
  return reject(
    "timestamp_outside_tolerance",
    `The signature is right but ${side}; ${toleranceSeconds} s are allowed.`,
  );
}

function timestampInBody(request: WebhookRequest, path: string): string | null {
  const json = jsonOf(request.body);
  return json === undefined ? null : nameOf(valueAt(json, path));
}

function malformedTimestamp(format: string): Rejected {
  return reject("timestamp_malformed", `The signature's timestamp is not of the form "${format}".`);
}

/** The exact bytes that the sender signed. */
function signedBytes(template: string, request: WebhookRequest, tokens: Tokens): Uint8Array {
  if (template === "{body}") return request.body;
  const pieces = template.split(/\{(body|timestamp|id|method|url)\}/);
  return concatBytes(pieces.map((piece, i) => (i % 2 === 0 ? utf8(piece) : tokenBytes(piece, request, tokens))));
}

function tokenBytes(token: string, request: WebhookRequest, tokens: Tokens): Uint8Array {
  if (token === "body") return request.body;
  if (token === "timestamp") return utf8(tokens.timestamp);
  if (token === "id") return utf8(tokens.id);
  return utf8(token === "method" ? tokens.method : tokens.url);
}
