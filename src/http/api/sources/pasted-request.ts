/** A pasted request, converted to the form of a received webhook. */

import type { WebhookRequest } from "../../../domain/events/webhook.ts";
import { decodeLooseBase64, utf8 } from "../../../platform/bytes.ts";
import { doorAddress } from "../../door-address.ts";
import { asWritten } from "../../request-url.ts";
import type { VerifyBody } from "../schemas/doctor.ts";

/**
 * @param address The service's own address, for a pasted URL without a host; null if it is not configured.
 * @returns The request, with lower-case header names and repeated headers joined, as in `Headers` of fetch.
 */
export function pastedRequest(pasted: VerifyBody, slug: string, address: string | null): WebhookRequest {
  const [, origin = "", path = ""] = /^(https?:\/\/[^/?#\s]+)?(.*)$/is.exec(pasted.url ?? "") ?? [];
  const whole = path === "" || path.startsWith("?") ? `/in/${slug}${path}` : path;
  const base = origin === "" ? address : origin;
  const written = asWritten(`${base ?? "https://nowhere"}${whole}`, base);
  return {
    ...written,
    method: pasted.method.toUpperCase(),
    key: doorAddress(`https://door${whole}`)?.key ?? null,
    headers: headersOf(pasted.headers),
    body: bodyOf(pasted),
  };
}

function headersOf(given: VerifyBody["headers"]): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, values] of Object.entries(given)) {
    const lower = name.trim().toLowerCase();
    for (const value of [values].flat()) {
      const before = headers.get(lower);
      headers.set(lower, before === undefined ? value.trim() : `${before}, ${value.trim()}`);
    }
  }
  return Object.fromEntries(headers);
}

function bodyOf({ body, body_base64 }: VerifyBody): Uint8Array {
  if (body_base64 === undefined) return utf8(body ?? "");
  const bytes = decodeLooseBase64(body_base64);
  if (bytes === null) throw new Error("body_base64 is no base64, and its schema let it pass");
  return bytes;
}
