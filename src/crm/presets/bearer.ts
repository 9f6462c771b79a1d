import type { Preset } from "../preset/preset.ts";
import { ownKey } from "../preset/recipes.ts";
import { locationOf, secretBy, secretBySetting } from "../preset/settings.ts";

const places = ["bearer", "basic", "header", "query", "path", "body"] as const;

/** Senders that cannot sign and present a shared secret: Zapier, Make, n8n, Power Automate, curl. */
export const bearer: Preset = {
  name: "bearer",
  title: "Zapier, Make, n8n, curl (a shared secret)",
  settings: {
    location: {
      kind: "choice",
      default: "bearer",
      choices: places,
      about: "The place of the secret; path is the last part of /in/:source/:key.",
    },
    header: { kind: "header", default: "x-api-key", about: "The secret's header, where the location is header." },
    query: { kind: "name", default: "token", about: "The secret's query parameter, where the location is query." },
    body: { kind: "path", default: "token", about: "The secret's path in the body, where the location is body." },
    [secretBySetting]: secretBy,
  },
  schemes: [
    {
      name: "bearer",
      title: "A shared secret",
      recipe: (settings) => ({ family: "secret", location: locationOf(settings, places) }),
      reading: () => ({
        split: "",
        id: [{ header: "idempotency-key" }, { path: "id" }],
        type: [{ header: "x-event-type" }, { path: "type" }, { path: "event" }],
        key: ownKey,
        typeDefault: "event",
        time: [{ path: "occurred_at" }],
      }),
      tenant: null,
      // Without a signature there are no signed parts that could be replayed with other unsigned ones.
      unsignedFields: [],
      formats: ["json", "form"],
      answer: null,
    },
  ],
  retries: {
    tries: "as its user has set it up",
    notNow: 503,
    ends: [],
    source: null,
  },
  steps: [
    "Zapier: Webhooks by Zapier, Custom Request. Make: HTTP, Make a request. n8n: HTTP Request. Method POST, URL {url}",
    "Header Authorization: Bearer, a space, and the source's secret. Content type: application/json.",
    "Header Idempotency-Key: what names this one event, such as the deal's id and its stage. A second run then rings nobody twice.",
    "Body: type (what happened, as the rules name it), occurred_at (ISO 8601), and what the rules read, such as phone and order_number.",
    "If it is refused, the source's rejections say why.",
  ],
};
