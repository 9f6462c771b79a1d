import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/**
 * Front: webhooks of apps and of rules use the same header name but different signatures.
 *
 * @see https://dev.frontapp.com/docs/application-webhooks
 * @see https://dev.frontapp.com/docs/rule-webhooks
 */
export const front: Preset = {
  name: "front",
  title: "Front",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "front-app-sha256",
      title: "X-Front-Signature of an app",
      secretBy: "sender",
      recipe: () =>
        bodyHmac("x-front-signature", {
          digest: "base64",
          template: "{timestamp}:{body}",
          timestamp: {
            from: { header: "x-front-request-timestamp" },
            format: "s-or-ms",
            toleranceSeconds: 300,
          },
        }),
      reading: () => ({
        split: "",
        id: [{ path: "payload.id" }],
        type: [{ path: "type" }],
        key: { of: "id", source: "https://dev.frontapp.com/docs/application-webhooks" },
        typeDefault: "event",
        time: [{ path: "payload.emitted_at" }],
      }),
      // An app's key signs for every company that installed it.
      tenant: { place: { path: "authorization.id" }, mandatory: true, ignoreCase: false },
      handshakes: [{ kind: "header_to_body", header: "x-front-challenge", signed: true }],
    },
    {
      ...plainScheme,
      name: "front-rule-sha1",
      title: "X-Front-Signature of a rule",
      secretBy: "sender",
      recipe: () => bodyHmac("x-front-signature", { algorithm: "sha1", digest: "base64" }),
      reading: () => ({
        split: "",
        id: [{ path: "id" }],
        type: [{ path: "type" }],
        key: { of: "id", source: "https://dev.frontapp.com/docs/rule-webhooks" },
        typeDefault: "event",
        time: [{ path: "emitted_at" }],
      }),
    },
  ],
  retries: {
    tries: "is not documented",
    notNow: 503,
    ends: [],
    source: "https://dev.frontapp.com/docs/application-webhooks",
  },
  steps: [
    "For an app: Settings, Developers, your app. Its signing key is the source's secret: save it here first.",
    "Name the company (cmp_…, as GET /me says) as tenant. Then the feature Webhooks, URL {url}, and Save: Front sends a challenge.",
    "For a rule: scheme front-rule-sha1; the source's secret is the API secret of Settings, Developers.",
    "Then Settings, Rules, the action Send to a webhook: {url}. Front does not try a rule's webhook again.",
  ],
};
