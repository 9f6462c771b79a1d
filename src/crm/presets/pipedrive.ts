import type { EventReading, Preset, TenantReading, ValueLocation } from "../preset/preset.ts";
import type { SecretRecipe } from "../preset/recipe.ts";
import { joinedPaths, plainScheme } from "../preset/recipes.ts";
import { topicsOf } from "../preset/topics.ts";

const objects = "activity activityType deal lead note organization person pipeline product stage user";

/** Actions of webhooks v2, then of v1. */
const topics = topicsOf(".", {
  create: objects,
  change: objects,
  delete: objects,
  added: objects,
  updated: objects,
  deleted: objects,
  merged: objects,
});

const basic: SecretRecipe = { family: "secret", location: { in: "basic" } };
const tenant: TenantReading = { place: { path: "meta.company_id" }, mandatory: false, ignoreCase: false };

/** `meta.attempt` changes with each retry, so it is part of no id. */
const v2: EventReading = {
  split: "",
  id: [{ path: "meta.id" }, metaFields("webhook_id", "entity", "entity_id", "timestamp", "action")],
  type: [{ joined: [{ path: "meta.action" }, { path: "meta.entity" }], by: "." }],
  key: { of: "id", source: "https://pipedrive.readme.io/docs/guide-for-webhooks-v2" },
  typeDefault: "event",
  time: [{ path: "meta.timestamp" }],
  counters: ["meta.attempt"],
};

/** In v1, `meta.id` is the object's id, and `retry` counts retries. */
const v1: EventReading = {
  split: "",
  id: [
    metaFields("webhook_id", "object", "id", "timestamp_micro", "action"),
    metaFields("webhook_id", "object", "id", "timestamp", "action"),
    metaFields("object", "id", "timestamp", "action"),
  ],
  type: [{ path: "event" }, { joined: [{ path: "meta.action" }, { path: "meta.object" }], by: "." }],
  key: { of: "id", source: "https://pipedrive.readme.io/docs/guide-for-webhooks" },
  typeDefault: "event",
  time: [{ path: "meta.timestamp" }],
  counters: ["retry"],
};

/**
 * Pipedrive: no signature, only the user and password that were set with the webhook. A first failed delivery already
 * counts towards a ban.
 *
 * @see https://pipedrive.readme.io/docs/guide-for-webhooks-v2
 */
export const pipedrive: Preset = {
  name: "pipedrive",
  title: "Pipedrive",
  settings: {},
  schemes: [
    { ...plainScheme, name: "pipedrive-v2", title: "Webhooks v2", recipe: () => basic, reading: () => v2, tenant },
    { ...plainScheme, name: "pipedrive-v1", title: "Webhooks v1", recipe: () => basic, reading: () => v1, tenant },
  ],
  topics,
  retries: {
    tries: "three times within minutes; ten failed first tries ban the address for 30 minutes",
    notNow: 503,
    ends: [],
    source: "https://pipedrive.readme.io/docs/guide-for-webhooks-v2",
  },
  steps: [
    "In Pipedrive: Settings, Tools and apps, Webhooks, Create new webhook.",
    "Event action change, event object deal. Endpoint URL: {url}",
    "Enter a user and a password under HTTP Auth. Give the source the secret user:password, or the password alone to accept any user.",
    "Its types are action and object: change.deal, create.person (v2); updated.deal, added.person (v1, settings.scheme pipedrive-v1).",
  ],
};

function metaFields(...fields: readonly string[]): ValueLocation {
  return joinedPaths(...fields.map((field) => `meta.${field}`));
}
