/** Webhooks registered for an agent: `/agents/{uuid}/webhooks`. No request is retried. */
import type { JsonValue } from "../domain/json.ts";
import { type HttpAnswer, request } from "../platform/http-client.ts";
import { scrubText } from "../platform/log.ts";
import type { AgentWebhook, AgentWebhooks, WantedWebhook, WebhookRefusal } from "../ports/calling/agent-webhooks.ts";
import { apiBaseUrl } from "./base-url.ts";
import { bodyOf } from "./lists.ts";
import { cutText, dataOf, idOf, objectIn, objectOf, pathIdOf, requestHeaders } from "./wire.ts";

const timeoutMs = 10_000;
const detailCharactersMax = 200;

/** @throws Error if the base URL cannot be requested. */
export function mihuAgentWebhooks(settings: { readonly baseUrl: string; readonly token: string }): AgentWebhooks {
  const base = apiBaseUrl(settings.baseUrl);
  const headers = { ...requestHeaders(settings.token), "content-type": "application/json" };
  const ask = (method: "GET" | "POST" | "PATCH", path: string, body?: object): Promise<HttpAnswer> =>
    request({
      method,
      url: `${base}${path}`,
      headers,
      timeoutMs,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  return {
    async list(agent) {
      if (pathIdOf(agent) === null) return noSuchAgent;
      const answer = await ask("GET", `/agents/${agent}/webhooks`);
      const webhooks = webhooksIn(answer);
      return webhooks === null ? refusalOf(answer) : { ok: true, webhooks };
    },
    async create(agent, wanted) {
      if (pathIdOf(agent) === null) return noSuchAgent;
      return doneOf(await ask("POST", `/agents/${agent}/webhooks`, bodyFor(wanted)));
    },
    async change(agent, uuid, wanted) {
      if (pathIdOf(agent) === null || pathIdOf(uuid) === null) return noSuchAgent;
      return doneOf(await ask("PATCH", `/agents/${agent}/webhooks/${uuid}`, bodyFor(wanted)));
    },
  };
}

const noSuchAgent: WebhookRefusal = { ok: false, reason: "agent_missing", detail: "" };

function bodyFor({ url, events, secret }: WantedWebhook) {
  return { url, events, is_active: true, ...(secret === undefined ? {} : { secret_key: secret }) };
}

/**
 * @returns The list, in either envelope or bare; null if it cannot be read completely. A webhook that was missed would
 *   be created again.
 */
function webhooksIn(answer: HttpAnswer): AgentWebhook[] | null {
  const body = bodyOf(answer);
  if (body === null) return null;
  const data = dataOf(body);
  const items = [body.data, data.data, data.items, data.webhooks].find((one) => Array.isArray(one));
  return Array.isArray(items) ? items.map(webhookOf).filter((one) => one !== null) : null;
}

function webhookOf(item: JsonValue): AgentWebhook | null {
  const webhook = objectOf(item);
  const uuid = pathIdOf(webhook?.uuid) ?? idOf(webhook?.id);
  if (webhook === null || uuid === null) return null;
  const events = Array.isArray(webhook.events) ? webhook.events.filter((event) => typeof event === "string") : [];
  return { uuid, url: typeof webhook.url === "string" ? webhook.url : "", events, active: webhook.is_active !== false };
}

function doneOf(answer: HttpAnswer): { ok: true } | WebhookRefusal {
  return bodyOf(answer) === null ? refusalOf(answer) : { ok: true };
}

/** Maps a failure. After a 5xx, an unreadable response or none, the change may have been made. */
function refusalOf(answer: HttpAnswer): WebhookRefusal {
  if (answer.kind !== "answer") return { ok: false, reason: "unknown", detail: "Mihu did not answer" };
  const { status } = answer;
  const body = objectIn(answer.text);
  const code = idOf(objectOf(body?.data)?.error);
  const said = typeof body?.message === "string" ? cutText(scrubText(body.message), detailCharactersMax) : "";
  const detail = `Mihu answered ${status}${said === "" ? "" : `: ${said}`}`;
  if (status === 401 || status === 403) return { ok: false, reason: "unauthenticated", detail };
  if (status === 404) return { ok: false, reason: "agent_missing", detail };
  if (status === 409 && (code === null || code === "webhook_limit_reached"))
    return { ok: false, reason: "limit_reached", detail };
  return { ok: false, reason: status >= 400 && status < 500 ? "refused" : "unknown", detail };
}
