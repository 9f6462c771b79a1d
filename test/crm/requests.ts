/** Requests by hand, and the clock, for the tests of `src/crm/`. */

import type { Preset } from "../../src/crm/preset/preset.ts";
import { findPreset } from "../../src/crm/presets/index.ts";
import type { WebhookRequest } from "../../src/domain/events/webhook.ts";

/** Default time of the tests: 2026-11-02T15:04:10Z. */
export const nowMs = 1_793_631_850_000;

/** A request in the form of a received webhook. */
export function makeRequest(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  more: Partial<WebhookRequest> = {},
): WebhookRequest {
  return {
    method: "POST",
    url: null,
    key: null,
    // As in the Worker: names in lower case, repeated values joined.
    headers: Object.fromEntries(new Headers(headers)),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    ...more,
  };
}

/** @returns A preset of the registry. Throws if there is none of this name. */
export function presetNamed(name: string): Preset {
  const preset = findPreset(name);
  if (preset === null) throw new Error(`no preset ${name}`);
  return preset;
}
