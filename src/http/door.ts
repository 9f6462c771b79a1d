/**
 * The webhook endpoint: `POST /in/:source` and `/in/:source/:key`.
 *
 * HEAD, and GET without data, get the same line for every path, without a look-up. Any other method gets 405 and is
 * recorded as a rejection, because a 2xx would make its sender lose events.
 *
 * | result        | response                                                                     |
 * | ------------- | ---------------------------------------------------------------------------- |
 * | `accepted`    | 202 with the events, or the 2xx that the sender requires                     |
 * | `handshake`   | the reply that the sender expects                                            |
 * | `no_source`   | 404, never 410: some senders then delete their webhook                       |
 * | `refused`     | 401, with one sentence for every reason. The rejection stores the reason     |
 * | `unreadable`  | 400                                                                          |
 * | `too_large`   | 413                                                                          |
 * | `conflicts`   | 409                                                                          |
 * | `unavailable` | 503 with `Retry-After`; 429 to a sender that retries only after that. Also in place of 401 or 404 while a change of the source cannot be confirmed |
 */
import { type Context, Hono } from "hono";
import type { WebhookRequest } from "../domain/events/webhook.ts";
import { bodyBytesMax, rejectionBodiesBytesMax, rejectionBodiesWindowMs } from "../domain/limits.ts";
import { type ReceiveOutcomePorts, receiveOutcome } from "../flows/calling/receive-outcome.ts";
import { type AcceptPorts, type AcceptResult, accept } from "../flows/ingest/accept.ts";
import { refuseMethod } from "../flows/ingest/refuse-method.ts";
import { withoutBody } from "../flows/ingest/rejected-body.ts";
import { BodyAborted, readWhole } from "../platform/body.ts";
import type { Log } from "../platform/log.ts";
import { lru } from "../platform/lru.ts";
import { type WindowBudget, windowBudget } from "../platform/window-budget.ts";
import type { Rejection } from "../ports/ingest/rejections.ts";
import { type DoorAddress, doorAddress, isProbe } from "./door-address.ts";
import { problem } from "./problem.ts";
import { asWritten } from "./request-url.ts";
import { reservedSlugs, slugPattern } from "./slug.ts";

/** Dependencies of the webhook endpoint. It has no Postgres connection: inboxes make webhooks durable. */
export type DoorDeps = AcceptPorts & {
  outcomes: ReceiveOutcomePorts;
  log: Log;
  isAway(error: unknown): boolean;
  /** The service's address as registered with senders, which may sign it; null if it is not configured. */
  addressOf(request: Request): string | null;
};
type DoorEnv = { Bindings: object };
type DoorContext = Context<DoorEnv>;

/**
 * Creates the webhook endpoint, a separate app without the API's middleware.
 *
 * @param wire Creates the endpoint's dependencies.
 */
export function createDoor(wire: (env: unknown) => DoorDeps): Hono<DoorEnv> {
  const app = new Hono<DoorEnv>();
  app.all("*", (c) => {
    const address = doorAddress(c.req.raw.url);
    if (address === null) return problem("not_found");
    const isOutcome = address.slug === "mihu" && address.key !== null;
    // Impossible slugs are rejected first: a request to a Durable Object creates it.
    if (!isOutcome && (!slugPattern.test(address.slug) || reservedSlugs.has(address.slug)))
      return responseTo({ kind: "no_source" });
    if (isProbe(c.req.raw))
      return plain(200, "Webhooks are accepted here by POST only.\n", { "content-type": "text/plain" });
    if (c.req.method !== "POST") return refuse(c, wire(c.env), isOutcome ? null : address);
    return isOutcome ? receiveOutcomeWebhook(c, wire(c.env), address) : receive(c, wire(c.env), address);
  });
  app.onError((error, c) => {
    const { log, isAway } = wire(c.env);
    if (error instanceof BodyAborted) {
      log.debug("a sender closed its request before the end of the body", { error });
      return problem("unreadable");
    }
    log.error("a webhook failed", { error });
    return problem(isAway(error) ? "database_unavailable" : "internal");
  });
  return app;
}

async function receive(c: DoorContext, door: DoorDeps, { slug, key }: DoorAddress): Promise<Response> {
  const result = await accept(door, slug, () => webhookOf(c, door, key));
  if ("error" in result) door.log.error("an inbox did not accept a webhook", { source: slug, error: result.error });
  if ("rejection" in result) storeRejection(c, door, slug, result.rejection);
  return responseTo(result);
}

/** Reads a webhook; null if its body is over the limit. */
async function webhookOf(c: DoorContext, door: DoorDeps, key: string | null): Promise<WebhookRequest | null> {
  const body = await readWhole(c.req.raw, bodyBytesMax);
  if (body === null) return null;
  return {
    ...asWritten(c.req.raw.url, door.addressOf(c.req.raw)),
    method: c.req.method,
    key,
    headers: Object.fromEntries(c.req.raw.headers),
    body,
  };
}

/**
 * Responds to any method other than POST.
 *
 * @param address Null for a path without a source: no rejection is recorded.
 */
async function refuse(c: DoorContext, door: DoorDeps, address: DoorAddress | null): Promise<Response> {
  // A browser's preflight request carries no event.
  if (address !== null && c.req.method !== "OPTIONS") {
    const rejection = await refuseMethod(door, address.slug, () => webhookOf(c, door, address.key));
    if (rejection === "body_too_large") return tooLarge();
    if (rejection !== null) storeRejection(c, door, address.slug, rejection);
  }
  return problem("method_not_allowed", { headers: { allow: "GET, HEAD, POST" } });
}

/** `POST /in/mihu/:key`: Mihu's outcome webhooks. A webhook only names a conversation, which is then read from Mihu. */
async function receiveOutcomeWebhook(c: DoorContext, door: DoorDeps, address: DoorAddress): Promise<Response> {
  const key = (address.key ?? "").replace(/^\/+|\/+$/g, "");
  const received = await receiveOutcome(door.outcomes, {
    key,
    headers: Object.fromEntries(c.req.raw.headers),
    read: () => readWhole(c.req.raw, bodyBytesMax),
  });
  switch (received.kind) {
    case "received":
      return c.json({ conversations: received.conversations }, 202);
    case "no_line":
      return problem("not_found");
    case "body_too_large":
      return tooLarge();
    case "refused":
      door.log.warn("an outcome webhook was not verified", { line: received.line, reason: received.reason });
      return problem("not_verified");
    case "unavailable":
      if (received.error !== undefined) door.log.warn("an outcome webhook was not stored", { error: received.error });
      return problem("unavailable", { detail: "The webhook cannot be stored at the moment. Send it again." });
    case "unreadable":
      return problem("unreadable", { detail: `The webhook cannot be read: ${received.reason}.` });
  }
}

/** Sources whose budgets one isolate stores. A source that is evicted starts with a full budget. */
const budgetsMax = 1_000;

/**
 * Budget of stored bytes for bodies of rejected requests, by source and isolate. It keeps a flood from occupying an
 * inbox.
 */
const bodies = lru<WindowBudget>(budgetsMax);

function budgetFor(slug: string): WindowBudget {
  const known = bodies.get(slug);
  if (known !== undefined) return known;
  const made = windowBudget(rejectionBodiesBytesMax, rejectionBodiesWindowMs);
  bodies.set(slug, made);
  return made;
}

/** Stores a rejection after the response has been sent. */
function storeRejection(c: DoorContext, { inboxes, clock, log }: DoorDeps, slug: string, one: Rejection): void {
  const bytes = one.kept?.body?.byteLength ?? 0;
  const rejection = bytes === 0 || budgetFor(slug).take(bytes, clock.now()) ? one : withoutBody(one);
  c.executionCtx.waitUntil(
    inboxes.reject(slug, rejection).catch((error) => log.warn("rejection not stored", { source: slug, error })),
  );
}

const accepted = {
  status: 202,
  headers: { "content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff" },
};

function responseTo(result: AcceptResult): Response {
  switch (result.kind) {
    case "accepted": {
      if (result.answer !== null) {
        const { status, contentType, body } = result.answer;
        return plain(status, body, body === "" ? {} : { "content-type": contentType });
      }
      const events = result.events.map(({ id, externalId, duplicate, conflict }) => ({
        id,
        external_id: externalId,
        duplicate,
        ...(conflict ? { conflict } : {}),
      }));
      return new Response(JSON.stringify({ events }), accepted);
    }
    case "handshake":
      return plain(result.answer.status, result.answer.body, result.answer.headers);
    case "no_source":
      return problem("not_found", { detail: "There is no source of this name." });
    case "refused":
      // The source's rejections hold the reason. It is not logged.
      return problem("not_verified");
    case "unreadable":
      return problem("unreadable", { detail: result.rejection.detail });
    case "body_too_large":
      return tooLarge();
    case "too_large":
      return problem("too_large", { detail: result.rejection.detail });
    case "conflicts":
      return problem("too_many_conflicts", { detail: result.rejection.detail });
    case "unavailable":
      return problem(result.status === 429 ? "not_now" : "unavailable", {
        detail: "The event cannot be stored at the moment, and nothing was accepted. Send it again.",
        retryAfterSeconds: result.retryAfterSeconds,
      });
  }
}

/** The reply that a sender expects. It must neither be cached by proxies nor rendered as a page. */
function plain(status: number, body: string, headers: Readonly<Record<string, string>>): Response {
  return new Response(body === "" ? null : body, {
    status,
    headers: { ...headers, "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
}

function tooLarge(): Response {
  return problem("too_large", { detail: `A request may carry ${bodyBytesMax} bytes.` });
}
