import type { EventReading, Handshake, Preset } from "../preset/preset.ts";
import { plainScheme } from "../preset/recipes.ts";

const reading: EventReading = {
  split: "",
  id: [{ path: "event.triggerUuid" }, { path: "runtimeMetadata.triggerUuid" }],
  type: [{ path: "event.type" }],
  key: { of: "id", source: "https://developer.monday.com/api-reference/reference/webhooks" },
  typeDefault: "event",
  time: [{ path: "event.triggerTime" }],
};

/** Sent when a webhook is created, unsigned. */
const challenge: Handshake = { kind: "echo_field", field: "challenge", signed: false };

/**
 * monday.com: a token proves the sender, the URL and the time, but does not cover the body. A holder of a token can
 * send any event for five minutes, as with a shared secret.
 *
 * @see https://developer.monday.com/apps/docs/authorization-header
 */
export const monday: Preset = {
  name: "monday",
  title: "monday.com",
  settings: {
    url: {
      kind: "url",
      default: "",
      about: "The address as registered with monday.com, where it is not Hookline's own.",
    },
  },
  schemes: [
    {
      ...plainScheme,
      name: "monday-jwt",
      title: "A token in Authorization (webhooks of an app)",
      secretBy: "sender",
      recipe: () => ({
        family: "jwt",
        header: "authorization",
        scheme: null,
        algorithm: "HS256",
        audience: { url: true },
        expiryRequired: true,
        toleranceSeconds: 30,
      }),
      reading: () => reading,
      handshakes: [challenge],
    },
    {
      ...plainScheme,
      name: "monday-path",
      title: "A secret in the address (personal tokens, no-code)",
      recipe: () => ({ family: "secret", location: { in: "path" } }),
      reading: () => reading,
      handshakes: [challenge],
    },
  ],
  retries: {
    tries: "is not documented",
    notNow: 503,
    ends: [],
    source: "https://developer.monday.com/api-reference/reference/webhooks",
  },
  steps: [
    "For an app: Developers, your app, Basic information. Its Signing secret is the source's secret.",
    "Make the webhook with the app's token: create_webhook, or the app's own integration, with the URL {url}",
    "Without an app (Integrate, Webhooks, or a personal token) monday.com sends no token: choose the scheme monday-path, and take the address that stands here then.",
  ],
};
