import type { EventReading, Preset } from "../preset/preset.ts";
import type { HmacRecipe } from "../preset/recipe.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

const recipe: HmacRecipe = bodyHmac("x-twilio-signature", {
  algorithm: "sha1",
  digest: "base64",
  template: "{url}",
  // Some Twilio products sign the URL with its default port.
  url: { ports: true },
});

const reading: EventReading = {
  split: "",
  // A message or call is reported once per status, so the status is part of the id.
  id: [
    { header: "i-twilio-idempotency-token" },
    { joined: [{ path: "MessageSid" }, { path: "MessageStatus" }], by: "/" },
    { joined: [{ path: "CallSid" }, { path: "CallStatus" }], by: "/" },
    { path: "MessageSid" },
    { path: "CallSid" },
    { path: "Sid" },
  ],
  type: [{ path: "MessageStatus" }, { path: "CallStatus" }, { path: "EventType" }, { path: "SmsStatus" }],
  key: {
    of: "id_type",
    headerAlone: true,
    source: "https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides",
  },
  typeDefault: "event",
  time: [{ path: "Timestamp" }],
};

/** @see https://www.twilio.com/docs/usage/webhooks/webhooks-security */
export const twilio: Preset = {
  name: "twilio",
  title: "Twilio",
  settings: {
    url: { kind: "url", default: "", about: "The address as registered with Twilio, where it is not Hookline's own." },
  },
  schemes: [
    {
      ...plainScheme,
      name: "twilio-form-hmac-sha1",
      title: "X-Twilio-Signature over a form",
      secretBy: "sender",
      recipe: () => ({ ...recipe, template: "{url}{form}" }),
      reading: () => reading,
      tenant: { place: { path: "AccountSid" }, mandatory: false, ignoreCase: false },
      unsignedFields: ["id"],
      formats: ["form"],
    },
    {
      ...plainScheme,
      name: "twilio-json-bodySHA256",
      title: "X-Twilio-Signature over the URL, with bodySHA256",
      secretBy: "sender",
      recipe: () => ({ ...recipe, bodyDigest: { parameter: "bodySHA256", algorithm: "sha256", encoding: "hex" } }),
      reading: () => reading,
      tenant: { place: { path: "AccountSid" }, mandatory: false, ignoreCase: false },
      unsignedFields: ["id"],
    },
  ],
  retries: {
    tries: "once, if the connection fails",
    notNow: 503,
    ends: [],
    source: "https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides",
  },
  steps: [
    "In the Twilio Console: the number's or service's configuration, the webhook's URL, method POST.",
    "URL, exactly: {url}",
    "The source's secret is the account's auth token.",
  ],
};
