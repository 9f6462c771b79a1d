/** Requests by hand, and the clock, for the tests of `src/crm/`. */

import type { Preset } from "../../src/crm/preset/preset.ts";
import { findPreset } from "../../src/crm/presets/index.ts";
import type { WebhookRequest } from "../../src/domain/events/webhook.ts";

/** The clock of every test that does not say otherwise: 2026-11-02T15:04:10Z. */
export const nowMs = 1_793_631_850_000;

/** A request as the door makes it. */
export function makeRequest(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  more: Partial<WebhookRequest> = {},
): WebhookRequest {
  return {
    method: "POST",
    url: null,
    key: null,
    // As the Worker makes them: names in lower case, values joined.
    headers: Object.fromEntries(new Headers(headers)),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    ...more,
  };
}

/** A preset of the registry. Throws when there is none of this name. */
export function presetNamed(name: string): Preset {
  const preset = findPreset(name);
  if (preset === null) throw new Error(`no preset ${name}`);
  return preset;
}
