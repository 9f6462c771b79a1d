/** Requests by hand, for tests of one preset. */
import { findPreset } from "../../src/crm/presets/index.ts";
import type { Preset, WebhookRequest } from "../../src/domain/events/webhook.ts";

/** The clock of every test that does not say otherwise: 2026-11-02T15:04:10Z. */
export const nowMs = 1_793_631_850_000;

export function makeRequest(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  key: string | null = null,
): WebhookRequest {
  return {
    method: "POST",
    url: null,
    key,
    // As the Worker makes them: names in lower case, values joined.
    headers: Object.fromEntries(new Headers(headers)),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
  };
}

export function presetNamed(name: string): Preset {
  const preset = findPreset(name);
  if (preset === null) throw new Error(`no preset ${name}`);
  return preset;
}
