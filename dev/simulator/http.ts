/** Reading requests and writing answers in the voice API's envelopes. */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isRecord, parseJson } from "./json.ts";

const BODY_BYTES_MAX = 1_048_576;

/** One request whose body has arrived whole. */
export type Incoming = {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Undefined when the body was absent, not declared as JSON, or not JSON: Laravel then sees no input at all. */
  body: unknown;
  /** Sequence number below /api/v1. */
  request: number;
};

export type JsonAnswer = { status: number; body: unknown; headers?: Record<string, string> };

/** Collects a body and hands it on; a request that breaks off is dropped, one that is too long is not handed on. */
export function readBody(incoming: IncomingMessage, done: (body: Buffer | "too_long") => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  });
  incoming.on("end", () => done(bytes > BODY_BYTES_MAX ? "too_long" : Buffer.concat(chunks)));
  incoming.on("error", () => {});
}

/** The parsed body, or undefined. */
export function readInput(incoming: IncomingMessage, body: Buffer): unknown {
  const isJson = (incoming.headers["content-type"] ?? "").toLowerCase().includes("json");
  return isJson ? parseJson(body.toString("utf8")) : undefined;
}

/** Writes an answer; does nothing when the client has gone. */
export function send(response: ServerResponse, answer: JsonAnswer): void {
  if (response.destroyed || response.writableEnded) return;
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...answer.headers,
  });
  response.end(text);
}

/** A 2xx in the usual envelope. */
export function success(data: unknown, message = "Success", status = 200): JsonAnswer {
  return { status, body: { success: true, message, data } };
}

/** An error in the usual envelope; 403 and 409 carry a machine code in `data.error`. */
export function failure(status: number, message: string, error?: string): JsonAnswer {
  return { status, body: { success: false, message, data: error === undefined ? null : { error } } };
}

export const NOT_FOUND: JsonAnswer = failure(404, "Not found.");

/** Laravel's 422. The message is the first sentence and how many more there are. */
export function invalid(errors: Record<string, string[]>): JsonAnswer {
  const sentences = Object.values(errors).flat();
  const more = sentences.length - 1;
  const rest = more > 0 ? ` (and ${more} more error${more > 1 ? "s" : ""})` : "";
  return { status: 422, body: { message: `${sentences[0] ?? "The given data was invalid."}${rest}`, errors } };
}

/** An input that is an object; anything else counts as no input. */
export function inputOf(body: unknown): Record<string, unknown> {
  return isRecord(body) ? body : {};
}
