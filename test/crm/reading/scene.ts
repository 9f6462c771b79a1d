/** What the tests of the reader share: a preset that signs nothing worth a word, and requests as the Worker makes them. */
import { findPreset } from "../../../src/crm/presets/index.ts";
import type { EventReading, Preset, Scheme, WebhookRequest } from "../../../src/domain/events/webhook.ts";

/** 2026-11-02T15:04:10Z. */
export const nowMs = 1_793_631_850_000;

export function presetNamed(name: string): Preset {
  const preset = findPreset(name);
  if (preset === null) throw new Error(`no preset ${name}`);
  return preset;
}

/** A preset that reads as it is told; all else is the plainest there is. */
export function reading(wanted: Partial<EventReading>, scheme: Partial<Scheme> = {}): Preset {
  return {
    name: "made-up",
    title: "Made up",
    settings: {},
    schemes: [
      {
        name: "path",
        title: "A secret in the address",
        recipe: () => ({ family: "secret", location: { in: "path" } }),
        reading: () => ({ split: "", id: [{ path: "id" }], type: [], typeDefault: "event", time: [], ...wanted }),
        tenant: null,
        unsignedFields: [],
        formats: ["json", "form", "xml"],
        answer: null,
        ...scheme,
      },
    ],
    publicSecrets: [],
    steps: [],
  };
}

/** Names of headers in lower case, as the Worker makes them. */
export function requestOf(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): WebhookRequest {
  return {
    method: "POST",
    url: null,
    key: null,
    headers: Object.fromEntries(new Headers(headers)),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
  };
}
