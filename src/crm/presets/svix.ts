import type { Preset } from "../preset/preset.ts";
import { asymmetric, symmetric } from "./standard-webhooks.ts";

/**
 * Senders that deliver through Svix: Standard Webhooks under other header names.
 *
 * @see https://docs.svix.com/receiving/verifying-payloads/how-manual
 */
export const svix: Preset = {
  name: "svix",
  title: "Svix (Clerk, Resend and others)",
  settings: {
    prefix: {
      kind: "header",
      default: "svix",
      about: "The beginning of the sender's headers: svix, or its own word such as x-acme.",
    },
  },
  schemes: [
    { ...symmetric, name: "svix-v1", title: "HMAC (whsec_…)" },
    { ...asymmetric, name: "svix-v1a", title: "Ed25519 (whpk_…)" },
  ],
  retries: {
    tries: "seven times in about 27 hours",
    notNow: 503,
    ends: [410],
    source: "https://docs.svix.com/retries",
  },
  steps: [
    "In the sender's webhook portal: Endpoints, Add Endpoint.",
    "Endpoint URL: {url}",
    "Choose the events, then Create. Put the Signing Secret (whsec_…) into the source's secrets, as it is shown.",
    "Testing, Send Example sends a right one.",
  ],
};
