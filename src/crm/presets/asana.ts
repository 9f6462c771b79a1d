import type { Preset, ValueLocation } from "../preset/preset.ts";
import { bodyHmac, joinedPaths, plainScheme } from "../preset/recipes.ts";

/** Events have no id. The changed object, time, action and new value identify one. */
const changeId = (...more: readonly string[]): ValueLocation =>
  joinedPaths("created_at", "resource.gid", "action", ...more);

/**
 * Asana: events with ids only. An empty list is a heartbeat. Each webhook needs a separate address, because a request
 * does not name its webhook.
 *
 * @see https://developers.asana.com/docs/webhooks-guide
 */
export const asana: Preset = {
  name: "asana",
  title: "Asana",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "asana-sha256",
      title: "X-Hook-Signature",
      secretBy: "sender",
      recipe: () => bodyHmac("x-hook-signature"),
      reading: () => ({
        split: "events",
        id: [
          changeId("change.field", "change.added_value.gid"),
          changeId("change.field", "change.removed_value.gid"),
          changeId("change.field", "change.new_value.gid"),
          changeId("change.field"),
          changeId("parent.gid"),
          changeId(),
        ],
        type: [{ joined: [{ path: "resource.resource_type" }, { path: "action" }], by: "." }],
        key: { of: "id", source: "https://developers.asana.com/docs/webhooks-guide" },
        typeDefault: "event",
        time: [{ path: "created_at" }],
        sameBodyMs: 43_200_000,
      }),
      handshakes: [{ kind: "captured_header", header: "x-hook-secret" }],
    },
  ],
  retries: {
    tries: "for up to 24 hours, then the webhook is deleted",
    notNow: 503,
    ends: [],
    source: "https://developers.asana.com/docs/webhooks-guide",
  },
  steps: [
    "Leave the source without a secret: Asana sends it.",
    "POST https://app.asana.com/api/1.0/webhooks with the resource (a project's gid) and target {url}",
    "Give it filters, such as task and changed with the field assignee. Asana hands the secret over while it waits for the answer.",
  ],
};
