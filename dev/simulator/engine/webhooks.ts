/** The outcome webhooks that are registered for each agent. */
import { randomUUID } from "node:crypto";
import { failure, inputOf, invalid, type JsonAnswer, NOT_FOUND, success } from "../http.ts";
import { laravelTime } from "../json.ts";
import { isLoopbackHost } from "../loopback.ts";

const WEBHOOK_EVENTS = [
  "conversation_status",
  "conversation_update",
  "conversation_end_report",
  "voice_evaluation",
  "text_evaluation",
  "intent_call",
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

const WEBHOOKS_PER_AGENT_MAX = 5;

export type Webhook = {
  uuid: string;
  url: string;
  events: WebhookEvent[];
  /** Write-only: no answer shows it. */
  secretKey: string | null;
  isActive: boolean;
  createdAt: number;
};

export type Registrations = {
  of: (agentId: string) => readonly Webhook[];
  /** Answers `…/agents/{agentId}/webhooks[/{uuid}]`. */
  answer: (method: string, agentId: string, uuid: string | undefined, body: unknown) => JsonAnswer;
  clear: () => void;
};

type Fields = Pick<Webhook, "url" | "events" | "secretKey" | "isActive">;

function isAllowedUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.host));
}

function readEvents(value: unknown): WebhookEvent[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const events = WEBHOOK_EVENTS.filter((event) => value.includes(event));
  return events.length === new Set(value).size ? events : undefined;
}

/** The fields of a new webhook, or of a change laid over the present ones. */
function readFields(body: unknown, present: Fields | undefined): Fields | JsonAnswer {
  const input = inputOf(body);
  const url = input.url ?? present?.url;
  const events = input.events === undefined ? present?.events : readEvents(input.events);
  const secretKey = input.secret_key === undefined ? (present?.secretKey ?? null) : input.secret_key;
  const isActive = input.is_active ?? present?.isActive ?? true;
  const errors: Record<string, string[]> = {};
  if (typeof url !== "string") errors.url = ["The url field is required."];
  else if (!isAllowedUrl(url)) errors.url = ["The url field must be a valid HTTPS URL."];
  if (events === undefined) errors.events = [`The events field must list any of ${WEBHOOK_EVENTS.join(", ")}.`];
  if (secretKey !== null && typeof secretKey !== "string")
    errors.secret_key = ["The secret key field must be a string."];
  if (typeof isActive !== "boolean") errors.is_active = ["The is active field must be true or false."];
  if (Object.keys(errors).length > 0) return invalid(errors);
  if (typeof url !== "string" || events === undefined || typeof isActive !== "boolean") return invalid(errors);
  return { url, events, secretKey: typeof secretKey === "string" ? secretKey : null, isActive };
}

function webhookView(webhook: Webhook) {
  return {
    uuid: webhook.uuid,
    url: webhook.url,
    events: webhook.events,
    is_active: webhook.isActive,
    created_at: laravelTime(webhook.createdAt),
  };
}

/** No webhooks. */
export function createRegistrations(): Registrations {
  const byAgent = new Map<string, Webhook[]>();
  const of = (agentId: string): Webhook[] => byAgent.get(agentId) ?? [];

  function create(agentId: string, body: unknown): JsonAnswer {
    const fields = readFields(body, undefined);
    if ("status" in fields) return fields;
    if (of(agentId).length >= WEBHOOKS_PER_AGENT_MAX) {
      return failure(409, `An agent has at most ${WEBHOOKS_PER_AGENT_MAX} webhooks.`, "webhook_limit_reached");
    }
    const webhook = { uuid: randomUUID(), ...fields, createdAt: Date.now() };
    byAgent.set(agentId, [...of(agentId), webhook]);
    return success(webhookView(webhook), "Webhook created", 201);
  }

  function change(webhook: Webhook, body: unknown): JsonAnswer {
    const fields = readFields(body, webhook);
    if ("status" in fields) return fields;
    Object.assign(webhook, fields);
    return success(webhookView(webhook), "Webhook updated");
  }

  function remove(agentId: string, webhook: Webhook): JsonAnswer {
    byAgent.set(
      agentId,
      of(agentId).filter((other) => other !== webhook),
    );
    return success(null, "Webhook deleted");
  }

  function answer(method: string, agentId: string, uuid: string | undefined, body: unknown): JsonAnswer {
    if (uuid === undefined) {
      if (method === "GET") return success(of(agentId).map(webhookView));
      return method === "POST" ? create(agentId, body) : NOT_FOUND;
    }
    const webhook = of(agentId).find((one) => one.uuid === uuid);
    if (webhook === undefined) return NOT_FOUND;
    if (method === "PATCH") return change(webhook, body);
    return method === "DELETE" ? remove(agentId, webhook) : NOT_FOUND;
  }

  return { of, answer, clear: () => byAgent.clear() };
}
