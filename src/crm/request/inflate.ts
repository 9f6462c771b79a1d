/**
 * Bodies with a `Content-Encoding` (RFC 9110, section 8.4).
 *
 * Refused: an unsupported coding, two codings, a damaged body, and one that inflates beyond the body limit
 * (decompression bomb). Inflating stops at the limit.
 *
 * Not guaranteed: the header is unsigned. The bytes decide instead: only bytes that begin as gzip or zlib do are
 * inflated. If they do not, a proxy inflated the body and left the header. Raw deflate has no such marker and is
 * accepted only from senders that sign nothing.
 */
import type { WebhookRequest } from "../../domain/events/webhook.ts";
import { bodyBytesMax } from "../../domain/limits.ts";
import { type Compression, inflate } from "../../platform/inflate.ts";
import type { BodyRules } from "../preset/body-rules.ts";
import { headerOf } from "./paths.ts";
import type { UnreadBody } from "./unread-body.ts";

/** The bytes of a body, and whether they were compressed. */
type Inflated = { readonly ok: true; readonly bytes: Uint8Array; readonly wasInflated: boolean };

/** Codings that are not supported. Such a body is refused, because its bytes could be parsed as a meaningless form. */
const unsupported: ReadonlySet<string> = new Set(["br", "zstd", "compress", "x-compress", "dcb", "dcz", "aws-chunked"]);

const compressed: ReadonlySet<string> = new Set(["gzip", "x-gzip", "deflate", ...unsupported]);

/** Inflated bodies, by request. The verifier, the tenant check and the reader share one result. */
const known = new WeakMap<WebhookRequest, Inflated | UnreadBody>();

/**
 * Inflates a compressed body, once.
 *
 * @returns The body's bytes as the sender wrote them, or the reason of a refusal.
 */
export function inflatedBody(request: WebhookRequest, signs: BodyRules["signs"]): Inflated | UnreadBody {
  const header = headerOf(request.headers, "content-encoding");
  if (header === null) return { ok: true, bytes: request.body, wasInflated: false };
  const before = known.get(request);
  if (before !== undefined) return before;
  const made = inflateBy(header, request.body, signs);
  known.set(request, made);
  return made;
}

function inflateBy(header: string, body: Uint8Array, signs: BodyRules["signs"]): Inflated | UnreadBody {
  // Some senders write a charset or nonsense into this header. A name that is no compression has no effect.
  const codings = header
    .toLowerCase()
    .split(",")
    .map((one) => one.trim())
    .filter((one) => compressed.has(one));
  const [coding] = codings;
  const asItIs: Inflated = { ok: true, bytes: body, wasInflated: false };
  if (coding === undefined || body.byteLength === 0) return asItIs;
  const compression = compressionOf(coding, body, signs);
  if (compression === null)
    return unsupported.has(coding) && !isText(body)
      ? unread("encoding_unknown", "The body's compression is not supported; gzip and deflate are")
      : asItIs;
  if (codings.length > 1) return compressedTwice;
  const bytes = inflate(compression, body, bodyBytesMax);
  if (bytes === "too_large")
    return unread("inflated_too_large", `A request may have ${bodyBytesMax} bytes, and the decompressed body has more`);
  if (bytes === "broken") return unread("encoding_broken", "The compressed body is incomplete or damaged");
  return isGzip(bytes) ? compressedTwice : { ok: true, bytes, wasInflated: true };
}

const compressedTwice = unread("encoding_unknown", "The body is compressed more than once");

function compressionOf(coding: string, body: Uint8Array, signs: BodyRules["signs"]): Compression | null {
  if (coding === "gzip" || coding === "x-gzip") return isGzip(body) ? "gzip" : null;
  if (coding !== "deflate") return null;
  if (isZlib(body)) return "zlib";
  return signs === "nothing" && !isText(body) ? "deflate" : null;
}

/** @returns Whether the bytes begin as gzip or zlib does. */
export function looksCompressed(bytes: Uint8Array): boolean {
  return isGzip(bytes) || isZlib(bytes);
}

/** RFC 1952, section 2.3.1. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** RFC 1950, section 2.2: the method is 8 (deflate), and the first two bytes are a multiple of 31. */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && first >> 4 <= 7 && ((first << 8) | second) % 31 === 0;
}

/** Whether the bytes are UTF-8 without control characters. No compressed body is. */
function isText(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  return !text.includes("\ufffd") && !/(?![\t\n\r])\p{Cc}/u.test(text);
}

function unread(reason: UnreadBody["reason"], detail: string): UnreadBody {
  return { ok: false, reason, detail };
}
