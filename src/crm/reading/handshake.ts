/**
 * Handshakes: requests that a sender makes once, when its webhook is created.
 *
 * Refused: a secret offered to a source that already has one, a secret shorter or longer than the limits or not
 * printable ASCII, and an overlong text to echo. A handshake never becomes an event.
 *
 * Not guaranteed: the origin of a captured secret. It arrives unsigned, so the first request with one wins while the
 * source has none.
 */

import type { HandshakeAnswer, Rejected, WebhookRequest } from "../../domain/events/webhook.ts";
import { isObject, type JsonObject, valueAt } from "../../domain/json.ts";
import type { BodyRules } from "../preset/body-rules.ts";
import type { Chosen } from "../preset/chosen-scheme.ts";
import type { Handshake } from "../preset/preset.ts";
import type { SignatureRecipe } from "../preset/recipe.ts";
import { decodeBody } from "../request/body.ts";
import { headerOf } from "../request/paths.ts";
import { reject } from "../signature/reject.ts";

/** Characters of a text to echo. */
const echoCharactersMax = 1_000;

/** Largest body that may be a handshake. */
const handshakeBytesMax = 8_192;

/** Length of a captured secret: too long to guess, too short for a document. */
const capturedCharactersMin = 16;
const capturedCharactersMax = 512;

/** A recognized handshake: a text to echo, signed or not, or a secret to store. */
type HandshakeQuestion =
  /** `echoed`: the part of the answer that the sender chose. */
  | { readonly kind: "echo"; readonly signed: boolean; readonly echoed: string; readonly answer: HandshakeAnswer }
  | { readonly kind: "capture"; readonly secret: string; readonly answer: HandshakeAnswer };

/** Printable ASCII, because the secret may be echoed in a response header. */
const printable = /^[\x21-\x7e]+$/;

const text = { "content-type": "text/plain; charset=utf-8" };

/**
 * Recognizes a handshake of the source's scheme. The answer does not depend on the source's secrets.
 *
 * @param hasSecret Whether the source has an active secret. If so, none is captured.
 * @returns The handshake, a rejection, or null for a request that is no handshake.
 */
export function handshakeIn(
  chosen: Chosen,
  request: WebhookRequest,
  hasSecret: boolean,
): HandshakeQuestion | Rejected | null {
  for (const handshake of chosen.scheme.handshakes ?? []) {
    const asked = questionOf(handshake, chosen, request);
    if (asked === null) continue;
    if (asked.kind === "capture") return captureRefusal(asked.secret, hasSecret) ?? asked;
    return asked.echoed.length <= echoCharactersMax
      ? asked
      : reject(
          "handshake_refused",
          `The text that the sender wants back is longer than ${echoCharactersMax} characters.`,
        );
  }
  return null;
}

function questionOf(
  handshake: Handshake,
  { recipe, body: rules }: Chosen,
  request: WebhookRequest,
): HandshakeQuestion | null {
  switch (handshake.kind) {
    case "echo_field":
      return echoOf(handshake, smallObject(request, rules));
    case "header_to_body": {
      const challenge = headerOf(request.headers, handshake.header);
      if (challenge === null || challenge === "") return null;
      const answer = { status: 200, headers: text, body: challenge };
      return { kind: "echo", signed: true, echoed: challenge, answer };
    }
    case "captured_header": {
      const secret = headerOf(request.headers, handshake.header);
      if (secret === null || secret === "" || isSigned(recipe, request)) return null;
      return { kind: "capture", secret, answer: { status: 200, headers: { [handshake.header]: secret }, body: "" } };
    }
    case "captured_field": {
      const body = isSigned(recipe, request) ? null : smallObject(request, rules);
      const secret = body === null ? undefined : valueAt(body, handshake.field);
      if (body === null || typeof secret !== "string" || Object.keys(body).length !== 1) return null;
      return { kind: "capture", secret, answer: { status: 200, headers: text, body: "" } };
    }
    case "unsigned_ping":
      if (isSigned(recipe, request) || !isPing(request, handshake.field)) return null;
      return { kind: "echo", signed: false, echoed: "", answer: { status: 200, headers: text, body: "" } };
  }
}

/** An event with a field of the same name is no handshake: it has a nested value, or another value at `when.path`. */
function echoOf(
  handshake: Extract<Handshake, { kind: "echo_field" }>,
  body: JsonObject | null,
): HandshakeQuestion | null {
  if (body === null) return null;
  const { field, when, signed } = handshake;
  const isAsked =
    when === undefined
      ? Object.values(body).every((value) => typeof value !== "object" || value === null)
      : valueAt(body, when.path) === when.equals;
  const value = isAsked ? valueAt(body, field) : undefined;
  if (typeof value !== "string") return null;
  const answer = {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ [field]: value }),
  };
  return { kind: "echo", signed, echoed: value, answer };
}

function captureRefusal(secret: string, hasSecret: boolean): Rejected | null {
  if (hasSecret)
    return reject(
      "handshake_refused",
      "The sender offered a secret, but the source has one already. Remove it first to accept another.",
    );
  const { length } = secret;
  if (length >= capturedCharactersMin && length <= capturedCharactersMax && printable.test(secret)) return null;
  return reject(
    "handshake_refused",
    `The sender offered a secret that is not ${capturedCharactersMin} to ${capturedCharactersMax} characters of ASCII.`,
  );
}

/** Parses a small JSON object. Handshakes come before verification, so the size is bounded first. */
function smallObject(request: WebhookRequest, rules: BodyRules): JsonObject | null {
  if (request.body.byteLength > handshakeBytesMax) return null;
  const body = decodeBody(request, rules);
  return body.ok && body.format === "json" && isObject(body.value) ? body.value : null;
}

function isSigned(recipe: SignatureRecipe, request: WebhookRequest): boolean {
  return recipe.family !== "secret" && (headerOf(request.headers, recipe.header) ?? "") !== "";
}

/** Whether the body is a form of one field that holds a number. */
function isPing(request: WebhookRequest, field: string): boolean {
  if (request.body.byteLength > handshakeBytesMax) return false;
  const fields = [...new URLSearchParams(new TextDecoder().decode(request.body))];
  return fields.length === 1 && fields[0]?.[0] === field && /^\d{1,20}$/.test(fields[0][1]);
}
