import type { Preset } from "../preset/preset.ts";
import { plainScheme } from "../preset/recipes.ts";

/** @see https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features */
export const sendgrid: Preset = {
  name: "sendgrid",
  title: "SendGrid (event webhook)",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "sendgrid-ecdsa-p256",
      title: "X-Twilio-Email-Event-Webhook-Signature",
      recipe: () => ({
        family: "asymmetric",
        algorithm: "ecdsa-p256-sha256",
        key: "spki",
        digest: "base64",
        template: "{timestamp}{body}",
        header: "x-twilio-email-event-webhook-signature",
        timestamp: {
          from: { header: "x-twilio-email-event-webhook-timestamp" },
          format: "s",
          toleranceSeconds: 300,
        },
      }),
      reading: () => ({
        split: ".",
        id: [{ path: "sg_event_id" }],
        type: [{ path: "event" }],
        key: { of: "id", source: "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event" },
        typeDefault: "event",
        time: [{ path: "timestamp" }],
      }),
    },
  ],
  retries: {
    tries: "for up to 24 hours",
    notNow: 503,
    ends: [],
    source: "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook",
  },
  steps: [
    "In SendGrid: Settings, Mail Settings, Event Webhooks, Create new webhook.",
    "Post URL: {url}",
    "Switch on Signed Event Webhook, and put its verification (public) key into the source's secrets.",
  ],
};
