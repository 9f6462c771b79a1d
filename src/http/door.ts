/**
 * `POST /in/:source` and `/in/:source/:key`: webhooks.
 *
 * | result        | response                                                           |
 * | ------------- | ------------------------------------------------------------------ |
 * | `accepted`    | 202 with the events, or the 2xx that the sender insists on          |
 * | `handshake`   | the reply that the sender expects                                  |
 * | `no_source`   | 404, never 410: some senders then forget their webhook for good     |
 * | `refused`     | 401, the same sentence for every reason; the reason is a rejection |
 * | `unreadable`  | 400                                                                |
 * | `too_large`   | 413                                                                |
 * | `unavailable` | 503 with `Retry-After`                                             |
 */
import { type Context, Hono } from "hono";
import {
  bodyBytesMax,
  headerCharactersMax,
  rejectionBodiesBytesMax,
  rejectionBodiesWindowMs,
} from "../domain/limits.ts";
import { type ReceiveOutcomePorts, receiveOutcome } from "../flows/calling/receive-outcome.ts";
import { type AcceptPorts, type AcceptResult, accept } from "../flows/ingest/accept.ts";
import { withoutBody } from "../flows/ingest/rejected-body.ts";
import { readWhole } from "../platform/body.ts";
import { type ByteBudget, byteBudget } from "../platform/byte-budget.ts";
import type { Log } from "../platform/log.ts";
import { lru } from "../platform/lru.ts";
import type { Rejection } from "../ports/ingest/rejections.ts";
import { problem } from "./problem.ts";
import { asWritten } from "./request-url.ts";
import { reservedSlugs, slugPattern } from "./slug.ts";

/** The door's dependencies. No Postgres: a webhook is verified and made durable without a connection of its own. */
export type DoorDeps = AcceptPorts & {
  outcomes: ReceiveOutcomePorts;
  log: Log;
  isAway(error: unknown): boolean;
  /** The service's address as registered with senders, who may sign it; `null` if it is not configured. */
  addressOf(request: Request): string | null;
};
type DoorEnv = { Bindings: object };
type DoorContext = Context<DoorEnv>;

/**
 * The door for webhooks: an app of its own, so that a webhook passes none of the API's middleware.
 *
 * @param wire makes the door's dependencies
 */
export function createDoor(wire: (env: unknown) => DoorDeps): Hono<DoorEnv> {
  const app = new Hono<DoorEnv>();
  app.post("/in/mihu/:key", (c) => receiveOutcomeWebhook(c, wire(c.env)));
  app.post("/in/:source", (c) => receive(c, wire(c.env)));
  app.post("/in/:source/:key", (c) => receive(c, wire(c.env)));
  app.all("/in/:source/:key?", () => problem("method_not_allowed", { headers: { allow: "POST" } }));
  app.notFound(() => problem("not_found"));
  app.onError((error, c) => {
    const { log, isAway } = wire(c.env);
    log.error("a webhook failed", { error });
    return problem(isAway(error) ? "database_unavailable" : "internal");
  });
  return app;
}

/** @returns whether a request is the door's. Runs for every request, so it does not parse the URL */
export function isForDoor({ url }: Request): boolean {
  const path = url.indexOf("/", url.indexOf("//") + 2);
  return url.startsWith("/in/", path);
}

async function receive(c: DoorContext, door: DoorDeps): Promise<Response> {
  const slug = c.req.param("source") ?? "";
  const key = c.req.param("key") ?? null;
  // A request to an object creates it, so a slug that no source can have is refused first.
  if (!slugPattern.test(slug) || reservedSlugs.has(slug)) return responseTo({ kind: "no_source" });
  const body = await readWhole(c.req.raw, bodyBytesMax);
  if (body === null) return tooLarge();
  const result = await accept(door, slug, {
    ...asWritten(c.req.raw.url, door.addressOf(c.req.raw)),
    method: c.req.method,
    key: key === null ? null : key.slice(0, headerCharactersMax),
    headers: Object.fromEntries(c.req.raw.headers),
    body,
  });
  if ("rejection" in result) storeRejection(c, door, slug, result.rejection);
  return responseTo(result);
}

/** `POST /in/mihu/:key`: Mihu's outcome webhooks. A webhook only names a conversation, which is then read from Mihu. */
async function receiveOutcomeWebhook(c: DoorContext, door: DoorDeps): Promise<Response> {
  const body = await readWhole(c.req.raw, bodyBytesMax);
  if (body === null) return tooLarge();
  const key = c.req.param("key") ?? "";
  const received = await receiveOutcome(door.outcomes, { key, headers: Object.fromEntries(c.req.raw.headers), body });
  switch (received.kind) {
    case "heard":
      return c.json({ conversations: received.conversations }, 202);
    case "no_line":
      return problem("not_found");
    case "refused":
      door.log.warn("an outcome webhook was not verified", { line: received.line, reason: received.reason });
      return problem("not_verified");
    case "unavailable":
      if (received.error !== undefined) door.log.warn("an outcome webhook was not kept", { error: received.error });
      return problem("unavailable", { detail: "The webhook cannot be kept now. Send it again." });
    case "unreadable":
      return problem("unreadable", { detail: `The webhook cannot be read: ${received.reason}.` });
  }
}

/** Byte budgets of this isolate for bodies of refused requests, by source, so that a flood does not keep an inbox busy. */
const bodies = lru<ByteBudget>(1_000);

function budgetFor(slug: string): ByteBudget {
  const known = bodies.get(slug);
  if (known !== undefined) return known;
  const made = byteBudget(rejectionBodiesBytesMax, rejectionBodiesWindowMs);
  bodies.set(slug, made);
  return made;
}

/** Stores a rejection after the response, so that it delays nobody. */
function storeRejection(c: DoorContext, { inboxes, clock, log }: DoorDeps, slug: string, one: Rejection): void {
  const bytes = one.kept?.body?.byteLength ?? 0;
  const rejection = bytes === 0 || budgetFor(slug).take(bytes, clock.now()) ? one : withoutBody(one);
  c.executionCtx.waitUntil(
    inboxes.reject(slug, rejection).catch((error) => log.warn("rejection not kept", { source: slug, error })),
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
      const events = result.events.map(({ id, externalId, duplicate }) => ({
        id,
        external_id: externalId,
        duplicate,
      }));
      return new Response(JSON.stringify({ events }), accepted);
    }
    case "handshake":
      return plain(result.answer.status, result.answer.body, result.answer.headers);
    case "no_source":
      return problem("not_found", { detail: "There is no source of this name." });
    case "refused":
      // The reason stands in the source's rejections; the log has none of it.
      return problem("not_verified");
    case "unreadable":
      return problem("unreadable", { detail: result.rejection.detail });
    case "too_large":
      return problem("too_large", { detail: result.rejection.detail });
    case "unavailable":
      return problem("unavailable", {
        detail: "The event cannot be kept now. Nothing was accepted; send it again.",
        retryAfterSeconds: result.retryAfterSeconds,
      });
  }
}

/** The reply that a sender expects. It must not be cached on the way, nor be sniffed as a page. */
function plain(status: number, body: string, headers: Readonly<Record<string, string>>): Response {
  return new Response(body === "" ? null : body, {
    status,
    headers: { ...headers, "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
}

function tooLarge(): Response {
  return problem("too_large", { detail: `A request may carry ${bodyBytesMax} bytes.` });
}
