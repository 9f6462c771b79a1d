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
  not_json: [400, "The body is not valid JSON."],
  unreadable: [400, "The request cannot be read: its body is incomplete or malformed."],
  not_verified: [
    401,
    "The request could not be verified, so nothing was accepted. The operator of this service can see why.",
  ],
  unauthenticated: [401, "A valid token is needed in `Authorization: Bearer …`. It is missing, expired or revoked."],
  forbidden: [403, "The token's scopes do not allow this."],
  not_found: [404, "There is nothing at this address."],
  no_recording: [404, "Mihu gave no recording of this call: it reached nobody, is not over yet, or was not recorded."],
  no_transcript: [404, "There is no transcript of this call: it reached nobody, is not over yet, or was erased here."],
  not_at_mihu: [404, "Mihu does not have this conversation: it answered 404. It may have been deleted there."],
  not_live: [404, "The call is not going on, or Mihu gave no address at which it can be heard."],
  link_not_allowed: [404, "The recording is at a host whose links are not followed. LINK_HOSTS names further hosts."],
  method_not_allowed: [405, "This address does not take this method. The header `Allow` names those that it takes."],
  call_state: [409, "The call's status does not allow this decision."],
  owned: [409, "Somebody else has taken on this call."],
  order_erased: [
    409,
    "The data of this order's customer was erased, so the order takes no further notes. A note could name the person again.",
  ],
  call_stopped: [409, "A gate stops this call, so it does not ring."],
  rule_changed: [409, "The rule has a newer version than the named one. Ask for the difference again."],
  conversation_taken: [409, "Another call has this conversation. Name the conversation of this call."],
  chain_is_signed: [409, "The stored audit chain is the signed one, so there is no restored chain to accept."],
  call_differs: [409, "The call's row does not show what its audit entries say, so no receipt is signed."],
  in_use: [409, "It is still in use, so it was not removed."],
  last_secret: [409, "It is the source's last secret, so it was not removed: without it every webhook is refused."],
  idempotency_conflict: [409, "This Idempotency-Key was used with another request. Use a new key for a new call."],
  too_many_hooks: [409, "There are as many hooks as this service keeps. Remove one, then ask again."],
  hook_changed: [409, "Another request has changed or removed this hook. Read it, then ask again."],
  secret_unreadable: [
    409,
    "The hook's secret cannot be read, because its sealing key is missing. Restore the key in SEALING_KEYS, or make the hook anew.",
  ],
  delivery_state: [409, "The delivery still waits for its next try, or its body is erased."],
  task_state: [409, "The task is over, so it was not canceled. `task_state` says how it ended."],
  too_many_conflicts: [409, "This event id came with too many different bodies."],
  webhook_limit_reached: [
    409,
    "The agent has as many webhooks as Mihu allows. Remove one at Mihu, then connect again.",
  ],
  no_public_url: [
    409,
    "PUBLIC_URL is not set, or is no https URL, so Mihu cannot send its webhooks. Set it, then connect again.",
  ],
  too_large: [413, "The request is too large."],
  unsupported_media_type: [415, "The body must be JSON: send `Content-Type: application/json`."],
  invalid: [422, "The request is not valid."],
  rule_invalid: [422, "The rule is not valid."],
  config_invalid: [422, "The configuration is not valid."],
  cursor_invalid: [422, "The cursor is not one that this list returned. Begin without one."],
  reserved: [422, "The name is reserved."],
  not_now: [429, "The service cannot take this at the moment. Send it again after `Retry-After`."],
  internal: [500, "Hookline failed on this request. The operator finds the error in the log."],
  mihu_refused: [502, "Mihu rejected the request or did not answer. See `detail`."],
  database_unavailable: [
    503,
    "The database cannot be reached at the moment. Send the request again after `Retry-After`.",
  ],
  migrations_missing: [
    503,
    "Postgres lacks migrations of this version, so the request was not carried out and changed nothing. The operator has to run `hookline migrate`. Webhooks are still stored.",
  ],
  unavailable: [503, "The service cannot take this at the moment. Send it again after `Retry-After`."],
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
