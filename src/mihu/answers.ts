/**
 * The meaning of a response to `POST /call` for the call. Pure.
 *
 * | answer                                            | means                                  | may it have rung? |
 * | ------------------------------------------------- | -------------------------------------- | ----------------- |
 * | 2xx with `conversation_uuid` or `id`              | placed                                 | yes               |
 * | 2xx with `success: false`                         | unknown, `unexpected_answer`           | unknown           |
 * | 2xx without either id, or unreadable              | unknown, `unreadable_answer`           | unknown           |
 * | 422                                               | refused: this one call, finally        | no                |
 * | 429                                               | rate limited: retry after `Retry-After` | no               |
 * | 401, 402, 403, 404                                | about us: the line pauses              | no                |
 * | 3xx (never followed), 400, 409 and every other 4xx | unknown, `unexpected_answer`          | unknown           |
 * | 5xx                                               | unknown, `server_error`                | unknown           |
 * | none before the timeout                           | unknown, `timed_out`                   | unknown           |
 * | none, or incomplete                               | unknown, `connection_lost`             | unknown           |
 *
 * The meaning of a 409 for a call is not documented. It could be "this customer is being called already", so it does not prove that
 * nothing rang. An unneeded look-up costs a request; a second ring costs a customer.
 */

import type { PlaceAnswer } from "../domain/calls/dial.ts";
import type { JsonObject, JsonValue } from "../domain/json.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import type { HttpAnswer } from "../platform/http-client.ts";
import { scrubText } from "../platform/log.ts";
import { retryAfterMs } from "../platform/retry-after.ts";
import { cutText, dataOf, httpsUrlOf, idOf, objectIn, objectOf, withoutControls } from "./wire.ts";

/** Pause of a line after a 429 without `Retry-After`, and bounds for that header. */
const retryAfterDefaultMs = 30_000;
const retryAfterMinMs = 1_000;
const retryAfterMaxMs = 3_600_000;

const detailCharactersMax = 300;
const messagesMax = 5;

/** Responses about the account, the token or the line, rather than about this call. */
const aboutUs: Readonly<Record<number, ReasonCode>> = {
  401: "unauthenticated",
  402: "payment_required",
  403: "forbidden",
  404: "agent_missing",
};

type Answered = Extract<HttpAnswer, { kind: "answer" }>;

/**
 * Classifies one response.
 *
 * @param nowMs Epoch milliseconds, because `Retry-After` may be a date.
 * @returns Its meaning. A `detail` has at most 300 characters, and contains no phone number and no token.
 */
export function classPlaceAnswer(answer: HttpAnswer, nowMs: number): PlaceAnswer {
  if (answer.kind === "timeout") return { kind: "unknown", reason: "timed_out", status: null, detail: "" };
  if (answer.kind === "lost") {
    return { kind: "unknown", reason: "connection_lost", status: null, detail: clean(answer.detail) };
  }
  const { status } = answer;
  if (status >= 200 && status <= 299) return classSuccess(answer);
  if (status === 429) return { kind: "rate_limited", waitMs: waitOf(answer.headers.get("retry-after"), nowMs) };
  const detail = detailOf(answer);
  if (status === 422) return { kind: "refused", status, detail };
  const reason = aboutUs[status];
  if (reason !== undefined) return { kind: "about_us", reason, status, detail };
  return { kind: "unknown", reason: status >= 500 ? "server_error" : "unexpected_answer", status, detail };
}

function classSuccess(answer: Answered): PlaceAnswer {
  const { status } = answer;
  const body = answer.truncated ? null : objectIn(answer.text);
  if (body === null) {
    const detail = answer.truncated ? "longer than any answer is" : "not a JSON object";
    return { kind: "unknown", reason: "unreadable_answer", status, detail };
  }
  if (body.success === false) {
    return { kind: "unknown", reason: "unexpected_answer", status, detail: detailOf(answer) };
  }
  const data = dataOf(body);
  const conversationUuid = idOf(data.conversation_uuid);
  const mihuId = idOf(data.id);
  if (conversationUuid === null && mihuId === null) {
    return { kind: "unknown", reason: "unreadable_answer", status, detail: "neither conversation_uuid nor id" };
  }
  return {
    kind: "placed",
    conversationUuid,
    contactUuid: idOf(data.contact_uuid),
    mihuId,
    listenUrl: httpsUrlOf(data.listen_url),
    recordUrl: httpsUrlOf(data.record_url),
  };
}

function waitOf(header: string | null, nowMs: number): number {
  const asked = retryAfterMs(header, nowMs) ?? retryAfterDefaultMs;
  return Math.min(Math.max(asked, retryAfterMinMs), retryAfterMaxMs);
}

/** @returns Code and sentences of an error, in either of its two forms; `""` for each that the error does not have. */
function detailOf(answer: Answered): string {
  const body = objectIn(answer.text);
  if (body === null) return "";
  const code = idOf(objectOf(body.data)?.error);
  const sentences = sentencesOf(body);
  return clean([...(code === null ? [] : [code]), ...sentences].join(": "));
}

/** The first message of each field (Laravel), else the top-level message. */
function sentencesOf(body: JsonObject): string[] {
  const perField = Object.values(objectOf(body.errors) ?? {})
    .map(firstText)
    .filter((text) => text !== null)
    .slice(0, messagesMax);
  if (perField.length > 0) return [perField.join(" ")];
  const whole = firstText(body.message);
  return whole === null ? [] : [whole];
}

function firstText(value: JsonValue | undefined): string | null {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" && first.trim() !== "" ? first.trim() : null;
}

function clean(text: string): string {
  const oneLine = withoutControls(text).replace(/\s+/g, " ").trim();
  return cutText(scrubText(oneLine), detailCharactersMax);
}
