import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/**
 * Jira and Bitbucket Cloud.
 *
 * @see https://developer.atlassian.com/cloud/jira/platform/webhooks/
 */
export const atlassian: Preset = {
  name: "atlassian",
  title: "Atlassian (Jira, Bitbucket)",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "websub-sha256",
      title: "X-Hub-Signature, sha256=",
      recipe: () => bodyHmac("x-hub-signature", { prefix: "sha256=" }),
      reading: () => ({
        split: "",
        id: [{ header: "x-atlassian-webhook-identifier" }, { header: "x-request-uuid" }],
        // The event type: Jira sends it in the body, Bitbucket in a header.
        type: [{ path: "webhookEvent" }, { header: "x-event-key" }],
        key: { of: "id", source: "https://developer.atlassian.com/cloud/jira/platform/webhooks/" },
        typeDefault: "event",
        time: [{ path: "timestamp" }],
      }),
      unsignedFields: ["id", "type"],
    },
  ],
  retries: {
    tries: "up to five times, after 408, 409, 425, 429 and 5xx",
    notNow: 503,
    ends: [],
    source: "https://developer.atlassian.com/cloud/jira/platform/webhooks/",
  },
  steps: [
    "In Jira: Settings, System, WebHooks, Create. In Bitbucket: Repository settings, Webhooks, Add webhook.",
    "URL: {url}",
    "Secret: the source's secret. Choose the events.",
  ],
};
