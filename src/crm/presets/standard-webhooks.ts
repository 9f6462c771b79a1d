import type { FullSettings, Preset, Scheme } from "../preset/preset.ts";
import { plainScheme, standardEvent, standardWebhook } from "../preset/recipes.ts";
import { settingOf } from "../preset/settings.ts";

const prefixOf = (settings: FullSettings): string => settingOf(settings, "prefix");

/** HMAC with a shared secret, written as `whsec_` and base64. */
export const symmetric = {
  ...plainScheme,
  secretBy: "sender",
  recipe: (settings) => ({
    ...standardWebhook(prefixOf(settings), "v1"),
    family: "hmac",
    algorithm: "sha256",
    key: "whsec",
  }),
  reading: (settings) => standardEvent(prefixOf(settings)),
} as const satisfies Omit<Scheme, "name" | "title">;

/** Ed25519: the source's secret is the sender's public key, written as `whpk_` and base64. */
export const asymmetric = {
  ...plainScheme,
  recipe: (settings) => ({
    ...standardWebhook(prefixOf(settings), "v1a"),
    family: "asymmetric",
    algorithm: "ed25519",
    key: "whpk",
  }),
  reading: (settings) => standardEvent(prefixOf(settings)),
} as const satisfies Omit<Scheme, "name" | "title">;

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const standardWebhooks: Preset = {
  name: "standard-webhooks",
  title: "Standard Webhooks",
  settings: {
    prefix: {
      kind: "header",
      default: "webhook",
      about: "The beginning of the sender's headers: webhook, or its own word such as x-acme.",
    },
  },
  schemes: [
    { ...symmetric, name: "standard-webhooks-v1", title: "HMAC (whsec_…)" },
    { ...asymmetric, name: "standard-webhooks-v1a", title: "Ed25519 (whpk_…)" },
  ],
  retries: {
    tries: "for days, with growing pauses",
    notNow: 503,
    ends: [410],
    source: "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
  },
  steps: [
    "In the sender's settings for webhooks, add an endpoint: {url}",
    "Put its signing secret (whsec_…) into the source's secrets, as it is shown.",
    "If the sender signs with a key pair, choose the scheme standard-webhooks-v1a and store its public key (whpk_…) instead.",
    "If its headers begin with another word than webhook-, set `prefix` to that word.",
  ],
};
