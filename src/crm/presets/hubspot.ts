import type { PresetApi } from "../../domain/fetch/sender-api.ts";
import type { EventReading, Preset, Scheme, TenantReading } from "../preset/preset.ts";
import type { HashRecipe, HmacRecipe } from "../preset/recipe.ts";
import { joinedPaths, ownKey, plainScheme } from "../preset/recipes.ts";

/** The v3 signature covers the URL as registered, with twelve escapes decoded, and a timestamp in milliseconds. */
const v3: HmacRecipe = {
  family: "hmac",
  algorithm: "sha256",
  key: "utf8",
  digest: "base64",
  template: "{method}{url}{body}{timestamp}",
  header: "x-hubspot-signature-v3",
  timestamp: { from: { header: "x-hubspot-request-timestamp" }, format: "ms", toleranceSeconds: 300 },
  url: { decode: "hubspot" },
};

/** v1 and v2 are plain hashes of a text that begins with the secret. They cover no timestamp. */
const v2: HashRecipe = {
  family: "hash",
  algorithm: "sha256",
  digest: "hex",
  template: "{secret}{method}{url}{body}",
  header: "x-hubspot-signature",
};
const v1: HashRecipe = { ...v2, template: "{secret}{body}" };

/**
 * Subscriptions send up to a hundred events at once, with ids only. `eventId` alone is not unique. `attemptNumber`
 * counts retries.
 */
const batch: EventReading = {
  split: ".",
  id: [
    joinedPaths("subscriptionId", "eventId", "objectId", "occurredAt"),
    joinedPaths("subscriptionId", "eventId", "fromObjectId", "toObjectId", "occurredAt"),
    joinedPaths("subscriptionId", "eventId", "primaryObjectId", "occurredAt"),
    joinedPaths("subscriptionId", "eventId", "occurredAt"),
  ],
  type: [{ path: "subscriptionType" }],
  key: { of: "id", source: "https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide" },
  typeDefault: "event",
  time: [{ path: "occurredAt" }],
  counters: ["attemptNumber"],
};

/**
 * A workflow sends one record, or the properties that its author chose, without an event id. It retries for three days.
 */
const action: EventReading = {
  split: "",
  id: [
    { path: "event_id" },
    { joined: [{ path: "event" }, { path: "hs_object_id" }, { path: "hs_lastmodifieddate" }], by: "/" },
  ],
  type: [{ path: "event" }, { path: "objectType" }],
  key: ownKey,
  typeDefault: "workflow",
  time: [
    { path: "hs_lastmodifieddate" },
    { path: "properties.hs_lastmodifieddate.value" },
    { path: "properties.lastmodifieddate.value" },
  ],
  sameBodyMs: 86_400_000,
};

/**
 * An app's secret signs for every account that installed it, so the account is mandatory. For subscriptions it is a
 * signed field. A workflow's author could write any account into the body; there the signed URL, which other accounts
 * do not know, protects the source.
 */
const inEach: TenantReading = { place: { path: "*.portalId" }, mandatory: true, ignoreCase: false };
const inRecord: TenantReading = { place: { path: ["portalId", "portal-id"] }, mandatory: true, ignoreCase: false };

const subscriptions = {
  ...plainScheme,
  secretBy: "sender",
  reading: () => batch,
  tenant: inEach,
} satisfies Partial<Scheme>;
const workflows = {
  ...plainScheme,
  secretBy: "sender",
  reading: () => action,
  tenant: inRecord,
} satisfies Partial<Scheme>;

/**
 * Objects of different types may share an id. The condition makes sure that a ticket's id is fetched as a ticket only.
 */
const objectOf = (word: string, typeId: string) =>
  `event.type contains "${word}." or event.type == "${word.toUpperCase()}" or data.objectTypeId == "${typeId}"`;

/**
 * Fetches tickets and deals with their contacts. For other properties a source sets a path of its own (`api.get`).
 *
 * @see https://developers.hubspot.com/docs/api-reference/crm-tickets-v3/guide
 */
const api: PresetApi = {
  baseUrl: "https://api.hubapi.com",
  hosts: ["api.hubapi.com"],
  auth: { as: "bearer" },
  gets: {
    ticket: {
      path: `/crm/v3/objects/tickets/{% if ${objectOf("ticket", "0-5")} %}{{ data.objectId }}{% else %}{{ nil }}{% endif %}?associations=contacts&properties=subject,content,hs_pipeline,hs_pipeline_stage,hs_ticket_priority,hs_ticket_category,hubspot_owner_id,createdate`,
      pick: "",
    },
    deal: {
      path: `/crm/v3/objects/deals/{% if ${objectOf("deal", "0-3")} %}{{ data.objectId }}{% else %}{{ nil }}{% endif %}?associations=contacts&properties=dealname,amount,deal_currency_code,dealstage,pipeline,closedate,description,hubspot_owner_id`,
      pick: "",
    },
    contact: {
      path: `/crm/v3/objects/contacts/{% if record.ticket %}{{ record.ticket.associations.contacts.results[0].id }}{% elsif record.deal %}{{ record.deal.associations.contacts.results[0].id }}{% elsif ${objectOf("contact", "0-1")} %}{{ data.objectId }}{% else %}{{ nil }}{% endif %}?properties=firstname,lastname,email,phone,mobilephone,company,city,state,country,hs_timezone,hs_language`,
      pick: "",
    },
  },
};

/**
 * HubSpot: webhook subscriptions of an app, and the action "Send a webhook" of workflows. Requests carry a v3 signature
 * beside an older one. The source's settings choose which one is verified.
 *
 * @see https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 * @see https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
 */
export const hubspot: Preset = {
  name: "hubspot",
  title: "HubSpot",
  settings: {
    url: {
      kind: "url",
      default: "",
      about: "The target URL as HubSpot has it, where it is not Hookline's own address.",
    },
  },
  schemes: [
    { ...subscriptions, name: "hubspot-v3", title: "X-HubSpot-Signature-v3", recipe: () => v3 },
    { ...subscriptions, name: "hubspot-v2", title: "X-HubSpot-Signature, version v2", recipe: () => v2 },
    { ...subscriptions, name: "hubspot-v1", title: "X-HubSpot-Signature, version v1", recipe: () => v1 },
    { ...workflows, name: "hubspot-workflow-v3", title: "A workflow's webhook, signature v3", recipe: () => v3 },
    { ...workflows, name: "hubspot-workflow-v2", title: "A workflow's webhook, signature v2", recipe: () => v2 },
  ],
  api,
  retries: {
    tries: "up to ten times in 24 hours, a workflow for three days; after 4xx not",
    notNow: 503,
    ends: [],
    source: "https://legacydocs.hubspot.com/docs/methods/workflows/webhook_information",
  },
  steps: [
    "In the app's settings: Webhooks. Target URL: {url} (without a query of its own).",
    "Create subscription: object Ticket, event Property changed, property hs_pipeline_stage. Activate it.",
    "The secret is the app's client secret (Auth). Name the account's Hub ID as tenant.",
    "For a workflow instead: settings.scheme hubspot-workflow-v3; in the workflow, Send a webhook, POST, {url}, Include request signature in header, the app's id.",
    "Webhook body of a workflow: all properties; or your own, which then has to hold portalId (the Hub ID), event, hs_object_id and hs_lastmodifieddate.",
    "Anybody's workflow may name your app: give a workflow's address a query that nobody guesses ({url}?k=…), and say it as settings.url.",
  ],
};
