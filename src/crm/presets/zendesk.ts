import type { PresetApi } from "../../domain/fetch/sender-api.ts";
import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/**
 * Fetches a ticket and its requester. The credential is an agent's address with an API token: `agent@acme.com/token:…`.
 *
 * @see https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#show-ticket
 * @see https://developer.zendesk.com/api-reference/ticketing/users/users/#show-user
 */
const api: PresetApi = {
  baseUrl: "https://{subdomain}.zendesk.com",
  hosts: [".zendesk.com"],
  auth: { as: "basic" },
  gets: {
    // In an event about a user, `detail.id` is the user's id, so it is used only for ticket events.
    ticket: {
      path: '/api/v2/tickets/{% if data.ticket_id %}{{ data.ticket_id }}{% elsif event.type contains "ticket." %}{{ data.detail.id }}{% else %}{{ nil }}{% endif %}.json',
      pick: "ticket",
    },
    user: {
      path: "/api/v2/users/{{ record.ticket.requester_id | default: data.detail.requester_id | default: data.requester_id }}.json",
      pick: "user",
    },
  },
};

/**
 * Zendesk: event subscriptions, in an envelope of Zendesk's, and triggers and automations, with a body that an
 * administrator wrote. Each webhook has its own secret. The secret looks like base64, but the key is its text.
 *
 * @see https://developer.zendesk.com/documentation/webhooks/verifying/
 * @see https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
 */
export const zendesk: Preset = {
  name: "zendesk",
  title: "Zendesk",
  settings: {
    subdomain: {
      kind: "name",
      default: "",
      about:
        "The account's name in its address (acme for acme.zendesk.com): where a ticket and its requester are fetched from.",
    },
  },
  schemes: [
    {
      ...plainScheme,
      name: "zendesk-hmac-sha256",
      title: "X-Zendesk-Webhook-Signature",
      secretBy: "sender",
      recipe: () =>
        bodyHmac("x-zendesk-webhook-signature", {
          digest: "base64",
          template: "{timestamp}{body}",
          timestamp: {
            from: { header: "x-zendesk-webhook-signature-timestamp" },
            format: ["iso", "s"],
            toleranceSeconds: 300,
          },
        }),
      reading: () => ({
        split: "",
        // An `id` in a trigger's body may be the ticket's. The envelope is recognized by its version field.
        id: [
          { joined: [{ path: "zendesk_event_version" }, { path: "id" }], by: "/" },
          { header: "x-zendesk-webhook-invocation-id" },
        ],
        type: [{ path: "type" }],
        key: { of: "id", source: "https://developer.zendesk.com/documentation/webhooks/verifying/" },
        typeDefault: "trigger",
        // The signed timestamp limits a replay to five minutes. After an hour, a trigger with the same text is a new
        // event.
        replayMs: 3_600_000,
        time: [{ path: "time" }, { path: "updated_at" }, { header: "x-zendesk-webhook-signature-timestamp" }],
      }),
      tenant: { place: { header: "x-zendesk-account-id" }, mandatory: false, ignoreCase: false },
      unsignedFields: ["id", "tenant"],
    },
  ],
  api,
  retries: {
    tries: "after 409, 429, 503 and timeouts; many errors open a circuit breaker",
    notNow: 503,
    ends: [],
    source: "https://developer.zendesk.com/api-reference/webhooks/introduction",
  },
  steps: [
    "In the Admin Center: Apps and integrations, Webhooks, Create webhook.",
    "Zendesk events: choose Ticket status changed. Or Trigger or automation. Endpoint URL: {url}. Method POST, format JSON, no authentication.",
    "After you create the webhook, choose Reveal secret, under Signing secret. The editor's test request is signed with a publicly known key and is refused.",
    'A trigger (Objects and rules, Triggers) notifies the webhook with a JSON body such as {"type": "ticket.escalated", "ticket_id": "{{ticket.id}}", "updated_at": "{{ticket.updated_at_with_timestamp}}", "name": "{{ticket.requester.name}}", "phone": "{{ticket.requester.phone}}", "order": "{{ticket.ticket_field_123}}"}.',
  ],
};
