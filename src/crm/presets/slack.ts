import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/**
 * Slack: events as JSON, commands as a form. An app's secret signs for every workspace that installed it.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 * @see https://docs.slack.dev/interactivity/handling-user-interaction
 */
export const slack: Preset = {
  name: "slack",
  title: "Slack",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "slack-v0",
      title: "X-Slack-Signature, v0",
      secretBy: "sender",
      recipe: () =>
        bodyHmac("x-slack-signature", {
          template: "v0:{timestamp}:{body}",
          prefix: "v0=",
          timestamp: { from: { header: "x-slack-request-timestamp" }, format: "s", toleranceSeconds: 300 },
        }),
      reading: () => ({
        split: "",
        // Interactions with buttons and modals arrive as JSON in the form field `payload`.
        id: [{ path: "event_id" }, { path: "trigger_id" }, { path: "payload.trigger_id" }],
        type: [{ path: "event.type" }, { path: "command" }, { path: "type" }, { path: "payload.type" }],
        key: { of: "id", source: "https://docs.slack.dev/apis/events-api/" },
        typeDefault: "event",
        time: [{ path: "event_time" }],
      }),
      tenant: { place: { path: ["team_id", "payload.team.id"] }, mandatory: true, ignoreCase: false },
      formats: ["json", "form"],
      handshakes: [
        { kind: "echo_field", field: "challenge", when: { path: "type", equals: "url_verification" }, signed: true },
      ],
      // Slack's deprecated verification token is part of every request.
      credentials: ["token"],
    },
  ],
  retries: {
    tries: "three times: at once, after 1 minute and after 5 minutes",
    notNow: 503,
    ends: [],
    source: "https://docs.slack.dev/apis/events-api/",
  },
  steps: [
    "At api.slack.com/apps: your app, Event Subscriptions, Enable Events.",
    "Request URL: {url} (the signing secret has to be in the source's secrets before, or Slack's challenge is refused)",
    "The signing secret stands under Basic Information. Name the workspace's team id (T…) as tenant.",
  ],
};
