/**
 * Errors of the API: `application/problem+json` (RFC 9457) with a stable `code`.
 *
 * Each failure has two sentences. The client's is here. The operator's goes to the log, or to the source's rejections
 * for a webhook.
 */

import { retryAfterSeconds } from "../domain/limits.ts";
import type { Mistake } from "../domain/rules/rule.ts";

/** Every code of the API with its status and title. `detail` may describe a single case. */
export const problems = {
  not_json: [400, "The body is not JSON."],
  unreadable: [400, "The request cannot be read."],
  not_verified: [401, "The request could not be verified; its receiver's operator is told the reason."],
  unauthenticated: [401, "A valid token is needed."],
  forbidden: [403, "The token's scopes do not allow this."],
  not_found: [404, "There is nothing here."],
  no_recording: [404, "There is no recording of this call."],
  link_not_allowed: [404, "The recording is at a host that must not be linked to."],
  method_not_allowed: [405, "This method is not possible here."],
  call_state: [409, "The call is in a state in which this cannot be decided."],
  call_stopped: [409, "A gate stops this call."],
  rule_changed: [409, "The rule has another version by now than the one that was named."],
  conversation_taken: [409, "Another call has this conversation."],
  chain_is_signed: [409, "The stored audit chain is the one that was signed: there is nothing to accept."],
  call_differs: [409, "The call's row does not show what its entries say: no receipt is signed for it."],
  in_use: [409, "It is still in use."],
  last_secret: [409, "It is the source's last secret: without it every webhook is refused."],
  idempotency_conflict: [409, "This Idempotency-Key was used with another request."],
  too_many_conflicts: [409, "The event's id came with too many different bodies."],
  webhook_limit_reached: [409, "The agent has as many webhooks as Mihu allows; remove one there first."],
  no_public_url: [409, "PUBLIC_URL is not set, or is no https URL: Mihu would not know where to send its webhooks."],
  too_large: [413, "The request is too large."],
  unsupported_media_type: [415, "The body must be application/json."],
  invalid: [422, "The request is not valid."],
  rule_invalid: [422, "The rule is not valid."],
  config_invalid: [422, "The configuration is not valid."],
  cursor_invalid: [422, "The cursor is not one of ours."],
  reserved: [422, "The name is reserved."],
  not_now: [429, "The service cannot take this at the moment."],
  internal: [500, "Something went wrong on our side."],
  mihu_refused: [502, "Mihu did not do as it was asked."],
  database_unavailable: [503, "The database cannot be reached at the moment."],
  unavailable: [503, "The service cannot take this at the moment."],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof problems;

type ProblemDetails = {
  readonly detail?: string;
  readonly errors?: readonly Mistake[];
  /** Extension members (RFC 9457, section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** @returns The response for a failure. 429 and 503 always have `Retry-After`. */
export function problem(code: ProblemCode, more: ProblemDetails = {}): Response {
  const [status, title] = problems[code];
  const body = {
    type: `urn:hookline:problem:${code}`,
    title,
    status,
    detail: more.detail ?? title,
    code,
    ...more.members,
    ...(more.errors === undefined ? {} : { errors: more.errors }),
  };
  const retry =
    status === 429 || status === 503 ? { "retry-after": String(more.retryAfterSeconds ?? retryAfterSeconds) } : {};
  const headers = { "content-type": "application/problem+json", ...more.headers, ...retry };
  return new Response(JSON.stringify(body), { status, headers });
}

/** A problem found deep inside a handler, thrown to the app's error handler. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly more: ProblemDetails;
  constructor(code: ProblemCode, more: ProblemDetails = {}) {
    super(code);
    this.code = code;
    this.more = more;
  }
}
